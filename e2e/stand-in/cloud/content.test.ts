import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bufferContent, type Content, concatContent, contentDigest, seededContent, sliceContent } from './content.ts';
import { type ContentStore, diskStore } from './content-store.ts';

async function bytesOf(content: Content, start = 0, end = content.sizeBytes): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of content.read(start, end)) pieces.push(piece);
  return Buffer.concat(pieces);
}

describe('seeded content', () => {
  // openssl enc -aes-128-ctr -K $(printf harp | sha256sum | cut -c1-32) -iv 0… < /dev/zero | head -c 200000 | sha256sum
  test('is the same for ever', async () => {
    expect(await contentDigest('sha256', seededContent('harp', 200_000))).toBe(
      '969757af796a1499ae43730fc74a89c1987ab26d13a0e0c8d7e28c4d03e640ef',
    );
  });

  test('reads any part as if it had read the whole', async () => {
    const whole = await bytesOf(seededContent('seek', 150_000));
    await fc.assert(
      fc.asyncProperty(fc.nat(150_000), fc.nat(150_000), async (a, b) => {
        const [start, end] = [Math.min(a, b), Math.max(a, b)];
        expect((await bytesOf(seededContent('seek', 150_000), start, end)).equals(whole.subarray(start, end))).toBe(
          true,
        );
        expect((await bytesOf(seededContent('seek', end - start, start))).equals(whole.subarray(start, end))).toBe(
          true,
        );
      }),
      { numRuns: 50 },
    );
  });
});

test('contents joined and cut read like the bytes they stand for', async () => {
  const bytes = Buffer.from('abcdefghijklmnopqrstuvwxyz');
  const joined = concatContent([
    bufferContent(bytes.subarray(0, 7)),
    bufferContent(Buffer.alloc(0)),
    sliceContent(bufferContent(bytes), 7, 26),
  ]);
  await fc.assert(
    fc.asyncProperty(fc.nat(26), fc.nat(26), async (a, b) => {
      const [start, end] = [Math.min(a, b), Math.max(a, b)];
      expect((await bytesOf(joined, start, end)).toString()).toBe(bytes.toString('utf8', start, end));
    }),
  );
});

describe('the store on disk', () => {
  let directory: string;
  let store: ContentStore;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'stand-in-'));
    store = await diskStore(directory);
  });
  afterAll(() => rm(directory, { recursive: true }));

  const blobs = () => readdir(join(directory, 'blobs'));
  async function* pieces(...texts: string[]): AsyncGenerator<Uint8Array> {
    for (const text of texts) yield Buffer.from(text);
  }

  test('keeps bytes until the last holder lets go', async () => {
    const content = await store.write(pieces('abc', 'def'));
    content.retain();
    await content.release();
    expect((await bytesOf(content, 2, 5)).toString()).toBe('cde');
    await content.release();
    expect(await blobs()).toEqual([]);
  });

  test('keeps nothing of an upload that broke off', async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('abc');
      throw new Error('connection lost');
    }
    await expect(store.write(broken())).rejects.toThrow('connection lost');
    expect(await blobs()).toEqual([]);
  });

  test('a reader that has begun outlives the removal', async () => {
    const content = await store.write(pieces('x'.repeat(200_000)));
    const reader = content.read(0, 200_000)[Symbol.asyncIterator]();
    const first = await reader.next();
    await content.release();
    let total = first.value?.length ?? 0;
    for (let next = await reader.next(); !next.done; next = await reader.next()) total += next.value.length;
    expect(total).toBe(200_000);
  });
});
