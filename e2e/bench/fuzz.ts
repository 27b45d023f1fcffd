/**
 * Generated inputs at every way in, in numbers: what crashes, hangs or breaks, and what it costs.
 *
 *   npm run fuzz -- [--inputs 10000]
 *
 * It prints its seed; with HARP_FUZZ_SEED set to that it sends the same inputs again, but for ids that each fleet has of its own.
 */
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { fuzzEntrances } from '../fuzz/fuzz.ts';
import { seedOfRun } from '../fuzz/run.ts';
import { HANG_MS, type Tally } from '../fuzz/tally.ts';
import { prepareFuzz } from '../fuzz/world.ts';
import { startWorld } from '../harness/world.ts';
import { figure, printReport } from './report.ts';

const { values } = parseArgs({ options: { inputs: { type: 'string', default: '10000' } } });
const inputs = z.coerce.number().int().min(1).max(1_000_000).parse(values.inputs);
const seed = seedOfRun();
/** A process that kept something of every input would pass this with ten thousand of the larger ones. */
const GROWTH_MIB = 256;
const say = (text: string) => process.stderr.write(`fuzz: ${text}\n`);

say(`seed ${seed}`);
const world = await startWorld({ offices: ['north', 'south'] });
const { tallies, memory, beats, broken } = await fuzzEntrances(await prepareFuzz(world), { inputs, seed }, say);
for (const what of broken) say(`BROKEN: ${what}`);
for (const line of table(tallies)) say(line);
printReport(
  'fuzz',
  [
    ...tallies.flatMap(({ entrance, inputs: sent, faultCount, worstMs }) => [
      figure(`${entrance}Inputs`, sent, 'inputs', inputs, 'higher'),
      figure(`${entrance}Faults`, faultCount, 'faults', 0),
      figure(`${entrance}Worst`, worstMs, 'ms', HANG_MS),
    ]),
    ...memory.map(({ name, before, after }) => figure(`${name}Growth`, after - before, 'MiB', GROWTH_MIB)),
    figure('broken', broken.length, 'things', 0),
    figure('goodAgentChanges', beats, 'changes', 1, 'higher'),
  ],
  { seed, broken, memory, outcomes: Object.fromEntries(tallies.map(({ entrance, outcomes }) => [entrance, outcomes])) },
);
await world.dispose();
process.exit(0);

/** For people, who read the last line with difficulty. */
function table(rows: readonly Tally[]): string[] {
  const cells = [
    ['entrance', 'inputs', 'faults', 'worst ms', 'seconds', 'ended as'],
    ...rows.map(({ entrance, inputs: sent, faultCount, worstMs, seconds, outcomes }) => [
      entrance,
      String(sent),
      String(faultCount),
      String(worstMs),
      String(seconds),
      Object.entries(outcomes)
        .sort(([, a], [, b]) => b - a)
        .map(([outcome, count]) => `${outcome} ${count}`)
        .join(', '),
    ]),
  ];
  const widths = cells[0]!.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)));
  return cells.map((row) => row.map((cell, column) => cell.padEnd(column < 5 ? widths[column]! : 0)).join('  '));
}
