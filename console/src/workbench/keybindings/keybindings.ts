/**
 * The keys of the workbench: the contributions' defaults with the user's changes, what is pressed now, and where the changes are kept.
 * Commands and menus ask here for the key they show; the shortcut editor changes it.
 */
import type { ContextKeys } from '../commands/context-keys.ts';
import type { KeybindingContribution } from '../commands/model.ts';
import { compiledWhen, keysOfWhen } from '../commands/when.ts';
import { createDispatcher, type Dispatcher, type Timers } from './dispatcher.ts';
import { createResolver } from './resolver.ts';
import {
  type Binding,
  conflictsWith,
  effectiveBindings,
  isCommandModified,
  readUserRules,
  type UserRule,
  withBindingRemoved,
  withCommandReset,
  withKeyAdded,
  withKeyChanged,
} from './rules.ts';
import { keyLabel, type Platform } from './stroke.ts';

/** Where the user's rules are kept: the user state `keybindings`. */
export interface KeybindingStorage {
  /** What was saved last, or null. Not trusted: it is read rule by rule. */
  load(): Promise<unknown>;
  save(rules: readonly UserRule[]): void | Promise<void>;
}

/** What went wrong with the kept rules; the owner says it in words. */
export type KeybindingTrouble = 'not-loaded' | 'not-saved' | 'partly-refused';

export interface KeybindingsOptions {
  readonly keybindings: readonly KeybindingContribution[];
  readonly context: Pick<ContextKeys, 'holds'>;
  readonly platform: Platform;
  readonly storage: KeybindingStorage;
  readonly timers: Timers;
  canRun(command: string): boolean;
  run(command: string, argument: unknown): void;
  report(trouble: KeybindingTrouble, cause: unknown): void;
}

/** The keys and how to change them. */
export interface Keybindings {
  readonly platform: Platform;
  /** Every binding, weakest first; the same array until something changes. */
  all(): readonly Binding[];
  /** The key to show for a command: the user's, else the first default that applies now, else the first that could. */
  keyOf(command: string): string | undefined;
  /** {@link keyOf} as people of this platform write it. */
  labelOf(command: string): string | undefined;
  /** Any canonical key as people of this platform write it. */
  label(key: string): string;
  isModified(command: string): boolean;
  /** Bindings of other commands that would fight with this one. */
  conflictsWith(candidate: Pick<Binding, 'command' | 'key' | 'when'>): readonly Binding[];
  add(command: string, key: string): void;
  change(binding: Binding, key: string): void;
  remove(binding: Binding): void;
  reset(command: string): void;
  resetAll(): void;
  /** The user's rules as they are stored. */
  rules(): readonly UserRule[];
  /** What the status bar shows about a chord. */
  readonly chord: Pick<Dispatcher, 'state' | 'onDidChange'>;
  /** Begins to take keys of a window, until the returned function is called. */
  attach(target: Window): () => void;
  onDidChange(listener: () => void): () => void;
}

