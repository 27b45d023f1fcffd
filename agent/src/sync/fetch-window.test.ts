import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { type ChunkId, type FileRecord, HarpError, type Manifest, toHex } from '@harp/broker/protocol';
import { sha256 } from '@harp/broker/protocol/node';
import { expect, onTestFinished, test } from 'vitest';
import { folderA, noise } from '../../test/fakes/files-side.ts';
import { silentLog } from '../../test/fakes/silent-log.ts';
import { until } from '../../test/fixtures/file-agent.ts';
import { tempFolder } from '../../test/fixtures/temp-folder.ts';
import type { ChunkWanted, Swarm } from '../ports.ts';
import { openStore } from '../store/index.ts';
import { openState } from '../store/state.ts';
import { createFetchWindow } from './fetch-window.ts';

/** A call of `fetchChunks` that the test answers. */
interface Call {
  wanted: readonly ChunkWanted[];
  signal: AbortSignal;
  onChunk: (wanted: ChunkWanted, source: 'peer' | 'origin') => void;
  resolve: () => void;
  reject: (error: unknown) => void;
}

async function setUp() {
  const base = await tempFolder();
  const state = openState(join(base, 'db'));
  const store = await openStore({ state, filesDir: base, log: silentLog });
  const stopping = new AbortController();
  const calls: Call[] = [];
  const swarm: Pick<Swarm, 'fetchChunks'> = {
    fetchChunks: (_, wanted, onChunk, signal) =>
      new Promise((resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
        calls.push({ wanted, onChunk, signal, resolve, reject });
      }),
  };
  const window = createFetchWindow({
    folder: folderA,
    swarm,
    chunks: store.chunks,
    stop: stopping.signal,
    onRoom: () => undefined,
  });
  onTestFinished(async () => {
    stopping.abort(new Error('end of test'));
    await window.idle();
    await store.close();
    await state.close();
  });
  const bytes = new Map<ChunkId, Uint8Array>();
  const fill = async (name: string, contents: Uint8Array[], signal = new AbortController().signal) => {
    const chunks = contents.map((content) => ({ id: toHex(sha256(content)) as ChunkId, size: content.length }));
    chunks.forEach(({ id }, index) => void bytes.set(id, contents[index]!));
    const manifest: Manifest = { size: chunks.reduce((sum, { size }) => sum + size, 0), chunks };
    const partial = await store.partials.open({ folder: 1, root: base, hiddenPath: name, manifest });
    const record = { path: name, etag: name, manifest: name, size: manifest.size } as unknown as FileRecord;
    return { partial, filled: window.fill(partial, record, signal) };
  };
  const deliver = async (call: Call, wanted: ChunkWanted) => {
    await store.chunks.put(wanted.id, bytes.get(wanted.id)!.slice(), 'peer');
    call.onChunk(wanted, 'peer');
  };
  return { calls, fill, deliver, store, bytes };
}

test('files that are ready together share a call, in order', async () => {
  const { calls, fill, deliver } = await setUp();
  const files = await Promise.all(['a', 'b', 'c'].map((name, index) => fill(name, [noise(10, index)])));
  await until(() => calls.length === 1);
  expect(calls[0]!.wanted.map(({ path }) => path)).toEqual(['a', 'b', 'c']);
  for (const wanted of calls[0]!.wanted) await deliver(calls[0]!, wanted);
  calls[0]!.resolve();
  await Promise.all(files.map(({ filled }) => filled));
});

test('the window is bounded, and topped up while calls are open', async () => {
  const { calls, fill, deliver } = await setUp();
  const contents = Array.from({ length: 2600 }, (_, index) => noise(8, index));
  const { filled } = await fill('big', contents);
  await until(() => calls.length === 8);
  await setImmediate();
  expect(calls.reduce((sum, { wanted }) => sum + wanted.length, 0)).toBe(2000);
  for (const wanted of calls[0]!.wanted) await deliver(calls[0]!, wanted);
  await until(() => calls.length === 9);
  for (let index = 1; index < 9; index++)
    for (const wanted of calls[index]!.wanted) await deliver(calls[index]!, wanted);
  await until(() => calls.length === 11);
  for (let index = 9; index < 11; index++)
    for (const wanted of calls[index]!.wanted) await deliver(calls[index]!, wanted);
  for (const { resolve } of calls) resolve();
  await filled;
});

