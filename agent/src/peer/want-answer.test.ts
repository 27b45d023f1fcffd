import { createFrameDecoder, type FolderId, type Frame, frameType } from '@harp/broker/protocol';
import { expect, test } from 'vitest';
import { type FakeClock, fakeClock } from '../../test/fakes/fake-clock.ts';
import { createListeners } from './listeners.ts';
import { createUndertakings } from './undertakings.ts';
import { answerWant } from './want-answer.ts';

const folder = 'fld-aaaaaaaaaaaaaaaa' as FolderId;
const id = (digit: string) => digit.repeat(64);
const nameOf = (type: number) => Object.entries(frameType).find(([, value]) => value === type)?.[0];

/** An open want and what it has said so far, as `type id` at a time in milliseconds. */
function openWant(ids: string[], waitMs: number, clock: FakeClock = fakeClock()) {
  const held = new Set<string>();
  const stored = createListeners<[string]>();
  const undertakings = createUndertakings();
  const said: string[] = [];
  const decoder = createFrameDecoder();
  const abort = new AbortController();
  const start = () =>
    answerWant(
      ids,
      waitMs,
      {
        clock,
        undertakings,
        folder,
        source: {
          has: (item) => held.has(item),
          read: async () => new Uint8Array([1]),
          onDidStore: (listener) => stored.add(listener),
        },
        sink: {
          async write(header, payload) {
            const frames: Frame[] = [...decoder.push(header), ...(payload === undefined ? [] : decoder.push(payload))];
            for (const frame of frames) said.push(`${clock.monotonicMs()} ${nameOf(frame.type)} ${frame.id[0]}`);
          },
        },
        onServed: () => undefined,
      },
      abort.signal,
    );
  const store = (item: string) => {
    held.add(item);
    stored.fire(item);
  };
  return { clock, held, undertakings, said, start, store, abort };
}

test('held items come at once, unknown ones are absent after the grace', async () => {
  const { clock, held, said, start } = openWant([id('1'), id('2')], 60_000);
  held.add(id('1'));
  const answered = start();
  await clock.advance(1499);
  expect(said).toEqual(['0 data 1']);
  await clock.advance(1);
  await answered;
  expect(said).toEqual(['0 data 1', '1500 absent 2', '1500 end 0']);
});

test('an undertaken item is promised at once, again every second while there is progress, and sent when it is here', async () => {
  const { clock, undertakings, said, start, store } = openWant([id('1')], 60_000);
  undertakings.undertake(folder, [id('1')]);
  const answered = start();
  await clock.advance(500);
  undertakings.advance(folder, 1000);
  await clock.advance(3000);
  undertakings.advance(folder, 1000);
  await clock.advance(700);
  store(id('1'));
  await clock.advance(0);
  await answered;
  expect(said).toEqual(['0 waiting 1', '1000 waiting 1', '4000 waiting 1', '4200 data 1', '4200 end 0']);
});

test('an item that is undertaken within the grace is promised, one that is released is absent', async () => {
  const { clock, undertakings, said, start } = openWant([id('1')], 60_000);
  const answered = start();
  await clock.advance(300);
  undertakings.undertake(folder, [id('1')]);
  await clock.advance(5000);
  undertakings.release(folder, [id('1')]);
  await clock.advance(0);
  await answered;
  expect(said[0]).toBe('300 waiting 1');
  expect(said.slice(-2)).toEqual(['5300 absent 1', '5300 end 0']);
});

test.each([
  { waitMs: 0, endsAtMs: 0 },
  { waitMs: 4000, endsAtMs: 4000 },
])('a promise lasts no longer than the asker waits: $waitMs ms', async ({ waitMs, endsAtMs }) => {
  const { clock, undertakings, said, start } = openWant([id('1')], waitMs);
  undertakings.undertake(folder, [id('1')]);
  const answered = start();
  await clock.advance(60_000);
  await answered;
  expect(said.slice(-2)).toEqual([`${endsAtMs} absent 1`, `${endsAtMs} end 0`]);
});

test('nothing is left behind when the asker goes', async () => {
  const { clock, undertakings, start, abort } = openWant([id('1')], 60_000);
  undertakings.undertake(folder, [id('1')]);
  const answered = start().catch((error: unknown) => error);
  await clock.advance(100);
  abort.abort(new Error('gone'));
  expect(await answered).toEqual(new Error('gone'));
  expect(clock.sleepers).toBe(0);
});
