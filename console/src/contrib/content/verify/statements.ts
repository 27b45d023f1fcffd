/** From a verdict to sentences: what was found, what was checked and what was not. Pure. */
import type { Message } from '../../../i18n/messages.ts';
import type { Verdict } from './finding.ts';
import { verifyText } from './messages.ts';

/** A message with what fills it in. `atMs` is to be written as a date under the name `at`. */
export interface Statement {
  message: Message;
  values?: Readonly<Record<string, string | number>>;
  atMs?: number;
}

/** The first thing that is not right, in words; undefined when nothing was found. */
export function findingStatement({ finding }: Pick<Verdict, 'finding'>): Statement | undefined {
  if (finding === undefined) return undefined;
  const { what, seq = 0, from = seq, to = seq } = finding;
  return { message: verifyText[what], values: { seq, from, to } };
}

/** What was proved. Entries count even when something after them is wrong. */
export function checkedStatements(verdict: Verdict): Statement[] {
  const statements: Statement[] = [];
  if (verdict.headSignature === 'proved') {
    statements.push({
      message: verifyText.didHead,
      values: { seq: verdict.headSeq, key: verdict.key ?? '' },
      ...(verdict.headAtMs === undefined ? {} : { atMs: verdict.headAtMs }),
    });
  }
  if (verdict.entries > 0) statements.push({ message: verifyText.didEntries, values: { count: verdict.entries } });
  if (verdict.segments > 0) statements.push({ message: verifyText.didSegments, values: { count: verdict.segments } });
  if (verdict.snapshotSignature === 'proved') statements.push({ message: verifyText.didSnapshotSignature });
  if (verdict.snapshot === 'proved') statements.push({ message: verifyText.didSnapshot });
  if (verdict.file === 'proved') statements.push({ message: verifyText.didFile });
  if (verdict.manifest === 'proved') statements.push({ message: verifyText.didManifest });
  return statements;
}

/** What stays open, the reader's own part included: a key that comes with what it proves, proves nothing. */
export function notCheckedStatements(verdict: Verdict): Statement[] {
  const statements: Statement[] = [];
  if (verdict.headSignature === 'notChecked') statements.push({ message: verifyText.notHead });
  if (verdict.snapshotSignature === 'notChecked') statements.push({ message: verifyText.notSnapshotSignature });
  if (verdict.snapshot === 'notChecked') statements.push({ message: verifyText.notSnapshot });
  if (verdict.manifest === 'notChecked') statements.push({ message: verifyText.notManifest });
  if (verdict.key !== undefined) statements.push({ message: verifyText.notKey, values: { key: verdict.key } });
  statements.push({ message: verifyText.notManifests }, { message: verifyText.notFiles });
  return statements;
}

/** Whether something that could have been proved was not. */
export function isIncomplete({ headSignature, snapshotSignature, snapshot, manifest }: Verdict): boolean {
  return [headSignature, snapshotSignature, snapshot, manifest].includes('notChecked');
}
