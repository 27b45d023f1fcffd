/** The audit's editors as inputs and addresses: the log with what it is filtered by, and one entry. */
import { paramsOf, pathOf, segmentsOf } from '../../workbench/editors/address.ts';
import type { EditorContribution, EditorInput } from '../../workbench/model.ts';
import { auditText } from './messages.ts';

export const AUDIT_VIEW = 'harp.view.audit';
export const LOG_EDITOR = 'harp.editor.audit';
export const ENTRY_EDITOR = 'harp.editor.audit-entry';

/** What the log is filtered by; days as in an address, `2026-11-23`, UTC. */
export const filterNames = ['actor', 'action', 'object', 'day'] as const;
export type AuditFilterParams = Partial<Record<(typeof filterNames)[number], string>>;

/** The log. There is one such editor; what it is filtered by are its params. */
export function logInput(title: string, filter: AuditFilterParams = {}): EditorInput {
  return { editor: LOG_EDITOR, subject: 'log', title, icon: 'history', params: chosen(filter) };
}

/** One entry. */
export function entryInput(seq: number | string, title: string): EditorInput {
  return { editor: ENTRY_EDITOR, subject: String(seq), title, icon: 'history' };
}

/** What of the params is a filter, without what is empty. */
export function chosen(params: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    filterNames.flatMap((name) => {
      const value = params[name];
      return value === undefined || value === '' ? [] : [[name, value] as const];
    }),
  );
}

export const logPath: EditorContribution['path'] = {
  build: ({ params = {} }) => pathOf(['audit'], chosen(params)),
  parse(path, query) {
    const segments = segmentsOf(path);
    if (segments?.length !== 1 || segments[0] !== 'audit') return undefined;
    return logInput(auditText.log.en, chosen(paramsOf(query)));
  },
};

export const entryPath: EditorContribution['path'] = {
  build: ({ subject }) => pathOf(['audit', subject]),
  parse(path) {
    const [kind, seq, ...rest] = segmentsOf(path) ?? [];
    if (kind !== 'audit' || seq === undefined || rest.length > 0 || !/^\d{1,10}$/.test(seq)) return undefined;
    return entryInput(seq, `${auditText.entry.en} ${seq}`);
  },
};

/** The ends of a day, UTC milliseconds; undefined if it is none. */
export function rangeOfDay(day: string | undefined): { from: number; to: number } | undefined {
  if (day === undefined || !/^\d{4}-\d{2}-\d{2}$/.test(day)) return undefined;
  const from = Date.parse(`${day}T00:00:00Z`);
  return Number.isNaN(from) ? undefined : { from, to: from + 86_400_000 };
}

/** Where an object is shown, if it has an editor. It may be gone by now; the editor says so. */
export function addressOfObject({ kind, id }: { kind: string; id: string }): string | undefined {
  const letters: Readonly<Record<string, string>> = { office: 'o', agent: 'a', folder: 'f', nextcloud: 'n' };
  if (kind === 'token') return pathOf(['enrolment', 'batch', id]);
  if (kind === 'rule') return pathOf(['enrolment', 'rules'], { rule: id });
  const letter = Object.hasOwn(letters, kind) ? letters[kind] : undefined;
  return letter === undefined ? undefined : pathOf([letter, id]);
}
