import { expect, test } from 'vitest';
import { savingsContribution } from './savings.contribution.ts';

const path = savingsContribution.editors![0]!.path;
const shownAt = (address: string) => {
  const { pathname, searchParams } = new URL(address, 'http://harp');
  return path.parse(pathname, searchParams);
};

test('a link names instants, so that it shows the same tomorrow', () => {
  const params = { office: 'ofc-1', range: 'today', from: '2026-11-22T23:00:00.000Z', to: '2026-11-23T13:05:00.000Z' };
  const address = path.build({ ...shownAt('/savings')!, params });
  expect(address).toBe('/savings?office=ofc-1&from=2026-11-22T23%3A00%3A00.000Z&to=2026-11-23T13%3A05%3A00.000Z');
  expect(shownAt(address)?.params).toEqual({ office: 'ofc-1', from: params.from, to: params.to });
});

test('what the console opens with has the plain address', () => {
  expect(path.build(savingsContribution.welcome!)).toBe('/savings');
});

test('other addresses belong to others', () => {
  expect(shownAt('/settings')).toBeUndefined();
  expect(shownAt('/savings/more')).toBeUndefined();
});