/** Makes the keys and begins to load the user's rules; until they are there, the defaults apply. */
export function createKeybindings(options: KeybindingsOptions): Keybindings {
  const { keybindings: defaults, context, platform, storage, report } = options;
  const listeners = new Set<() => void>();
  let rules: readonly UserRule[] = [];
  let bindings = effectiveBindings(defaults, rules);
  let resolve = createResolver(bindings, platform);
  const dispatcher = createDispatcher({
    platform,
    timers: options.timers,
    resolve: (pending, strokes, moment) => resolve(pending, strokes, moment),
    holds: (when) => context.holds(when),
    canRun: (command) => options.canRun(command),
    run: ({ command, argument }) => options.run(command, argument),
  });
  const show = (next: readonly UserRule[]) => {
    if (next === rules) return;
    rules = next;
    bindings = effectiveBindings(defaults, rules);
    resolve = createResolver(bindings, platform);
    for (const listener of [...listeners]) listener();
  };

  // Changes made before the stored rules are here wait and are applied on top of them, so that neither is lost.
  type Change = (before: readonly UserRule[]) => readonly UserRule[];
  let waiting: Change[] = [];
  let loaded = false;
  let loading = false;
  const save = async () => {
    try {
      await storage.save(rules);
    } catch (cause) {
      report('not-saved', cause);
    }
  };
  const load = async () => {
    if (loading) return;
    loading = true;
    try {
      const { rules: stored, refused } = readUserRules(await storage.load());
      loaded = true;
      if (refused > 0) report('partly-refused', undefined);
      const mine = waiting;
      waiting = [];
      show(mine.reduce((before, change) => change(before), stored));
      if (mine.length > 0) await save();
    } catch (cause) {
      report('not-loaded', cause);
    } finally {
      loading = false;
    }
  };
  const change = (apply: Change) => {
    show(apply(rules));
    if (loaded) {
      void save();
      return;
    }
    // Saving now could overwrite rules that merely have not arrived; so they are asked for once more.
    waiting.push(apply);
    void load();
  };
  void load();

  const keyOf = (command: string): string | undefined => {
    const own = bindings.filter((binding) => binding.command === command && binding.argument === undefined);
    const byUser = own.filter(({ source }) => source === 'user').toReversed();
    const byStrength = [...byUser, ...own.filter(({ source }) => source === 'default')];
    const inTabs = byStrength.filter(({ when }) => when === undefined || !keysOfWhen(compiledWhen(when)).has('isPwa'));
    return (byStrength.find(({ when }) => context.holds(when)) ?? inTabs[0])?.key;
  };
  const label = (key: string) => keyLabel(key, platform);
  return {
    platform,
    all: () => bindings,
    keyOf,
    labelOf: (command) => {
      const key = keyOf(command);
      return key === undefined ? undefined : label(key);
    },
    label,
    isModified: (command) => isCommandModified(rules, command),
    conflictsWith: (candidate) => conflictsWith(bindings, candidate),
    add: (command, key) => change((before) => withKeyAdded(before, { command, key })),
    change: (binding, key) => change((before) => withKeyChanged(before, binding, key)),
    remove: (binding) => change((before) => withBindingRemoved(before, binding)),
    reset: (command) => change((before) => withCommandReset(before, command)),
    resetAll: () => change(() => []),
    rules: () => rules,
    chord: dispatcher,
    attach: (target) => attachTo(target, dispatcher),
    onDidChange: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

/** Roles in which rows or cells have the focus and single letters may be commands. */
const LISTS = '[role="tree"],[role="treegrid"],[role="grid"],[role="table"],[role="listbox"],[role="list"]';
const NOT_TYPED_INTO = new Set(['button', 'checkbox', 'color', 'file', 'image', 'radio', 'range', 'reset', 'submit']);

/** An element with this attribute gets every key raw: the recorder of the shortcut editor. */
export const RECORDS_KEYS = 'data-records-keys';

function attachTo(target: Window, dispatcher: Dispatcher): () => void {
  const onKeyDown = (event: KeyboardEvent) => {
    const element = event.target instanceof Element ? event.target : undefined;
    // Behind a modal dialog nothing may happen, and a recorder wants the keys themselves.
    if (element?.closest(`[aria-modal="true"],[${RECORDS_KEYS}]`) != null) return;
    dispatcher.handle(event, { editable: isEditable(element), list: element?.closest(LISTS) != null });
  };
  const onBlur = () => dispatcher.cancel();
  // Capture: a tree's type-ahead must not swallow the second stroke of a chord.
  target.addEventListener('keydown', onKeyDown, { capture: true });
  target.addEventListener('blur', onBlur);
  return () => {
    target.removeEventListener('keydown', onKeyDown, { capture: true });
    target.removeEventListener('blur', onBlur);
  };
}

function isEditable(element: Element | undefined): boolean {
  if (element instanceof HTMLInputElement) return !NOT_TYPED_INTO.has(element.type);
  if (element instanceof HTMLTextAreaElement || element instanceof HTMLSelectElement) return true;
  return element instanceof HTMLElement && element.isContentEditable;
}
