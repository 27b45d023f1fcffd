'use client';
/**
 * What the parts of this folder need from the page around them, so that they know no workbench: to run a command, to say which key runs it, and to
 * tell what has the focus. Without a provider they work all the same; only commands do nothing.
 */
import { createContext, type ReactNode, useContext } from 'react';

/** Where a menu opens: at the pointer, or at the element that has the focus. */
export type MenuPlace = { x: number; y: number } | HTMLElement;

/** The page as the parts of this folder see it. Every function must be stable or cheap to change. */
export interface UiHost {
  runCommand(id: string, argument?: unknown): void;
  /** The keys of a command as a person reads them, such as `Ctrl+K Ctrl+T`; `undefined` when it has none. */
  keyFor(id: string): string | undefined;
  /** Tells what holds now: `treeFocus`, `treeSelectionCount`. */
  setContext(key: string, value: unknown): void;
  /** Says something to people who do not see the page; politely, and rarely. */
  announce(sentence: string): void;
  /** Shows the log lines of a request; not there when this reader may not see them. */
  showOutput?(requestId: string): void;
}

const noHost: UiHost = {
  runCommand() {},
  keyFor: () => undefined,
  setContext() {},
  announce() {},
};

const Context = createContext<UiHost>(noHost);

/** Connects everything inside to the page. */
export function UiHostProvider({ host, children }: { host: UiHost; children: ReactNode }) {
  return <Context value={host}>{children}</Context>;
}

/** The page around this part. */
export function useUiHost(): UiHost {
  return useContext(Context);
}
