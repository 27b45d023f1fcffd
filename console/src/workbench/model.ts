/** What features contribute to the workbench, as data. The shell knows these shapes and no feature. */
import type { ComponentType, ReactNode } from 'react';
import type { z } from 'zod';
import type { Message } from '../i18n/messages.ts';
import type { CommandContribution, KeybindingContribution, MenuContribution } from './commands/model.ts';
import type { WorkbenchServices } from './services.tsx';

export type { CommandContribution, KeybindingContribution, MenuContribution, ShownCommand } from './commands/model.ts';
export type { WorkbenchServices } from './services.tsx';

/** What an editor shows. `editor` and `subject` together are its identity; everything else may change while it is open. */
export interface EditorInput {
  /** Id of a contributed editor. */
  editor: string;
  /** The object, in the editor's own terms. */
  subject: string;
  title: string;
  /** A codicon, without its prefix. */
  icon: string;
  /** How the object is looked at: tab, range, filter. Part of the address, not of the identity. */
  params?: Readonly<Record<string, string>>;
}

/** What every editor is given. */
export interface EditorProps {
  input: EditorInput;
  params: Readonly<Record<string, string>>;
  /** Replaces the params and with them the address; adds no step to the history. */
  setParams(next: Record<string, string>): void;
  /** Names the tab, once the object's name is known. */
  setTitle(title: string): void;
  /** Whether leaving would lose something: the tab shows a dot and closing asks first. */
  setDirty(dirty: boolean): void;
  /** Whether this is the editor in front of the active group. */
  isActive: boolean;
}

/** A section of a view container; collapsible as soon as there are two. */
export interface ViewSection {
  id: string;
  title: Message;
  component: ComponentType;
  when?: string;
  /** In pixels, for what needs less than an equal part of the side bar. */
  height?: number;
}

/** A container of the side bar, with its icon in the activity bar. */
export interface ViewContainerContribution {
  id: string;
  title: Message;
  icon: string;
  order: number;
  /** Shown to those only for whom it holds when the workbench begins. */
  when?: string;
  sections: readonly ViewSection[];
  /** A hook: how many things wait there. 0 shows nothing. */
  badge?: () => number;
}

/** A tab of the panel below the editors. */
export interface PanelContribution {
  id: string;
  title: Message;
  order: number;
  component: ComponentType;
  /** A hook: what the tab counts. */
  badge?: () => number | string | undefined;
}

/** An editor and the addresses it answers to. */
export interface EditorContribution {
  id: string;
  component: ComponentType<EditorProps>;
  path: {
    /** The path and query of this input, beginning with `/`. Absolute: it shows the same to whoever opens it later. */
    build(input: EditorInput): string;
    /** The input of an address, or `undefined` if it is another editor's. `path` is as in the address, percent-encoded: see `segmentsOf`. */
    parse(path: string, query: URLSearchParams): EditorInput | undefined;
  };
  /** A hook: where the object is, outermost first, ending with itself. Without it, its title. */
  breadcrumbs?: (input: EditorInput) => readonly string[];
}

/** An item of the status bar. */
export interface StatusContribution {
  id: string;
  side: 'left' | 'right';
  order: number;
  component: ComponentType;
}

/** Settings that belong together. `user` ones follow the user, `server` ones are the installation's and need the owner's role. */
export interface SettingContribution {
  section: string;
  title: Message;
  scope: 'user' | 'server';
  settings: readonly SettingDefinition[];
}

export interface SettingDefinition {
  /** Dotted, its section first: `workbench.theme`. */
  key: string;
  title: Message;
  description: Message;
  schema: z.ZodType;
  kind: 'boolean' | 'choice' | 'number' | 'text';
  choices?: readonly { value: string; label: Message }[];
  default: unknown;
}

/** What the quick input offers for one prefix. Several may share a prefix; their items follow each other by `order`. */
export interface QuickAccessContribution {
  prefix: '' | '>' | '@' | '#' | ':';
  order: number;
  placeholder: Message;
  provide(query: string, services: WorkbenchServices, signal: AbortSignal): QuickItem[] | Promise<QuickItem[]>;
}

