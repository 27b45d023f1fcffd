import { expect, test } from 'vitest';
import { silentLogger } from '../ports.ts';
import { fakeClock } from '../testing/fake-clock.ts';
import { createPart, partTimes, type RunningPart } from './part.ts';

/** A part whose lives the test steers. */
function harness() {
  const clock = fakeClock();
  const lives: { ready(said?: unknown): void; end(why?: string): void; asked: string[]; startedAtMs: number }[] = [];
  const heard: unknown[] = [];
  const launch = (): RunningPart => {
    const ready = deferred<unknown>();
    const ended = deferred<string>();
    const asked: string[] = [];
    const end = (why = 'exit code 1') => {
      ready.reject(new Error(why));
      ended.resolve(why);
    };
    lives.push({ ready: (said = {}) => ready.resolve(said), end, asked, startedAtMs: clock.nowMs() });
    return {
      pid: lives.length,
      ready: ready.promise,
      ended: ended.promise,
      terminate: () => void asked.push('terminate'),
      kill: () => {
        asked.push('kill');
        end('killed by SIGKILL');
      },
    };
  };
  const part = createPart({
    name: 'part',
    launch,
    onReady: (said) => void heard.push(said),
    onProcess: () => undefined,
    clock,
    logger: silentLogger,
    random: () => 0.5,
  });
  return { clock, lives, heard, part };
}

test('a part that ends is started again, each time after a longer wait, and soon again once it was healthy', async () => {
  const { clock, lives, heard, part } = harness();
  const started = part.start();
  lives[0]!.ready('first');
  await started;
  const waits: number[] = [];
  for (let life = 0; life < 8; life++) {
    const endedAtMs = clock.nowMs();
    lives[life]!.end();
    await clock.advance(0);
    while (lives.length === life + 1) await clock.advance(100);
    waits.push(lives[life + 1]!.startedAtMs - endedAtMs);
    lives[life + 1]!.ready(life);
    await clock.advance(0);
  }
  expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
  await clock.advance(partTimes.healthyAfterMs);
  const endedAtMs = clock.nowMs();
  lives[8]!.end();
  await clock.advance(0);
  await clock.advance(500);
  expect(lives[9]!.startedAtMs - endedAtMs).toBe(500);
  expect(heard).toHaveLength(9);
});

test('a first start that fails three times is given up', async () => {
  const { clock, lives, part } = harness();
  const started = part.start();
  const refused = expect(started).rejects.toMatchObject({ code: 'supervisor.part_failed' });
  for (let life = 0; life < 3; life++) {
    lives[life]!.end('exit code 7');
    await clock.advance(0);
    await clock.advance(2000);
  }
  await refused;
  await clock.advance(600_000);
  expect(lives).toHaveLength(3);
});

test('a part that does not get ready is killed and started again', async () => {
  const { clock, lives, part } = harness();
  void part.start();
  await clock.advance(partTimes.readyWithinMs);
  expect(lives[0]!.asked).toContain('kill');
  await clock.advance(500);
  expect(lives).toHaveLength(2);
});

test('a part that is told to stop is asked, then forced, and not started again', async () => {
  const { clock, lives, part } = harness();
  const started = part.start();
  lives[0]!.ready();
  await started;
  const stopped = part.stop();
  expect(lives[0]!.asked).toEqual(['terminate']);
  await clock.advance(partTimes.stopWithinMs);
  await stopped;
  expect(lives[0]!.asked).toContain('kill');
  await clock.advance(600_000);
  expect(lives).toHaveLength(1);
});

test('a stop while the part waits for its restart ends the waiting', async () => {
  const { clock, lives, part } = harness();
  const started = part.start();
  lives[0]!.end();
  await clock.advance(0);
  await part.stop();
  await started;
  expect(lives).toHaveLength(1);
});

/** A promise that is settled from outside. (Promise.withResolvers is not in Node 20.) */
function deferred<T>() {
  let resolve: (value: T) => void = () => undefined;
  let reject: (reason: unknown) => void = () => undefined;
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}
