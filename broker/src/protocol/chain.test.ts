import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { advance, applyEntry, type FolderState, GENESIS, link } from './chain.ts';
import { Entry, pathProblem } from './entry.ts';
import { HarpError } from './errors.ts';
import { Head, planHead } from './head.ts';
import type { BlobId, FolderId, LinkHex } from './ids.ts';
import { blobIdOf, singleChunkManifest } from './manifest.ts';
import { sha3 } from './node/index.ts';
import { decodeSegment, encodeSegment, verifySegment } from './segment.ts';
import { decodeSnapshot, encodeSnapshot } from './snapshot.ts';

const folder = 'fld-aaaaaaaaaaaaaaaa' as FolderId;
const hex64 = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString('hex'));
const path = fc
  .array(
    fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
      .map((name) => name.normalize('NFC').replace(/[/\\]/g, '_')),
    { minLength: 1, maxLength: 4 },
  )
  .map((names) => names.join('/'))
  .filter((text) => pathProblem(text) === undefined);

const change = fc.oneof(
  fc.record({
    op: fc.constant('put' as const),
    path,
    size: fc.nat(),
    mtimeMs: fc.nat(),
    etag: fc.string({ minLength: 1, maxLength: 40 }),
    fileId: fc.nat().map(String),
    manifest: hex64,
  }),
  fc.record({ op: fc.constant('move' as const), path, from: path }),
  fc.record({ op: fc.constant('delete' as const), path }),
);

/** Numbered entries, as an indexer writes them. */
const entries = (constraints: { minLength: number }) =>
  fc
    .array(change, { ...constraints, maxLength: 12 })
    .map((changes) => changes.map((fields, index) => Entry.parse({ v: 1, seq: index + 1, atMs: index, ...fields })));

const headOf = (list: readonly Entry[]) => advance(GENESIS, list, sha3).link;

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof HarpError) return error.code;
    throw error;
  }
  return 'no error';
}

describe('links', () => {
  test('changing any entry always changes the head', () => {
    fc.assert(
      fc.property(entries({ minLength: 1 }), fc.nat(), (list, n) => {
        const i = n % list.length;
        const changed = list.with(i, { ...list[i]!, atMs: list[i]!.atMs + 1 });
        expect(headOf(changed)).not.toBe(headOf(list));
      }),
    );
  });

  test('swapping the contents of two different neighbours always changes the head', () => {
    fc.assert(
      fc.property(entries({ minLength: 2 }), fc.nat(), (list, n) => {
        const i = n % (list.length - 1);
        const [a, b] = [list[i]!, list[i + 1]!];
        const swapped = list.with(i, { ...b, seq: a.seq }).with(i + 1, { ...a, seq: b.seq });
        expect(headOf(swapped)).not.toBe(headOf(list));
      }),
    );
  });

  test('dropping an entry is a gap', () => {
    fc.assert(
      fc.property(entries({ minLength: 2 }), fc.nat(), (list, n) => {
        const dropped = list.toSpliced(n % (list.length - 1), 1);
        expect(codeOf(() => headOf(dropped))).toBe('chain.sequence_gap');
      }),
    );
  });

  test('a previous link of another length is refused', () => {
    const entry = Entry.parse({ v: 1, seq: 1, atMs: 0, op: 'delete', path: 'a' });
    expect(codeOf(() => link(entry, new Uint8Array(31), sha3))).toBe('chain.bad_previous');
  });
});

describe('segments', () => {
  test('a segment reads back and leads from any point before its end to its link', () => {
    fc.assert(
      fc.property(entries({ minLength: 1 }), fc.nat(), (list, n) => {
        const bytes = encodeSegment(folder, GENESIS.link, list);
        const segment = decodeSegment(bytes);
        expect(segment.entries).toEqual(list);
        const end = advance(GENESIS, list, sha3);
        const ref = { from: 1, to: list.length, previous: GENESIS.link, link: end.link, blob: blobIdOf(bytes, sha3) };
        const start = advance(GENESIS, list.slice(0, n % (list.length + 1)), sha3);
        expect(verifySegment(segment, folder, start, ref, sha3)).toEqual(end);
      }),
    );
  });

  test('flipping any bit of a segment is noticed', () => {
    fc.assert(
      fc.property(entries({ minLength: 1 }), fc.nat(), fc.integer({ min: 0, max: 7 }), (list, n, bit) => {
        const bytes = encodeSegment(folder, GENESIS.link, list);
        const end = advance(GENESIS, list, sha3);
        const ref = { from: 1, to: list.length, previous: GENESIS.link, link: end.link, blob: blobIdOf(bytes, sha3) };
        const flipped = Uint8Array.from(bytes);
        flipped[n % bytes.length]! ^= 1 << bit;
        const code = codeOf(() => verifySegment(decodeSegment(flipped), folder, GENESIS, ref, sha3));
        expect(['chain.malformed', 'chain.link_mismatch']).toContain(code);
      }),
    );
  });

  test('a segment that contradicts what was verified before is a fork', () => {
    const list = [1, 2, 3].map((seq) => Entry.parse({ v: 1, seq, atMs: seq, op: 'delete', path: 'a' }));
    const bytes = encodeSegment(folder, GENESIS.link, list);
    const end = advance(GENESIS, list, sha3);
    const ref = { from: 1, to: 3, previous: GENESIS.link, link: end.link, blob: blobIdOf(bytes, sha3) };
    const other = { seq: 2, link: 'f'.repeat(64) as LinkHex };
    expect(codeOf(() => verifySegment(decodeSegment(bytes), folder, other, ref, sha3))).toBe('chain.fork');
  });
});

