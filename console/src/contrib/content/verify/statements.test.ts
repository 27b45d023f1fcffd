import { expect, test } from 'vitest';
import type { Verdict } from './finding.ts';
import { checkedStatements, findingStatement, isIncomplete, notCheckedStatements } from './statements.ts';

const right: Verdict = {
  finding: undefined,
  headSeq: 5,
  headAtMs: 1,
  entries: 5,
  headSignature: 'proved',
  key: 'bc02854bf437b7b9',
  segments: 1,
  snapshotSignature: 'proved',
  snapshot: 'proved',
  file: 'none',
  manifest: 'none',
  tookMs: 1,
};
const ids = (statements: readonly { message: { id: string } }[]) =>
  statements.map(({ message }) => message.id.replace('content.verify.', ''));

test('a right chain says what was proved, and what no browser can prove', () => {
  expect(ids(checkedStatements(right))).toEqual([
    'didHead',
    'didEntries',
    'didSegments',
    'didSnapshotSignature',
    'didSnapshot',
  ]);
  expect(ids(notCheckedStatements(right))).toEqual(['notKey', 'notManifests', 'notFiles']);
  expect(isIncomplete(right)).toBe(false);
});

test('a signature that could not be checked is not among the checked', () => {
  const verdict: Verdict = { ...right, headSignature: 'notChecked', snapshotSignature: 'notChecked' };
  expect(ids(checkedStatements(verdict))).not.toContain('didHead');
  expect(ids(notCheckedStatements(verdict))).toContain('notHead');
  expect(isIncomplete(verdict)).toBe(true);
});

test('what was right before the first fault is still said', () => {
  const verdict: Verdict = {
    ...right,
    entries: 2,
    segments: 0,
    snapshot: 'none',
    finding: { what: 'entryChanged', code: 'chain.link_mismatch', seq: 3 },
  };
  expect(findingStatement(verdict)).toMatchObject({ values: { seq: 3, from: 3, to: 3 } });
  expect(ids(checkedStatements(verdict))).toContain('didEntries');
});