test('a chunk that two files want is asked for once and written to both', async () => {
  const { calls, fill, deliver } = await setUp();
  const shared = noise(100, 1);
  const one = await fill('one', [shared, noise(50, 2)]);
  const two = await fill('two', [noise(50, 3), shared]);
  await until(() => calls.length > 0);
  await setImmediate();
  const wanted = calls.flatMap((call) => call.wanted);
  expect(wanted).toHaveLength(3);
  for (const call of calls) {
    for (const want of call.wanted) await deliver(call, want);
    call.resolve();
  }
  await Promise.all([one.filled, two.filled]);
});

test('when a shared chunk cannot be had for the first file, it is asked for on behalf of the second', async () => {
  const { calls, fill, deliver } = await setUp();
  const shared = noise(100, 1);
  const one = await fill('one', [shared]);
  const two = await fill('two', [shared]);
  const lost = expect(one.filled).rejects.toMatchObject({ code: 'origin.changed' });
  await until(() => calls.length === 1);
  calls[0]!.reject(new HarpError('origin.changed', 'changed'));
  await lost;
  await until(() => calls.length === 2);
  expect(calls[1]!.wanted).toMatchObject([{ path: 'two' }]);
  await deliver(calls[1]!, calls[1]!.wanted[0]!);
  calls[1]!.resolve();
  await two.filled;
});

test('of a call that failed for one file, the others are asked for again without it', async () => {
  const { calls, fill, deliver } = await setUp();
  const names = ['a', 'gone', 'c'];
  const files = await Promise.all(names.map((name, index) => fill(name, [noise(10, index)])));
  const outcomes = Promise.allSettled(files.map(({ filled }) => filled));
  let answered = 0;
  const answer = async () => {
    for (; answered < calls.length; answered++) {
      const call = calls[answered]!;
      const gone = call.wanted.some(({ path }) => path === 'gone');
      if (gone) call.reject(new HarpError('origin.not_found', 'gone'));
      else {
        for (const wanted of call.wanted) await deliver(call, wanted);
        call.resolve();
      }
    }
  };
  let ended = false;
  outcomes.then(() => (ended = true));
  while (!ended) {
    await answer();
    await setImmediate();
  }
  expect((await outcomes).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
});

test('a trouble of the whole line fails every file of the call at once', async () => {
  const { calls, fill } = await setUp();
  const files = await Promise.all(['a', 'b'].map((name, index) => fill(name, [noise(10, index)])));
  const outcomes = Promise.allSettled(files.map(({ filled }) => filled));
  await until(() => calls.length === 1);
  calls[0]!.reject(new HarpError('origin.unreachable', 'no line'));
  expect((await outcomes).map((outcome) => outcome.status)).toEqual(['rejected', 'rejected']);
  expect(calls).toHaveLength(1);
});

test('a chunk that the store got meanwhile is copied, not asked for', async () => {
  const { calls, fill, store, bytes } = await setUp();
  const { filled, partial } = await fill('a', [noise(10, 1)]);
  await until(() => calls.length === 1);
  store.chunks.expectNothing(partial);
  const { id } = calls[0]!.wanted[0]!;
  await store.chunks.put(id, bytes.get(id)!.slice(), 'peer');
  calls[0]!.resolve();
  await filled;
  expect(calls).toHaveLength(1);
});

test('a call that nobody waits for any more is ended, one that others wait for is not', async () => {
  const { calls, fill } = await setUp();
  const leaving = new AbortController();
  const one = await fill('one', [noise(10, 1)], leaving.signal);
  await until(() => calls.length === 1);
  const two = await fill('two', [noise(10, 2)]);
  await until(() => calls.length === 2);
  const left = expect(one.filled).rejects.toThrow('not wanted');
  two.filled.catch(() => undefined);
  leaving.abort(new Error('not wanted'));
  await left;
  expect(calls.map(({ signal }) => signal.aborted)).toEqual([true, false]);
});
