import { expect, test } from 'vitest';
import type { AgentSummary } from '../../api/schemas.ts';
import { coverageByOffice, coveredPcs, notComplete, progressOf, type Stage, stageOf } from './coverage.ts';

type Report = AgentSummary['folders'][number];
const folder = { id: 'fld-a', seq: 10 };

const report = (facts: Partial<Report>): Report => ({
  id: folder.id,
  state: 'complete',
  reason: null,
  seq: 10,
  filesTotal: 4,
  filesDone: 4,
  bytesTotal: 100,
  bytesDone: 100,
  ...facts,
});

const pc = (hostname: string, folders: Report[], facts: Partial<AgentSummary> = {}): AgentSummary => ({
  id: `agent-${hostname}`,
  officeId: 'ofc-north',
  hostname,
  platform: 'linux',
  version: '1.0.0',
  state: 'online',
  lastSeenAtMs: 1,
  enrolledAtMs: 1,
  addresses: [],
  peers: 1,
  folders,
  ...facts,
});

test.each<[string, Report | undefined, Stage]>([
  ['has not reported', undefined, 'silent'],
  ['is complete at the head', report({}), 'complete'],
  ['is complete at an earlier entry', report({ seq: 9 }), 'behind'],
  ['is blocked', report({ state: 'blocked', reason: 'disk.full', bytesDone: 50 }), 'blocked'],
  ['starts', report({ state: 'starting', bytesDone: 0 }), 'starting'],
  ['has nothing yet', report({ state: 'syncing', bytesDone: 0 }), 'low'],
  ['has just under a half', report({ state: 'syncing', bytesDone: 49 }), 'low'],
  ['has a half', report({ state: 'syncing', bytesDone: 50 }), 'middle'],
  ['has nine tenths', report({ state: 'syncing', bytesDone: 90 }), 'high'],
  ['loads, and does not know how much', report({ state: 'syncing', bytesTotal: 0, bytesDone: 0 }), 'low'],
])('a PC that %s', (_, reported, stage) => {
  expect(stageOf(reported, folder.seq)).toBe(stage);
});

const offices = [
  { officeId: 'ofc-north', officeName: 'North' },
  { officeId: 'ofc-empty', officeName: 'Empty' },
];
const fleet = [
  pc('a', [report({})]),
  pc('b', [report({ state: 'blocked', reason: 'disk.full', bytesDone: 20 })]),
  pc('c', []),
  pc('d', [report({ state: 'syncing', bytesDone: 60 })]),
  pc('gone', [report({})], { state: 'revoked' }),
  pc('elsewhere', [report({})], { officeId: 'ofc-south' }),
];
const pcs = coveredPcs(fleet, folder, new Set(offices.map(({ officeId }) => officeId)));

test('offices count their PCs by stage; revoked PCs and other offices do not count', () => {
  const [north, empty] = coverageByOffice(offices, pcs);
  expect(north).toMatchObject({ total: 4, reporting: 3, bytesDone: 180, bytesTotal: 300 });
  expect(north?.counts).toEqual({
    complete: 1,
    behind: 0,
    high: 0,
    middle: 1,
    low: 0,
    starting: 0,
    blocked: 1,
    silent: 1,
  });
  expect(empty).toMatchObject({ total: 0, reporting: 0, bytesTotal: 0 });
});

test('what needs a person comes first, then what nobody knows, then what goes on by itself', () => {
  expect(notComplete(pcs).map(({ agent }) => agent.hostname)).toEqual(['b', 'c', 'd']);
});

test('a cell of the map lists its own PCs, complete ones as well', () => {
  expect(notComplete(pcs, { stage: 'complete' }).map(({ agent }) => agent.hostname)).toEqual(['a']);
  expect(notComplete(pcs, { officeId: 'ofc-empty' })).toEqual([]);
});

test('a folder’s line sums the PCs of its offices', () => {
  const progress = progressOf([{ ...folder, officeIds: ['ofc-north'] }], fleet);
  expect(progress.get('fld-a')).toEqual({
    total: 4,
    complete: 1,
    reporting: 3,
    blocked: 1,
    bytesDone: 180,
    bytesTotal: 300,
  });
});
