'use client';
/** What the workbench does for its features: one interface per service, and the hooks that reach them. */
import { createContext, useCallback, useContext, useSyncExternalStore } from 'react';
import type { Message } from '../i18n/messages.ts';
import type { Commands } from './commands/command-service.ts';
import type { ContextKeys } from './commands/context-keys.ts';
import type { Keybindings } from './keybindings/keybindings.ts';
import type { Menus } from './menus/menus.ts';
import type { EditorInput, SettingContribution } from './model.ts';
import type { Notifications } from './notifications/notifications.ts';
import type { QuickInput } from './quick-input/quick-input.ts';

/** Takes a listener back. */
export type Unsubscribe = () => void;

export interface OpenOptions {
  /** In a tab that the next preview replaces. Default false: the tab stays. */
  preview?: boolean;
  /** In the group to the right, which is made if there is none. */
  beside?: boolean;
  /** Whether the editor takes the keyboard focus. Default: not for previews. */
  focus?: boolean;
}

/** The editors, their groups and their history. Keys are those of `editorKey`; without one, the active editor is meant. */
export interface EditorsService {
  /** Shows the input: where it is open already, or in a new tab of the active group. */
  open(input: EditorInput, options?: OpenOptions): void;
  /** Opens what an address (path and query, as in a permalink) shows. False if no editor answers to it. */
  openAddress(address: string, options?: OpenOptions): boolean;
  close(key?: string): void;
  closeOthers(key?: string): void;
  closeToTheRight(key?: string): void;
  closeAll(): void;
  reopenClosed(): void;
  /** Makes a preview tab stay. */
  keep(key?: string): void;
  /** Shows the active editor a second time, in a group to the right. */
  split(key?: string): void;
  /** Moves the active editor to the neighbouring group; beyond the last one, to a new one. */
  moveToGroup(direction: 'left' | 'right', key?: string): void;
  focusGroup(direction: 'left' | 'right'): void;
  /** Makes the active group larger or smaller by a step; its neighbours get or give the room. */
  resizeGroup(by: 1 | -1): void;
  /** The next or previous tab of the active group, round the end. */
  step(by: 1 | -1): void;
  back(): void;
  forward(): void;
  /** Puts the keyboard focus into the active editor, or on what is shown instead. */
  focus(): void;
  /** The full address of an editor, for others to open. */
  permalink(key?: string): string;
  readonly active: EditorInput | undefined;
  list(): readonly EditorInput[];
  onDidChange(listener: () => void): Unsubscribe;
}

/** The parts round the editors. */
export type Part = 'title' | 'activity' | 'sideBar' | 'editors' | 'panel' | 'status';

/** Which parts are there, how large, and which has the focus. */
export interface LayoutService {
  /** Shows a view container and focuses it. */
  showView(id: string): void;
  /** Shows the container at a place of the activity bar, counted from 1. False if there is none. */
  showViewAt(place: number): boolean;
  /** Shows a panel and focuses it. */
  showPanel(id: string): void;
  /** Puts the next or previous panel in front, round the end, and focuses it. */
  stepPanel(by: 1 | -1): void;
  toggleSideBar(): void;
  togglePanel(): void;
  hidePanel(): void;
  toggleMaximizedPanel(): void;
  focusPart(part: Part): void;
  /** Moves the focus to the next part that is shown, round the end. */
  cyclePart(by: 1 | -1): void;
  /** Everything as it was on the first day: sizes, visible parts, views, groups. */
  reset(): void;
  /** How much room there is; the shell shows less when there is less. */
  readonly room: 'full' | 'medium' | 'narrow' | 'phone';
  onDidChange(listener: () => void): Unsubscribe;
}

/** Values of the contributed settings: what was set, or the default. */
export interface SettingsService {
  /** Fits the setting's schema: a stored value that does not is as good as none. */
  get<T>(key: string): T;
  /** Keeps the value, at once here and soon on the server. @throws {Error} if it does not fit the schema */
  set(key: string, value: unknown): void;
  reset(key: string): void;
  isModified(key: string): boolean;
  /** Everything that was set, by key; what the JSON form of a scope shows. */
  modified(scope: 'user' | 'server'): Readonly<Record<string, unknown>>;
  /** The contributed settings, in order. */
  readonly sections: readonly SettingContribution[];
  /** Whether this user may change settings of the scope. */
  canWrite(scope: 'user' | 'server'): boolean;
  onDidChange(listener: () => void): Unsubscribe;
}

/** Everything a feature may ask of the workbench. One object for the workbench's lifetime. */
export interface WorkbenchServices {
  readonly editors: EditorsService;
  readonly commands: Commands;
  readonly keybindings: Keybindings;
  /** Facts that `when` clauses speak of. */
  readonly context: ContextKeys;
  readonly layout: LayoutService;
  readonly notifications: Notifications;
  readonly quickInput: QuickInput;
  readonly settings: SettingsService;
  readonly menus: Menus;
  /** Says a message in the user's language; for code outside components, which have `useText`. */
  text(message: Message, values?: Record<string, string | number>): string;
}

const ServicesContext = createContext<WorkbenchServices | undefined>(undefined);

/** Gives the services to everything below. */
export const WorkbenchProvider = ServicesContext.Provider;

/** The workbench's services; the same object every time. @throws {Error} outside a workbench */
export function useWorkbench(): WorkbenchServices {
  const services = useContext(ServicesContext);
  if (services === undefined) throw new Error('useWorkbench is used outside a workbench');
  return services;
}

/** A setting's value; renders again when it changes. */
export function useSetting<T>(key: string): T {
  const { settings } = useWorkbench();
  return useSyncExternalStore(
    settings.onDidChange,
    () => settings.get<T>(key),
    () => settings.get<T>(key),
  );
}

/** A context key's value; renders again when it changes. */
export function useContextKey(key: string): unknown {
  const { context } = useWorkbench();
  const read = useCallback(() => context.get(key), [context, key]);
  return useSyncExternalStore(context.onDidChange, read, read);
}

/** The editor in front; renders again when it is another one. */
export function useActiveEditor(): EditorInput | undefined {
  const { editors } = useWorkbench();
  const read = () => editors.active;
  return useSyncExternalStore(editors.onDidChange, read, read);
}
