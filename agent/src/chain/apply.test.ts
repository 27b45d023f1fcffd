import {
  applyEntry,
  type BlobId,
  type ChunkId,
  decodeSnapshot,
  type Entry,
  type EntryPath,
  encodeSnapshot,
  type FileRecord,
  type FolderState,
  GENESIS,
  type LinkHex,
  type SnapshotRef,
} from '@harp/broker/protocol';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { folderA, folderB } from '../../test/fakes/files-side.ts';
import { tempFolder } from '../../test/fixtures/temp-folder.ts';
import { openFolders } from '../store/folders.ts';
import { openState } from '../store/state.ts';
import { applyChanges, changesOf, replaceState } from './apply.ts';
import { readSnapshot } from './snapshot-reader.ts';
import { openWantedFiles } from './wanted.ts';

const path = fc.constantFrom('a', 'b', 'c', 'd/e') as fc.Arbitrary<EntryPath>;
const change = fc.oneof(
  fc.record({ op: fc.constant('put' as const), path, size: fc.nat(9) }),
  fc.record({ op: fc.constant('move' as const), path, from: path }),
  fc.record({ op: fc.constant('delete' as const), path }),
);
const entries = fc.array(change, { maxLength: 40 }).map((changes) =>
  changes.map((made, index): Entry => {
    const base = { v: 1 as const, seq: index + 1, atMs: 0 };
    return made.op === 'put'
      ? { ...base, op: 'put', ...recordAt(made.path, index + 1, made.size) }
      : { ...base, ...made };
  }),
);

function recordAt(at: EntryPath, seq: number, size: number): FileRecord {
  const hash = String(size).repeat(64);
  return {
    path: at,
    size,
    mtimeMs: seq,
    etag: `e${seq}`,
    fileId: String(seq),
    manifest: hash as BlobId,
    ...(size % 2 === 0 ? {} : { chunk: hash as ChunkId }),
    seq,
  };
}

async function tempTables() {
  const state = openState(await tempFolder());
  onTestFinished(() => state.close());
  return { folders: openFolders(state, '/nowhere'), wanted: openWantedFiles(state) };
}

function stateOf(wanted: ReturnType<typeof openWantedFiles>, number: number): FolderState {
  return new Map(wanted.page(number, undefined, 1000).map((record) => [record.path, record]));
}

test('applied in pieces, entries lead to the same state as applyEntry of the protocol', async () => {
  const { folders, wanted } = await tempTables();
  const { number } = await folders.ensure(folderA, 'A');
  await fc.assert(
    fc.asyncProperty(entries, fc.integer({ min: 1, max: 10 }), async (list, pieceLength) => {
      await wanted.clear(number);
      const expected: FolderState = new Map();
      for (const entry of list) applyEntry(expected, entry);
      for (let start = 0; start < list.length; start += pieceLength) {
        const piece = list.slice(start, start + pieceLength);
        const changed = changesOf(piece, (at) => wanted.get(number, at));
        const position = { seq: piece.at(-1)!.seq, link: GENESIS.link };
        await applyChanges({ id: folderA, number, folders, wanted }, changed, position, () => []);
      }
      expect(stateOf(wanted, number)).toEqual(expected);
    }),
    { numRuns: 60 },
  );
});

test('a snapshot replaces the state of its folder only, and sets the position', async () => {
  const { folders, wanted } = await tempTables();
  const a = (await folders.ensure(folderA, 'A')).number;
  const b = (await folders.ensure(folderB, 'B')).number;
  await wanted.put(a, recordAt('old' as EntryPath, 1, 1));
  await wanted.put(b, recordAt('other' as EntryPath, 1, 1));
  const records = [recordAt('x' as EntryPath, 7, 2), recordAt('y' as EntryPath, 8, 3)];
  const pages = async function* () {
    yield records;
    expect(folders.get(folderA)?.position).toEqual(GENESIS);
  };
  const position = { seq: 9, link: 'f'.repeat(64) as LinkHex };
  await replaceState({ id: folderA, number: a, folders, wanted }, pages(), position);
  expect([...stateOf(wanted, a).values()]).toEqual(records);
  expect([...stateOf(wanted, b).keys()]).toEqual(['other']);
  expect(folders.get(folderA)).toMatchObject({ position, floor: position });
});

async function readAll(bytes: Uint8Array, ref: SnapshotRef): Promise<FolderState> {
  const found: FolderState = new Map();
  for await (const batch of readSnapshot(bytes, folderA, ref))
    for (const record of batch) found.set(record.path, record);
  return found;
}

test('a snapshot is read as decodeSnapshot reads it', async () => {
  const state: FolderState = new Map();
  for (let index = 0; index < 1203; index++) {
    const at = `f/${index}` as EntryPath;
    state.set(at, recordAt(at, index + 1, index % 10));
  }
  const ref = { seq: 5000, link: 'a'.repeat(64) as LinkHex, blob: '' as BlobId, signature: '' };
  const bytes = encodeSnapshot({ folder: folderA, seq: ref.seq, link: ref.link, state });
  expect(await readAll(bytes, ref)).toEqual(decodeSnapshot(bytes).state);
  await expect(readAll(bytes, { ...ref, seq: 4999 })).rejects.toMatchObject({ code: 'chain.link_mismatch' });
});

test.each([
  { what: 'a line twice', edit: (lines: string[]) => lines.splice(2, 0, lines[1]!) },
  { what: 'a line less', edit: (lines: string[]) => lines.splice(1, 1) },
  { what: 'lines in another order', edit: (lines: string[]) => lines.splice(1, 2, lines[2]!, lines[1]!) },
  { what: 'white space', edit: (lines: string[]) => lines.splice(1, 1, lines[1]!.replace(':', ': ')) },
  { what: 'a strange key', edit: (lines: string[]) => lines.splice(1, 1, lines[1]!.replace('{', '{"a":1,')) },
])('a snapshot with $what is refused', async ({ edit }) => {
  const state: FolderState = new Map(
    ['a', 'b', 'c'].map((at, index) => [at as EntryPath, recordAt(at as EntryPath, index + 1, 1)]),
  );
  const ref = { seq: 9, link: 'a'.repeat(64) as LinkHex, blob: '' as BlobId, signature: '' };
  const lines = new TextDecoder()
    .decode(encodeSnapshot({ folder: folderA, ...ref, state }))
    .slice(0, -1)
    .split('\n');
  edit(lines);
  await expect(readAll(new TextEncoder().encode(`${lines.join('\n')}\n`), ref)).rejects.toMatchObject({
    code: 'chain.malformed',
  });
});