/** One row of the quick input. */
export interface QuickItem {
  id: string;
  label: string;
  /** Found like the label, not shown: the same in another language. */
  alias?: string | undefined;
  description?: string;
  detail?: string;
  icon?: string;
  /** As a keybinding contribution spells it; shown for the reader's system. */
  keybinding?: string;
  /** Why it cannot be chosen now. */
  disabledReason?: string;
  /** Where the query was found in `label`: from, to (exclusive). */
  matches?: readonly [number, number][];
  accept(services: WorkbenchServices): void;
}

/** Everything one feature brings. */
export interface Contribution {
  commands?: readonly CommandContribution[];
  keybindings?: readonly KeybindingContribution[];
  menus?: readonly MenuContribution[];
  views?: readonly ViewContainerContribution[];
  panels?: readonly PanelContribution[];
  editors?: readonly EditorContribution[];
  status?: readonly StatusContribution[];
  settings?: readonly SettingContribution[];
  quickAccess?: readonly QuickAccessContribution[];
  /** Opened when nothing else is. The first contribution that has one wins. */
  welcome?: EditorInput;
  /** Wrapped round the whole shell, the first outermost: live data, caches. They may use the workbench's services. */
  providers?: readonly ComponentType<{ children: ReactNode }>[];
}

/** All contributions as the shell takes them: joined, in order, checked. */
export interface Contributions {
  readonly commands: ReadonlyMap<string, CommandContribution>;
  readonly keybindings: readonly KeybindingContribution[];
  readonly menus: readonly MenuContribution[];
  readonly views: readonly ViewContainerContribution[];
  readonly panels: readonly PanelContribution[];
  readonly editors: ReadonlyMap<string, EditorContribution>;
  readonly status: readonly StatusContribution[];
  readonly settings: readonly SettingContribution[];
  readonly quickAccess: readonly QuickAccessContribution[];
  readonly welcome: EditorInput | undefined;
  readonly providers: readonly ComponentType<{ children: ReactNode }>[];
}

/** What identifies an open editor: the same input opens once. */
export function editorKey({ editor, subject }: Pick<EditorInput, 'editor' | 'subject'>): string {
  return `${editor}/${subject}`;
}

/**
 * Joins contributions into what the shell takes.
 *
 * @throws {Error} when two of a kind share an id, or a keybinding or menu names a command nobody contributed
 */
export function joinContributions(contributions: readonly Contribution[]): Contributions {
  const all = <K extends keyof Contribution>(kind: K): NonNullable<Contribution[K]>[] =>
    contributions.flatMap((contribution) => (contribution[kind] === undefined ? [] : [contribution[kind]]));
  const settings = all('settings').flat();
  unique(
    'settings',
    settings.flatMap((section) => section.settings.map(({ key }) => ({ id: key }))),
  );
  const views = unique('views', all('views').flat());
  unique(
    'view sections',
    views.flatMap(({ sections }) => sections),
  );
  const panels = unique('panels', all('panels').flat());
  const commands = unique('commands', all('commands').flat());
  const keybindings = all('keybindings').flat();
  const menus = all('menus').flat();
  const known = new Map(commands.map((command) => [command.id, command]));
  for (const { command } of [...keybindings, ...menus]) {
    if (!known.has(command)) throw new Error(`a keybinding or menu names ${command}, which is no command`);
  }
  const editors = unique('editors', all('editors').flat());
  const welcome = all('welcome')[0];
  if (welcome !== undefined && !editors.some(({ id }) => id === welcome.editor)) {
    throw new Error(`the welcome names ${welcome.editor}, which is no editor`);
  }
  return {
    commands: known,
    keybindings,
    menus,
    views: views.toSorted(byOrder),
    panels: panels.toSorted(byOrder),
    editors: new Map(editors.map((editor) => [editor.id, editor])),
    status: unique('status items', all('status').flat()).toSorted(byOrder),
    settings,
    quickAccess: all('quickAccess').flat().toSorted(byOrder),
    welcome,
    providers: all('providers').flat(),
  };
}

function byOrder(a: { order: number }, b: { order: number }): number {
  return a.order - b.order;
}

function unique<T extends { id: string }>(kind: string, items: readonly T[]): readonly T[] {
  const seen = new Set<string>();
  for (const { id } of items) {
    if (seen.has(id)) throw new Error(`two ${kind} have the id ${id}`);
    seen.add(id);
  }
  return items;
}
