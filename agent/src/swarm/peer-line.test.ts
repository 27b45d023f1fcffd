import {
  type AgentId,
  type FolderId,
  type Frame,
  frameType,
  type HarpError,
  waitingFrame,
} from '@harp/broker/protocol';
import { expect, test } from 'vitest';
import { fakeClock } from '../../test/fakes/fake-clock.ts';
import type { WantHandlers } from '../peer/client.ts';
import { createPeerLine, type Lane } from './peer-line.ts';

const id = 'a'.repeat(64);
const STALL_MS = 8000;
const PROMISE_MS = 240_000;

/** A line to a peer that answers every want by `behave`, until the want is aborted. */
function lineTo(
  behave: (handlers: WantHandlers, clock: ReturnType<typeof fakeClock>, signal: AbortSignal) => Promise<void>,
) {
  const clock = fakeClock();
  const broken: { lane: Lane; code: string; atMs: number }[] = [];
  const line = createPeerLine({
    peer: 'b'.repeat(52) as AgentId,
    folder: 'fld-aaaaaaaaaaaaaaaa' as FolderId,
    kind: 'chunks',
    client: {
      want: async (_peer, _folder, _kind, _ids, _waitMs, handlers, signal) => {
        await behave(handlers, clock, signal);
      },
    },
    clock,
    stallMs: () => STALL_MS,
    promiseMs: () => PROMISE_MS,
    waitMs: 60_000,
    receive: async () => undefined,
    onUnwanted: () => undefined,
    onAbsent: () => undefined,
    onBroken: (_items, lane, error: HarpError) => broken.push({ lane, code: error.code, atMs: clock.monotonicMs() }),
    onAlive: () => undefined,
  });
  return { clock, line, broken };
}

const waiting = (progress: number): Frame => ({
  type: frameType.waiting,
  id,
  payload: waitingFrame(id, progress).subarray(37),
});

/** Promises every second with a growing counter, and sends nothing. */
async function promiseForEver(handlers: WantHandlers, clock: ReturnType<typeof fakeClock>, signal: AbortSignal) {
  for (let progress = 0; ; progress++) {
    await handlers.onFrame(waiting(progress));
    await clock.sleep(1000, signal);
  }
}

test.each([
  { lane: 'held' as const, afterMs: STALL_MS },
  { lane: 'owed' as const, afterMs: PROMISE_MS },
])('a peer that promises for ever loses $lane items after $afterMs ms', async ({ lane, afterMs }) => {
  const { clock, line, broken } = lineTo(promiseForEver);
  line.ask([{ id, sizeBytes: 1 }], lane);
  await clock.advance(afterMs - 1);
  expect(broken).toEqual([]);
  await clock.advance(1000);
  expect(broken).toMatchObject([{ lane, code: 'peer.stalled' }]);
  expect(clock.sleepers).toBe(0);
});

test('a counter that stands still is no progress', async () => {
  const { clock, line, broken } = lineTo(async (handlers, time, signal) => {
    for (;;) {
      await handlers.onFrame(waiting(1));
      await time.sleep(1000, signal);
    }
  });
  line.ask([{ id, sizeBytes: 1 }], 'owed');
  await clock.advance(STALL_MS + 1000);
  expect(broken).toMatchObject([{ lane: 'owed', code: 'peer.stalled' }]);
});

test('an item that was dropped is not reported, and its want ends', async () => {
  const { clock, line, broken } = lineTo(promiseForEver);
  line.ask([{ id, sizeBytes: 1 }], 'owed');
  await clock.advance(100);
  line.drop(id);
  await clock.advance(100);
  expect(broken).toEqual([]);
  expect(clock.sleepers).toBe(0);
});
