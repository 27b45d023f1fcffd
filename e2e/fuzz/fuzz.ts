/** Gives every entrance its inputs while a good agent works, and then looks whether everything is as it was. */
import { statusOf } from '../harness/agent-status.ts';
import { startHeartbeat } from '../harness/heartbeat.ts';
import { usageOf } from '../harness/usage.ts';
import { entrancesOf } from './entrances.ts';
import type { Run } from './run.ts';
import type { Tally } from './tally.ts';
import { type FuzzWorld, processesOf } from './world.ts';

export interface FuzzReport {
  tallies: readonly Tally[];
  /** What each process had resident after the first inputs and at the end, in MiB. */
  memory: readonly { name: string; before: number; after: number }[];
  /** Changes that reached the good agent meanwhile. */
  beats: number;
  /** What is not as it was: a process that is another one, an agent that gets nothing any more. */
  broken: readonly string[];
}

/** Inputs before memory is looked at the first time: what is loaded and compiled at first use is no growth. */
const WARM_UP = 100;

/** One entrance after the other. `say` hears how far it is. */
export async function fuzzEntrances(
  fuzz: FuzzWorld,
  run: Run,
  say: (text: string) => void = () => undefined,
): Promise<FuzzReport> {
  const entrances = await entrancesOf(fuzz);
  const processes = processesOf(fuzz);
  const heartbeat = startHeartbeat(fuzz.world, fuzz.good, 'Projects');
  const warmUp = { inputs: Math.min(WARM_UP, Math.ceil(run.inputs / 10)), seed: run.seed + 1_000_000 };
  for (const { send } of entrances) await send(warmUp);
  const before = processes.map(({ pid }) => residentMiB(pid));
  const tallies: Tally[] = [];
  for (const { name, send } of entrances) {
    say(`${name} …`);
    const tally = await send(run);
    tallies.push(tally);
    say(
      `${name}: ${tally.inputs} inputs in ${tally.seconds} s, worst ${tally.worstMs} ms (${tally.worst}), ${JSON.stringify(tally.outcomes)}`,
    );
    for (const fault of tally.faults) say(`  FAULT in ${name} #${fault.index}: ${fault.why} ${fault.input}`);
  }
  const broken = [await notMet(() => heartbeat.stop()), await notMet(() => syncs(fuzz))].filter(
    (why) => why !== undefined,
  );
  const now = processesOf(fuzz);
  for (const [index, { name, pid }] of processes.entries())
    if (now[index]?.pid !== pid) broken.push(`${name} is another process than before`);
  const memory = now.map(({ name, pid }, index) => ({ name, before: before[index]!, after: residentMiB(pid) }));
  return { tallies, memory, beats: heartbeat.beats, broken };
}

/** A PC that comes now is let in, and it and the good one get what is put there now. */
async function syncs({ world, good }: FuzzWorld): Promise<void> {
  const [newcomer] = await world.addAgents('north', ['newcomer']);
  await world.cloud.putGenerated('/Projects/afterwards.txt', 1000, 'afterwards');
  await world.delivered([good, newcomer!], 'Projects', ['first.txt', 'afterwards.txt'], 30_000);
  if (statusOf(good)?.broker.connected !== true) throw new Error('the good agent is not connected');
}

async function notMet(what: () => Promise<void>): Promise<string | undefined> {
  try {
    await what();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const residentMiB = (pid: number) => Math.round(usageOf(pid).rssBytes / 2 ** 20);
