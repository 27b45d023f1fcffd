/** What a feature says about its commands, keys and menu entries. Shapes only: the registries beside this file give them their meaning. */
import type { Message } from '../../i18n/messages.ts';
import type { WorkbenchServices } from '../services.tsx';

/** Something a person can do. Palette, menus, keys and tests all go through `id`. */
export interface CommandContribution {
  /** `harp.transfers.open`. */
  id: string;
  category: Message;
  title: Message;
  /** A codicon, for toolbars and hover actions. */
  icon?: string;
  /** When the command can run; in the grammar of `when.ts`. Absent: always. */
  when?: string;
  /** Why it cannot run, shown where the command is listed while `when` does not hold. */
  whenReason?: Message;
  /** False keeps it out of the palette: it needs an argument that only a menu or a key can give. */
  palette?: boolean;
  run(services: WorkbenchServices, argument?: unknown): void | Promise<void>;
}

/** A default key of a command. People may remap it. */
export interface KeybindingContribution {
  command: string;
  /** `ctrl+k ctrl+s`, `alt+w`, `f6`. `ctrl` means ⌘ on macOS; write `ctrl+k` first for a chord. */
  key: string;
  /** When the key applies, beside the command's own `when`. */
  when?: string;
  argument?: unknown;
}

/** An entry of a menu. Entries of one group stand together; groups are in alphabetical order, `navigation` first. */
export interface MenuContribution {
  /** `view/title`, `tree/context`, `tab/context`, `editor/title`, `manage`, `account`. */
  menu: string;
  command: string;
  /** When the entry is shown at all. A shown entry whose command cannot run is dimmed. */
  when?: string;
  group?: string;
  order?: number;
}

/** A command as people see it now, in their language. */
export interface ShownCommand {
  id: string;
  category: string;
  title: string;
  /** `Category: Title`. */
  label: string;
  /** The label in English when the language is another one, so that what a manual or colleague says can be typed. */
  alias: string | undefined;
  icon: string | undefined;
  /** The key that runs it, written for this platform. */
  key: string | undefined;
  enabled: boolean;
  /** Why it cannot run; undefined while it can. */
  disabledReason: string | undefined;
  /** Whether the palette lists it. */
  palette: boolean;
}
