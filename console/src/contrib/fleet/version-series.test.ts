import { expect, test } from 'vitest';
import { shownVersions } from './version-series.ts';

const base = { fromMs: 0, toMs: 30, stepMs: 10 };
const present = (counts: Record<string, number>) =>
  Object.entries(counts).map(([version, agents]) => ({ version, agents, online: agents, blocked: 0 }));

test('up to five versions have a series each; a slot nobody counted in is a gap', () => {
  const { series, points } = shownVersions(
    {
      ...base,
      versions: ['2.0', '1.0'],
      points: [
        { atMs: 0, agents: [1, 9] },
        { atMs: 20, agents: [6, 4] },
      ],
      present: present({ '2.0': 6, '1.0': 4 }),
    },
    'others',
  );
  expect(series.map(({ label }) => label)).toEqual(['2.0', '1.0']);
  expect(points.map(({ values }) => values)).toEqual([{ 'v:2.0': 1, 'v:1.0': 9 }, {}, { 'v:2.0': 6, 'v:1.0': 4 }]);
});

test('of many versions those that most agents run are named, the rest is counted together', () => {
  const versions = ['9', '8', '7', '6', '5', '4', '3'];
  const { series, points } = shownVersions(
    {
      ...base,
      versions,
      points: [{ atMs: 0, agents: [1, 2, 3, 4, 5, 6, 7] }],
      present: present({ 9: 1, 8: 2, 7: 3, 6: 4, 5: 5, 4: 6, 3: 7 }),
    },
    'others',
  );
  expect(series.map(({ label }) => label)).toEqual(['6', '5', '4', '3', 'others']);
  expect(points[0]?.values.others).toBe(6);
});

test('no version at all is no series', () => {
  expect(shownVersions({ ...base, versions: [], points: [], present: [] }, 'others').series).toEqual([]);
});