test('a snapshot holds exactly the state that replay gives, in the same bytes every time', () => {
  fc.assert(
    fc.property(entries({ minLength: 0 }), (list) => {
      const state: FolderState = new Map();
      for (const entry of list) applyEntry(state, entry);
      const end = advance(GENESIS, list, sha3);
      const bytes = encodeSnapshot({ folder, ...end, state });
      const read = decodeSnapshot(bytes);
      expect(read.state).toEqual(new Map([...state].sort(([a], [b]) => (a < b ? -1 : 1))));
      const shuffled = new Map([...state].reverse());
      expect(encodeSnapshot({ folder, ...end, state: shuffled })).toEqual(bytes);
    }),
  );
});

describe('what an agent does about a head', () => {
  const links = Array.from({ length: 21 }, (_, seq) =>
    seq === 0 ? GENESIS.link : (seq.toString(16).padStart(64, '0') as LinkHex),
  );
  const blob = 'b'.repeat(64) as BlobId;
  const segment = (from: number, to: number) => ({ from, to, previous: links[from - 1]!, link: links[to]!, blob });
  const head = Head.parse({
    v: 1,
    folder,
    seq: 20,
    link: links[20],
    atMs: 0,
    snapshot: { seq: 10, link: links[10], blob, signature: 'AAAA' },
    segments: [segment(6, 10), segment(11, 20)],
  });

  test.each([
    { name: 'new', seq: 0, expected: 'snapshot +1' },
    { name: 'behind the segments', seq: 4, expected: 'snapshot +1' },
    { name: 'just before the segments', seq: 5, expected: 'segments 2' },
    { name: 'at the snapshot', seq: 10, expected: 'segments 1' },
    { name: 'inside a segment', seq: 15, expected: 'segments 1' },
    { name: 'current', seq: 20, expected: 'current' },
  ])('an agent that is $name → $expected', ({ seq, expected }) => {
    const plan = planHead({ seq, link: links[seq]! }, head);
    const text =
      plan.kind === 'current'
        ? 'current'
        : plan.kind === 'segments'
          ? `segments ${plan.segments.length}`
          : `snapshot +${plan.segments.length}`;
    expect(text).toBe(expected);
  });

  test('an older head is a rollback, another link for the same entry a fork', () => {
    expect(codeOf(() => planHead({ seq: 21, link: links[1]! }, head))).toBe('chain.rollback');
    expect(codeOf(() => planHead({ seq: 20, link: links[1]! }, head))).toBe('chain.fork');
  });

  test.each([
    { name: 'a hole between segments', change: { segments: [segment(6, 9), segment(11, 20)] } },
    { name: 'segments that stop early', change: { segments: [segment(6, 10), segment(11, 19)] } },
    { name: 'a hole after the snapshot', change: { segments: [segment(12, 20)] } },
    { name: 'a snapshot from the future', change: { snapshot: { ...head.snapshot!, seq: 21 } } },
    { name: 'neither snapshot nor first entry', change: { snapshot: null } },
    { name: 'an empty chain with a link', change: { seq: 0, segments: [], snapshot: null } },
  ])('a head with $name does not parse', ({ change }) => {
    expect(Head.safeParse({ ...head, ...change }).success).toBe(false);
  });
});

test.each([
  { path: 'a/b.txt', ok: true },
  { path: 'Größe/日本語/😀.txt', ok: true },
  { path: 'con.txt', ok: true },
  { path: '../a', ok: false },
  { path: 'a/../b', ok: false },
  { path: './a', ok: false },
  { path: '/a', ok: false },
  { path: 'a/', ok: false },
  { path: 'a//b', ok: false },
  { path: 'a\\b', ok: false },
  { path: 'a\u0000', ok: false },
  { path: 'a\nb', ok: false },
  { path: 'u\u0308', ok: false },
  { path: '\ud800', ok: false },
  { path: 'x'.repeat(4097), ok: false },
])('the path $path may stand in an entry: $ok', ({ path: text, ok }) => {
  expect(pathProblem(text) === undefined).toBe(ok);
});

test('an entry with an unknown key is refused, because it would change the link without changing the meaning', () => {
  expect(Entry.safeParse({ v: 1, seq: 1, atMs: 0, op: 'delete', path: 'a', extra: 1 }).success).toBe(false);
});

test('the manifest of an empty file is rebuilt without a chunk', () => {
  expect(blobIdOf(singleChunkManifest(0, undefined), sha3)).toHaveLength(64);
});
