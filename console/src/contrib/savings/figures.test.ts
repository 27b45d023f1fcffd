import { expect, test } from 'vitest';
import type { OfficeSummary } from '../../api/schemas.ts';
import { gapsIn, rankOffices, savedOf, slotsOfSeries } from './figures.ts';

const office = (id: string, name: string): OfficeSummary => ({
  id,
  name,
  region: null,
  timeZone: null,
  subnets: [],
  agentsTotal: 3,
  agentsOnline: 2,
  folderIds: [],
  last24h: { fromPeers: 0, fromOrigin: 0, fromLocal: 0 },
});
const ratio = (officeId: string, officeName: string, fromPeers: number, fromOrigin: number) => ({
  officeId,
  officeName,
  region: null,
  agentsTotal: 3,
  agentsOnline: 2,
  fromPeers,
  fromOrigin,
  fromLocal: 0,
});

test('saved is what was delivered and did not cross the WAN', () => {
  expect(savedOf({ fromPeers: 70, fromLocal: 10, fromOrigin: 20 })).toEqual({ delivered: 100, saved: 80, share: 0.8 });
});

test('of nothing delivered nothing can be said', () => {
  expect(savedOf({ fromPeers: 0, fromLocal: 0, fromOrigin: 0 }).share).toBeNull();
});

test('a step without a report is a gap, one with zeros is not, one to come is neither', () => {
  const points = [
    { atMs: 0, fromPeers: 1, fromOrigin: 2, fromLocal: 3 },
    { atMs: 20, fromPeers: 0, fromOrigin: 0, fromLocal: 0 },
  ];
  const slots = slotsOfSeries(points, { fromMs: 0, toMs: 100, stepMs: 10 }, 35);
  expect(slots.map(({ atMs, fromPeers }) => [atMs, fromPeers])).toEqual([
    [0, 1],
    [10, null],
    [20, 0],
    [30, null],
  ]);
  expect(gapsIn(slots)).toBe(2);
});

test('offices are ranked worst first, those that got nothing at the end', () => {
  const ranked = rankOffices(
    [ratio('o1', 'North', 90, 10), ratio('o2', 'South', 5, 95)],
    [office('o1', 'North'), office('o2', 'South'), office('o3', 'East')],
  );
  expect(ranked.map(({ name, share }) => [name, share])).toEqual([
    ['South', 0.05],
    ['North', 0.9],
    ['East', null],
  ]);
});
