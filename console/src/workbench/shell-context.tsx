'use client';
/** What the shell's own parts share beyond the services that features see. */
import { createContext, useContext, useSyncExternalStore } from 'react';
import type { EditorsStore, EditorsView } from './editors/editor-service.ts';
import type { LayoutStore, LayoutView } from './layout/layout-service.ts';
import type { Contributions, WorkbenchServices } from './model.ts';

export interface Shell {
  readonly services: WorkbenchServices;
  readonly contributions: Contributions;
  readonly editors: EditorsStore;
  readonly layout: LayoutStore;
  /** Who is signed in. */
  readonly userName: string;
}

const ShellContext = createContext<Shell | undefined>(undefined);

export const ShellProvider = ShellContext.Provider;

/** The shell around this part. @throws {Error} outside of it */
export function useShell(): Shell {
  const shell = useContext(ShellContext);
  if (shell === undefined) throw new Error('a part of the shell is used outside of it');
  return shell;
}

const DrawnContext = createContext(false);

export const DrawnProvider = DrawnContext.Provider;

/**
 * Whether the parts of the shell are on the page. What features show in them waits for that: their scripts come after the shell's and do not
 * compete with them for the line.
 */
export function useIsDrawn(): boolean {
  return useContext(DrawnContext);
}

/** The layout; renders again when any of it changes. */
export function useLayout(): LayoutView {
  const { layout } = useShell();
  const read = () => layout.view;
  return useSyncExternalStore(layout.onDidChange, read, read);
}

/** The editors; renders again when any of it changes. */
export function useEditors(): EditorsView {
  const { editors } = useShell();
  const read = () => editors.view;
  return useSyncExternalStore(editors.onDidChange, read, read);
}
