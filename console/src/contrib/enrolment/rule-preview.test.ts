import { expect, test } from 'vitest';
import { type EnrolmentSummary, RuleRequest } from '../../api/schemas.ts';
import { waitingRow } from './enrolment-fixture.ts';
import { previewRule } from './rule-preview.ts';

const rule = (differs: object) => RuleRequest.parse({ name: 'r', ...differs });
const rows: EnrolmentSummary[] = [
  waitingRow({ id: '1', hostname: 'LYO-1', seenAddress: '10.4.0.1' }),
  waitingRow({ id: '2', hostname: 'lyo-2', seenAddress: '10.5.0.1' }),
  waitingRow({ id: '3', hostname: 'par-1', seenAddress: '10.4.0.2' }),
  waitingRow({ id: '4', hostname: 'LYO-4', seenAddress: '10.4.0.4', via: 'dns', needsCode: true }),
];
const preview = (differs: object, more: object = {}) => {
  const { matched, not, total } = previewRule({ ...rule(differs), ...more }, rows, 1000);
  return { ids: matched.map(({ id }) => id), not, total };
};

test.each([
  { differs: {}, ids: ['1', '2', '3'], not: [{ why: 'code', count: 1 }] },
  {
    differs: { hostname: 'lyo-*', cidrs: ['10.4.0.0/16'] },
    ids: ['1'],
    not: [
      { why: 'network', count: 1 },
      { why: 'hostname', count: 1 },
      { why: 'code', count: 1 },
    ],
  },
  {
    differs: { enabled: false },
    ids: [],
    not: [
      { why: 'disabled', count: 3 },
      { why: 'code', count: 1 },
    ],
  },
  {
    differs: { cap: 2 },
    ids: ['1', '2'],
    not: [
      { why: 'cap', count: 1 },
      { why: 'code', count: 1 },
    ],
  },
  {
    differs: { validFromMs: 2000 },
    ids: [],
    not: [
      { why: 'validity', count: 3 },
      { why: 'code', count: 1 },
    ],
  },
])('a rule $differs lets $ids in', ({ differs, ids, not }) => {
  expect(preview(differs)).toEqual({ ids, not, total: 4 });
});

test('nobody who claims the hardware of a PC that is enrolled', () => {
  const waiting = [...rows, waitingRow({ id: '5', cause: 'enrolment.duplicate' })];
  expect(previewRule(rule({ hostname: 'lyo-*' }), waiting, 1000).not).toContainEqual({ why: 'duplicate', count: 1 });
});

test('what it has let in before counts towards its limit, and a paused one lets nobody in', () => {
  expect(preview({ cap: 5 }, { used: 4 }).ids).toEqual(['1']);
  expect(preview({}, { pausedAtMs: 5 }).ids).toEqual([]);
});
