import { expect, test } from 'vitest';
import { fleetQuery, queryForOffice } from './fleet-query.ts';
import { agentOf } from './testing/small-fleet.ts';

const north = { name: 'North Wing', region: 'Europe' };
const agent = agentOf({
  hostname: 'PC-NORTH-07',
  officeId: 'ofc-1',
  version: '1.4.2',
  platform: 'win32',
  addresses: ['10.4.0.7:47820'],
});

test.each([
  ['', true],
  ['pc-north', true],
  ['07 wing', true],
  ['-07', false],
  ['office:north', true],
  ['office:"North Wing"', true],
  ['-office:north', false],
  ['office:south', false],
  ['region:eur', true],
  ['region:none', false],
  ['state:online', true],
  ['state:offline', false],
  ['version:1.4', true],
  ['version:4.2', false],
  ['system:win', true],
  ['ip:10.4.0.', true],
  ['10.4.0.7', true],
  ['office:', true],
  ['<img onerror>', false],
])('%s: found %s', (query, found) => {
  expect(fleetQuery(query).matchesAgent(agent, north)).toBe(found);
});

test('who was never seen is offline too', () => {
  const unseen = agentOf({ state: 'offline', lastSeenAtMs: null });
  expect(fleetQuery('state:offline').matchesAgent(unseen, north)).toBe(true);
  expect(fleetQuery('state:never').matchesAgent(unseen, north)).toBe(true);
});

test('an office without agents is found by what offices have, not by what agents have', () => {
  expect(fleetQuery('north').matchesOffice(north)).toBe(true);
  expect(fleetQuery('region:none').matchesOffice({ name: 'x', region: null })).toBe(true);
  expect(fleetQuery('state:online').matchesOffice(north)).toBe(false);
});

test('the query for an office finds it whatever it is called', () => {
  for (const name of ['north', 'North Wing', '-x:y']) {
    expect(fleetQuery(queryForOffice(name)).matchesAgent(agent, { name, region: null })).toBe(true);
  }
});
