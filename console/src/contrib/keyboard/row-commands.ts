/** The commands for one row of the shortcut editor. Menus and buttons hand them the row; the palette cannot, so it does not list them. */
import type { CommandContribution, MenuContribution, WorkbenchServices } from '../../workbench/model.ts';
import { keyboardMessages as messages } from './messages.ts';
import type { ShortcutRow } from './shortcut-rows.ts';

/** A row and what only its editor can do with it. */
export interface RowTarget {
  readonly row: ShortcutRow;
  /** Asks for a key: a new one for this row, or another one for its command. */
  askKey(mode: 'change' | 'add'): void;
  search(text: string): void;
}

export const ROW_MENU = 'keyboard/context';

/** The search for a recorded key. */
export function searchForKey(key: string): string {
  return `key:"${key}"`;
}

function isTarget(argument: unknown): argument is RowTarget {
  return typeof argument === 'object' && argument !== null && 'row' in argument && 'askKey' in argument;
}

interface RowCommand {
  readonly id: string;
  readonly title: CommandContribution['title'];
  readonly icon: string;
  readonly group: string;
  run(target: RowTarget, services: WorkbenchServices): void | Promise<void>;
}

const info = ({ notifications, text }: WorkbenchServices, message: CommandContribution['title']) =>
  notifications.show({ severity: 'info', source: text(messages.category), message: text(message) });

const rowCommands: readonly RowCommand[] = [
  {
    id: 'harp.keyboard.change',
    title: messages.change,
    icon: 'edit',
    group: '1_key',
    run: (target) => target.askKey('change'),
  },
  { id: 'harp.keyboard.add', title: messages.add, icon: 'add', group: '1_key', run: (target) => target.askKey('add') },
  {
    id: 'harp.keyboard.remove',
    title: messages.remove,
    icon: 'trash',
    group: '2_change',
    run: ({ row }, services) => {
      if (row.binding === undefined) info(services, messages.hasNoKey);
      else services.keybindings.remove(row.binding);
    },
  },
  {
    id: 'harp.keyboard.reset',
    title: messages.reset,
    icon: 'discard',
    group: '2_change',
    run: ({ row }, services) => {
      if (row.isModified) services.keybindings.reset(row.command.id);
      else info(services, messages.isDefault);
    },
  },
  {
    id: 'harp.keyboard.showSame',
    title: messages.showSame,
    icon: 'search',
    group: '3_find',
    run: ({ row, search }, services) => {
      if (row.binding === undefined) info(services, messages.hasNoKey);
      else search(searchForKey(row.binding.key));
    },
  },
  {
    id: 'harp.keyboard.copyId',
    title: messages.copyId,
    icon: 'copy',
    group: '4_copy',
    run: async ({ row }, services) => {
      try {
        await navigator.clipboard.writeText(row.command.id);
      } catch {
        // Without a secure page there is no clipboard; the id is in a column as well.
        services.notifications.show({
          severity: 'warning',
          source: services.text(messages.category),
          message: services.text(messages.notCopied),
        });
      }
    },
  },
];

/** The commands as contributions. */
export const rowCommandContributions: readonly CommandContribution[] = rowCommands.map(({ id, title, icon, run }) => ({
  id,
  category: messages.category,
  title,
  icon,
  palette: false,
  run: (services, argument) => {
    if (isTarget(argument)) return run(argument, services);
    info(services, messages.selectFirst);
  },
}));

/** The same in the row's menu. */
export const rowMenuContributions: readonly MenuContribution[] = rowCommands.map(({ id, group }, order) => ({
  menu: ROW_MENU,
  command: id,
  group,
  order,
}));
