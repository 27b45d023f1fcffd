'use client';
/**
 * The commands of all contributions: runs them, says whether and why not, and under which key. Palette, menus, keys and tests go through here,
 * so that a command behaves the same whoever asks for it.
 */
import { useSyncExternalStore } from 'react';
import type { Timers } from '../keybindings/dispatcher.ts';
import {
  createKeybindings,
  type KeybindingStorage,
  type Keybindings,
  type KeybindingTrouble,
} from '../keybindings/keybindings.ts';
import { type Platform, platformOf } from '../keybindings/stroke.ts';
import type { Contributions } from '../model.ts';
import type { WorkbenchServices } from '../services.tsx';
import type { ContextKeys } from './context-keys.ts';
import { commandMessages } from './messages.ts';
import type { CommandContribution, ShownCommand } from './model.ts';
import { createRecents, type KeptTexts, type Recents } from './recents.ts';
import { compiledWhen } from './when.ts';

/** What can be done, and doing it. */
export interface Commands {
  /**
   * Runs a command. One that cannot run now, or fails, says so in a notification; the promise is fulfilled either way, since whoever pressed a
   * key has nobody to hand an error to.
   *
   * @throws {Error} when there is no such command
   */
  run(id: string, argument?: unknown): Promise<void>;
  isEnabled(id: string): boolean;
  /** Why it cannot run; undefined while it can. */
  whyDisabled(id: string): string | undefined;
  /** The key that runs it, as people of this platform write it. */
  keyFor(id: string): string | undefined;
  get(id: string): ShownCommand | undefined;
  /** Every command, by label. */
  all(): readonly ShownCommand[];
  /** What was chosen in the palette, newest first. */
  readonly recents: Recents;
  /** Calls `listener` when a command may have become able or unable to run, or got another key. */
  onDidChange(listener: () => void): () => void;
}

export interface CommandServiceOptions {
  readonly contributions: Pick<Contributions, 'commands' | 'keybindings' | 'menus'>;
  readonly context: ContextKeys;
  /** Read at the first command, not before: the services and this one are made together. */
  readonly services: () => WorkbenchServices;
  /** Where the user's keys are kept. */
  readonly storage: KeybindingStorage;
  /** Where recents are kept; default: this browser's. */
  readonly local?: KeptTexts | undefined;
  readonly platform?: Platform;
  readonly timers?: Timers;
}

export interface CommandService {
  readonly commands: Commands;
  readonly keybindings: Keybindings;
}

const RECENT_COMMANDS = 'harp.recent.commands';

/**
 * Makes commands and keys from the contributions. `keybindings.attach(window)` begins to take keys.
 *
 * @throws {WhenSyntaxError | KeySyntaxError} when a contribution's condition or key cannot be read
 */
export function createCommandService(options: CommandServiceOptions): CommandService {
  const { contributions, context, services, storage } = options;
  checkConditions(contributions);
  const recents = createRecents('local' in options ? options.local : browserStorage(), RECENT_COMMANDS);
  const commandOf = (id: string): CommandContribution => {
    const command = contributions.commands.get(id);
    if (command === undefined) throw new Error(`there is no command ${id}`);
    return command;
  };
  const isEnabled = (id: string) => {
    const command = contributions.commands.get(id);
    return command !== undefined && context.holds(command.when);
  };
  const labelOf = ({ category, title }: CommandContribution) => {
    const { text } = services();
    return text(commandMessages.label, { category: text(category), title: text(title) });
  };
  const reasonOf = (command: CommandContribution) =>
    context.holds(command.when) ? undefined : services().text(command.whenReason ?? commandMessages.notNow);

  const run = async (id: string, argument?: unknown) => {
    const command = commandOf(id);
    const { notifications, text } = services();
    const reason = reasonOf(command);
    if (reason !== undefined) {
      const message = text(commandMessages.cannotRun, { command: labelOf(command), reason });
      notifications.show({ severity: 'info', message, source: text(command.category) });
      return;
    }
    try {
      await command.run(services(), argument);
    } catch (error) {
      const cause = causeOf(error) || text(commandMessages.unknownCause);
      const message = text(commandMessages.failed, { command: labelOf(command), cause });
      notifications.show({ severity: 'error', message, source: text(command.category) });
    }
  };

  const keybindings = createKeybindings({
    keybindings: contributions.keybindings,
    context,
    storage,
    platform: options.platform ?? platformOf(globalThis.navigator?.platform ?? ''),
    timers: options.timers ?? browserTimers,
    canRun: isEnabled,
    run: (command, argument) => void run(command, argument),
    report: (trouble, cause) => reportTrouble(services(), trouble, cause),
  });

  const shown = (command: CommandContribution): ShownCommand => {
    const { text } = services();
    const label = labelOf(command);
    const english = `${command.category.en}: ${command.title.en}`;
    const disabledReason = reasonOf(command);
    return {
      id: command.id,
      category: text(command.category),
      title: text(command.title),
      label,
      alias: english === label ? undefined : english,
      icon: command.icon,
      key: keybindings.labelOf(command.id),
      enabled: disabledReason === undefined,
      disabledReason,
      palette: command.palette !== false,
    };
  };
  const commands: Commands = {
    run,
    isEnabled,
    whyDisabled: (id) => reasonOf(commandOf(id)),
    keyFor: (id) => keybindings.labelOf(id),
    get: (id) => {
      const command = contributions.commands.get(id);
      return command === undefined ? undefined : shown(command);
    },
    all: () => [...contributions.commands.values()].map(shown).toSorted((a, b) => a.label.localeCompare(b.label)),
    recents,
    onDidChange: (listener) => {
      const stops = [context.onDidChange(listener), keybindings.onDidChange(listener)];
      return () => {
        for (const stop of stops) stop();
      };
    },
  };
  return { commands, keybindings };
}

/** A mistake in a condition shows at start, not when somebody first presses the key. */
function checkConditions({ commands, keybindings, menus }: CommandServiceOptions['contributions']): void {
  for (const { when } of [...commands.values(), ...keybindings, ...menus]) {
    if (when !== undefined) compiledWhen(when);
  }
}

function causeOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error ?? '');
}

function reportTrouble({ notifications, text }: WorkbenchServices, trouble: KeybindingTrouble, error: unknown): void {
  const cause = causeOf(error);
  const message = {
    'not-loaded': text(commandMessages.keysNotLoaded, { cause }),
    'not-saved': text(commandMessages.keysNotSaved, { cause }),
    'partly-refused': text(commandMessages.keysPartlyRefused),
  }[trouble];
  notifications.show({ severity: 'warning', message: message.trim(), source: text(commandMessages.keys) });
}

const browserTimers: Timers = {
  set: (run, delayMs) => window.setTimeout(run, delayMs),
  clear: (timer) => window.clearTimeout(timer as number),
};

/** This browser's storage, or none where it is forbidden. */
export function browserStorage(): KeptTexts | undefined {
  try {
    return globalThis.localStorage;
  } catch {
    return undefined;
  }
}

/** The key of a command, for tooltips; renders again when it changes. */
export function useKeyFor(commands: Commands, id: string): string | undefined {
  const read = () => commands.keyFor(id);
  return useSyncExternalStore(commands.onDidChange, read, read);
}
