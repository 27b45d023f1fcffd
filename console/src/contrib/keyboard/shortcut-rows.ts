/** The rows of the shortcut editor: every key of every command, and the commands without one; what is searched in them. */
import { parseQuery } from '../../ui/query.ts';
import type { Binding } from '../../workbench/keybindings/rules.ts';
import { normaliseKey } from '../../workbench/keybindings/stroke.ts';
import type { ShownCommand } from '../../workbench/model.ts';

/** One key of a command, or a command without a key. */
export interface ShortcutRow {
  /** The command and which of its keys: it stays the same when the key changes, so that focus and selection stay. */
  readonly id: string;
  readonly command: ShownCommand;
  readonly binding: Binding | undefined;
  /** The key as people of this platform write it. */
  readonly keyLabel: string | undefined;
  /** Labels of the other commands that the same key may run. */
  readonly conflicts: readonly string[];
  readonly isModified: boolean;
}

/** What the rows are made from; the key service has all of it but the commands. */
export interface ShortcutFacts {
  readonly commands: readonly ShownCommand[];
  readonly bindings: readonly Binding[];
  label(key: string): string;
  conflictsWith(binding: Binding): readonly Binding[];
  isModified(command: string): boolean;
}

/** The rows in the order of the commands; several keys of one command stand together, the user's first. */
export function shortcutRows({
  commands,
  bindings,
  label,
  conflictsWith,
  isModified,
}: ShortcutFacts): readonly ShortcutRow[] {
  const byCommand = new Map<string, Binding[]>();
  for (const binding of bindings) {
    const own = byCommand.get(binding.command);
    if (own === undefined) byCommand.set(binding.command, [binding]);
    else if (binding.source === 'user') own.unshift(binding);
    else own.push(binding);
  }
  const labels = new Map(commands.map((command) => [command.id, command.label]));
  return commands.flatMap((command): ShortcutRow[] => {
    const modified = isModified(command.id);
    const own = byCommand.get(command.id);
    if (own === undefined) {
      // A command that needs an argument can be given a key only by whoever knows the argument.
      if (!command.palette) return [];
      return [
        { id: command.id, command, binding: undefined, keyLabel: undefined, conflicts: [], isModified: modified },
      ];
    }
    return own.map((binding, place) => ({
      id: rowId(command.id, place),
      command,
      binding,
      keyLabel: label(binding.key),
      conflicts: [...new Set(conflictsWith(binding).map((other) => labels.get(other.command) ?? other.command))],
      isModified: modified,
    }));
  });
}

function rowId(command: string, place: number): string {
  return `${command} ${place}`;
}

/** Terms of the search: `key:"ctrl+k"`, `source:user`, `is:conflict`, `is:changed`. */
export const SEARCH_KEYS = ['key', 'source', 'is'] as const;

/** The rows that a search finds. Words are looked for everywhere; a key is found by its beginning, stroke by stroke. */
export function searchRows(rows: readonly ShortcutRow[], search: string): readonly ShortcutRow[] {
  const terms = parseQuery(search, SEARCH_KEYS);
  if (terms.length === 0) return rows;
  return rows.filter((row) =>
    terms.every(({ key, value, isNegated }) => value === '' || fits(row, key, value.toLowerCase()) !== isNegated),
  );
}

function fits(
  { command, binding, keyLabel, conflicts, isModified }: ShortcutRow,
  term: string | undefined,
  wanted: string,
): boolean {
  switch (term) {
    case 'key':
      return binding !== undefined && `${binding.key} `.startsWith(`${canonical(wanted)} `);
    case 'source':
      return binding?.source.startsWith(wanted) ?? false;
    case 'is':
      return ('conflict'.startsWith(wanted) && conflicts.length > 0) || ('changed'.startsWith(wanted) && isModified);
    default:
      return [command.label, command.alias, command.id, keyLabel, binding?.key, binding?.when].some((text) =>
        text?.toLowerCase().includes(wanted),
      );
  }
}

function canonical(key: string): string {
  try {
    return normaliseKey(key);
  } catch {
    // Half a key, as it is typed: it finds what begins like it literally.
    return key;
  }
}
