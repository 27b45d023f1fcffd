import { expect, test } from 'vitest';
import type { TransferRow } from '../../api/schemas.ts';
import { filterTransfers, groupTransfers, lanShare } from './transfer-groups.ts';

const row = (differs: Partial<TransferRow>): TransferRow => ({
  folderId: 'f1',
  folderName: 'Plans',
  officeId: 'o1',
  officeName: 'North',
  path: 'a/b.dwg',
  seq: 1,
  sizeBytes: 100,
  agentsDone: 2,
  agentsTotal: 3,
  fromPeers: 90,
  fromOrigin: 100,
  fromLocal: 10,
  firstAtMs: 1,
  lastAtMs: 2,
  tookMsMax: 5,
  ...differs,
});
const rows = [
  row({}),
  row({ seq: 2, path: 'c.tmp', lastAtMs: 9 }),
  row({
    officeId: 'o2',
    officeName: 'South',
    folderId: 'f2',
    folderName: 'Photos',
    fromPeers: 0,
    fromOrigin: 0,
    fromLocal: 0,
  }),
];

test.each([
  ['', 3],
  ['office:north', 2],
  ['folder:Photos', 1],
  ['-.tmp', 2],
  ['plans b.dwg', 1],
])('"%s" shows %i', (text, count) => {
  expect(filterTransfers(rows, text)).toHaveLength(count);
});

test('a group adds up what its files moved', () => {
  expect(groupTransfers(rows, 'office')[0]).toMatchObject({
    name: 'North',
    files: 2,
    sizeBytes: 200,
    fromPeers: 180,
    fromOrigin: 200,
    agentsDone: 4,
    agentsTotal: 6,
    lastAtMs: 9,
  });
  expect(groupTransfers(rows, 'folder').map(({ name }) => name)).toEqual(['Plans', 'Photos']);
});

test('a share of nothing is unknown, not zero', () => {
  expect(lanShare(rows[2]!)).toBeNull();
  expect(lanShare(rows[0]!)).toBeCloseTo(0.45);
});
