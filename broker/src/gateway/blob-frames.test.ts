import { expect, test } from 'vitest';
import {
  type BlobId,
  blobIdOf,
  createFrameDecoder,
  type FolderId,
  frameType,
  limits,
  utf8,
} from '../protocol/index.ts';
import { sha3 } from '../protocol/node/index.ts';
import { createBlobFrames } from './blob-frames.ts';

const folder = 'fld-aaaaaaaaaaaaaaaa' as FolderId;
const right = utf8('a manifest');
const id = blobIdOf(right, sha3);

/** A store with one row that a test can damage and mend; counts its reads. */
function storeOf(row: { bytes: Uint8Array }) {
  const store = {
    reads: 0,
    inFolder: async () => new Set<BlobId>([id]),
    read: async () => {
      store.reads++;
      return row.bytes;
    },
  };
  return store;
}

async function answerOf(frames: ReturnType<typeof createBlobFrames>): Promise<string> {
  const decoder = createFrameDecoder(limits.blobMaxBytes);
  for await (const bytes of frames.answer(folder, [id])) {
    for (const frame of decoder.push(bytes))
      if (frame.type === frameType.data) return Buffer.from(frame.payload).toString();
  }
  return '';
}

test('a damaged blob is complained of and not kept: once the row is right again, agents get the right bytes', async () => {
  const row = { bytes: utf8('something else') };
  const complaints: string[] = [];
  const note = (_facts: object, message: string) => void complaints.push(message);
  const logger = { debug: note, info: note, warn: note, error: note, fatal: note, child: () => logger };
  const frames = createBlobFrames(storeOf(row), logger as never);
  expect(await answerOf(frames)).toBe('something else');
  expect(complaints).toHaveLength(1);
  row.bytes = right;
  expect(await answerOf(frames)).toBe('a manifest');
});

test('a sound blob is read from the database once', async () => {
  const store = storeOf({ bytes: right });
  const frames = createBlobFrames(store, undefined as never);
  await answerOf(frames);
  await answerOf(frames);
  expect(store.reads).toBe(1);
});
