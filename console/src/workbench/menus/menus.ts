/** The menus of the workbench: what is in them, and the one that is open. */
import type { Commands } from '../commands/command-service.ts';
import type { ContextKeys } from '../commands/context-keys.ts';
import type { MenuContribution } from '../commands/model.ts';
import { type MenuEntry, menuGroups } from './menu-entries.ts';

/** A point of the page, or the element the menu belongs to. */
export type MenuPlace = { readonly x: number; readonly y: number } | HTMLElement;

/** What is open. */
export interface OpenMenu {
  readonly id: number;
  readonly menu: string;
  readonly at: MenuPlace;
  readonly argument: unknown;
  readonly groups: readonly (readonly MenuEntry[])[];
  /** What had the focus before, and gets it again. */
  readonly opener: HTMLElement | undefined;
}

/** Opens menus and says what is in them. */
export interface Menus {
  /** Opens a menu; `argument` goes to the command that is chosen. Opening it again at the same element closes it, as a menu button does. */
  openContext(menu: string, at: MenuPlace, argument?: unknown): void;
  close(): void;
  /** The entries of a menu now, by group. */
  entries(menu: string): readonly (readonly MenuEntry[])[];
  readonly current: OpenMenu | undefined;
  onDidChange(listener: () => void): () => void;
}

export interface MenusOptions {
  readonly menus: readonly MenuContribution[];
  readonly context: Pick<ContextKeys, 'holds'>;
  readonly commands: () => Pick<Commands, 'get'>;
}

/** Makes the menus; `ContextMenuHost` draws the open one. */
export function createMenus({ menus, context, commands }: MenusOptions): Menus {
  const listeners = new Set<() => void>();
  let current: OpenMenu | undefined;
  let lastId = 0;
  const show = (next: OpenMenu | undefined) => {
    if (next === current) return;
    current = next;
    for (const listener of [...listeners]) listener();
  };
  const entries = (menu: string) =>
    menuGroups(menu, menus, { holds: (when) => context.holds(when), command: (id) => commands().get(id) });
  return {
    openContext: (menu, at, argument) => {
      if (current?.menu === menu && current.at === at) return show(undefined);
      lastId += 1;
      const focused = document.activeElement;
      const opener = at instanceof HTMLElement ? at : focused instanceof HTMLElement ? focused : undefined;
      show({ id: lastId, menu, at, argument, groups: entries(menu), opener: current?.opener ?? opener });
    },
    close: () => show(undefined),
    entries,
    get current() {
      return current;
    },
    onDidChange: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
