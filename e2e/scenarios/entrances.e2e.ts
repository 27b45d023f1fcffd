/**
 * Generated inputs at every way in: nothing crashes, nothing hangs, nothing fails without saying what, memory is bounded, and agents work on.
 * `npm run fuzz` sends ten thousand to each; here it is a handful of each kind, new ones in every run. HARP_FUZZ_SEED repeats one.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { entranceNames } from '../fuzz/entrances.ts';
import { type FuzzReport, fuzzEntrances } from '../fuzz/fuzz.ts';
import { seedOfRun } from '../fuzz/run.ts';
import { HANG_MS } from '../fuzz/tally.ts';
import { prepareFuzz } from '../fuzz/world.ts';
import { startWorld, type World } from '../harness/world.ts';

const INPUTS = 100;
/** Node grows its heap before it cleans up. Whoever kept what was sent would be far beyond. */
const GROWTH_MIB = 200;
const seed = seedOfRun();
let world: World;
let report: FuzzReport;

beforeAll(async () => {
  world = await startWorld({ offices: ['north', 'south'] });
  report = await fuzzEntrances(await prepareFuzz(world), { inputs: INPUTS, seed });
});
afterAll(() => world?.dispose());

describe(`inputs of HARP_FUZZ_SEED=${seed}`, () => {
  test.each(entranceNames)('leave the entrance “%s” as it was', (name) => {
    const tally = report.tallies.find(({ entrance }) => entrance === name);
    expect(tally?.faults).toEqual([]);
    expect(tally?.inputs).toBeGreaterThanOrEqual(INPUTS);
    expect(tally?.worstMs).toBeLessThanOrEqual(HANG_MS);
  });

  test('are of many kinds: whoever may come in gets some of them through, and others not', () => {
    for (const { entrance, outcomes } of report.tallies)
      expect(Object.keys(outcomes).length, `${entrance}: ${JSON.stringify(outcomes)}`).toBeGreaterThan(1);
  });

  test('leave every process running and agents at work, also one that comes afterwards', () => {
    expect(report.broken).toEqual([]);
    expect(report.beats).toBeGreaterThan(0);
  });

  test('are not kept in memory', () => {
    for (const { name, before, after } of report.memory) expect(after - before, name).toBeLessThan(GROWTH_MIB);
  });
});
