import {
  type CommandId,
  type LogBatch,
  LogBatch as LogBatchSchema,
  type LogCommand,
  limits,
} from '@harp/broker/protocol';
import { expect, onTestFinished, test } from 'vitest';
import { fakeClock } from '../../test/fakes/fake-clock.ts';
import { createWake } from '../wake.ts';
import { createLogRing } from './log-ring.ts';
import { createLogStream } from './log-stream.ts';

function streaming() {
  const clock = fakeClock();
  const wake = createWake(clock);
  const ring = createLogRing(clock.nowMs);
  const sent: { atMs: number; batch: LogBatch }[] = [];
  const channel = {
    connected: true,
    /** Whether the line takes batches at all. */
    stuck: false,
    send: (batch: LogBatch): Promise<void> => {
      sent.push({ atMs: clock.monotonicMs(), batch });
      return channel.stuck ? new Promise(() => undefined) : Promise.resolve();
    },
  };
  const stream = createLogStream({ ring, channel, clock, wake });
  const ending = new AbortController();
  void stream.run(ending.signal);
  onTestFinished(() => ending.abort());
  const ask = (change: Partial<LogCommand> = {}) =>
    stream.take({
      v: 1,
      id: 'cmd-aaaaaaaaaaaaaaaa' as CommandId,
      kind: 'log',
      forMs: 60_000,
      level: 'info',
      ...change,
    });
  const say = (count: number, message = 'a line') => {
    for (let each = 0; each < count; each++) if (ring.wants('info')) ring.take('info', {}, message);
  };
  const lines = () => sent.flatMap(({ batch }) => batch.lines.map(({ line }) => line));
  return { clock, wake, ring, channel, sent, ask, say, lines };
}

test('nothing is sent unless asked', async () => {
  const { clock, sent, say } = streaming();
  say(100);
  await clock.advance(3_600_000);
  expect(sent).toEqual([]);
});

test('the answer comes at once, with what happened before, and even if nothing did', async () => {
  const quiet = streaming();
  quiet.ask();
  await quiet.clock.advance(0);
  expect(quiet.sent).toMatchObject([{ batch: { command: 'cmd-aaaaaaaaaaaaaaaa', dropped: 0, lines: [] } }]);

  const busy = streaming();
  busy.say(3);
  busy.ask();
  await busy.clock.advance(0);
  expect(busy.lines()).toEqual([1, 2, 3]);
});

test('it ends when the time is up, and on request', async () => {
  const { clock, sent, ask, say } = streaming();
  ask({ forMs: 1000 });
  await clock.advance(1000);
  const before = sent.length;
  say(1);
  await clock.advance(10_000);
  expect(sent).toHaveLength(before);
  ask({ forMs: 60_000 });
  await clock.advance(1000);
  ask({ forMs: 0 });
  say(1);
  const stopped = sent.length;
  await clock.advance(10_000);
  expect(sent).toHaveLength(stopped);
});

test('asking again in time lengthens it without repeating a line', async () => {
  const { clock, sent, ask, say, lines, ring } = streaming();
  ask({ forMs: 1000 });
  say(1);
  await clock.advance(900);
  ask({ forMs: 1000, after: { startedAtMs: ring.startedAtMs, line: 1 } });
  await clock.advance(900);
  say(1);
  await clock.advance(0);
  expect(lines()).toEqual([1, 2]);
  expect(sent.every(({ batch }) => batch.dropped === 0)).toBe(true);
});

test('however much is logged: two batches a second of at most 16 KiB, and the rest is counted', async () => {
  const { clock, sent, ask, say } = streaming();
  ask();
  const rounds = 100;
  for (let round = 0; round < rounds; round++) {
    say(300, 'x'.repeat(200));
    await clock.advance(100);
  }
  await clock.advance(30_000);
  for (const [index, { atMs, batch }] of sent.entries()) {
    LogBatchSchema.parse(batch);
    expect(Buffer.byteLength(JSON.stringify(batch))).toBeLessThanOrEqual(limits.logBatchMaxBytes);
    if (index > 0) expect(atMs - (sent[index - 1]?.atMs ?? 0)).toBeGreaterThanOrEqual(limits.logBatchIntervalMs);
  }
  const shown = sent.reduce((sum, { batch }) => sum + batch.lines.length, 0);
  const dropped = sent.reduce((sum, { batch }) => sum + batch.dropped, 0);
  expect(dropped).toBeGreaterThan(0);
  expect(shown + dropped).toBe(rounds * 300);
});

test('a line that is stuck holds up nobody and costs no memory', async () => {
  const { clock, sent, channel, ask, say } = streaming();
  channel.stuck = true;
  ask();
  await clock.advance(0);
  for (let round = 0; round < 20; round++) {
    say(1000);
    await clock.advance(1000);
  }
  expect(sent).toHaveLength(1);
});

test('without a connection it waits, and goes on when there is one again', async () => {
  const { clock, channel, wake, sent, ask, say, lines } = streaming();
  channel.connected = false;
  ask();
  say(2);
  await clock.advance(5000);
  expect(sent).toEqual([]);
  channel.connected = true;
  wake.notify();
  await clock.advance(0);
  expect(lines()).toEqual([1, 2]);
});
