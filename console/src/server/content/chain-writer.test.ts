import { randomBytes } from 'node:crypto';
import type { BlobId, ChunkId, EntryPath, FolderId, FolderState, Head, SignedText } from '@harp/broker/protocol';
import {
  applyEntry,
  blobIdOf,
  decodeSegment,
  decodeSnapshot,
  encodeManifest,
  GENESIS,
  GENESIS_LINK,
  Head as HeadSchema,
  openSigned,
  planHead,
  singleChunkManifest,
  toHex,
  verifySegment,
} from '@harp/broker/protocol';
import { createSigner, generateSigningKeyPem, sha3, sha256, verifyEd25519 } from '@harp/broker/protocol/node';
import { createPrisma, type PrismaClient } from '@harp/prisma';
import { createTestDatabase, type TestDatabase } from '@harp/prisma/test-db';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createChainWriter } from './chain-writer.ts';
import type { Change, FileContent } from './changes.ts';
import { exportChain } from './export.ts';
import { collectGarbage } from './garbage.ts';
import { deleteFolder } from './removal.ts';
import { readState } from './rows.ts';
import { verifyFolder } from './verify.ts';

const signer = createSigner(generateSigningKeyPem());
const keys = [signer.key];
let db: TestDatabase;
let prisma: PrismaClient;
let nowMs = 1_800_000_000_000;
let folders = 0;

beforeAll(async () => {
  db = await createTestDatabase();
  prisma = createPrisma(db.url);
  await prisma.nextcloud.create({
    data: { id: 'nxc-aaaaaaaaaaaaaaaa', name: 'cloud', url: 'http://x', userName: 'u', passwordSealed: '' },
  });
}, 60_000);
afterAll(async () => {
  await prisma.$disconnect();
  await db.drop();
});

const writer = () => createChainWriter({ prisma, signer, clock: { nowMs: () => ++nowMs } });

async function newFolder(): Promise<FolderId> {
  folders += 1;
  const letters = 'abcdefghijklmnopqrstuvwxyz234567';
  const id = `fld-${[...randomBytes(16)].map((byte) => letters[byte % 32]).join('')}` as FolderId;
  await prisma.folder.create({
    data: { id, name: `folder ${folders}`, nextcloudId: 'nxc-aaaaaaaaaaaaaaaa', path: 'P', link: GENESIS_LINK },
  });
  return id;
}

function chunkOf(text: string): ChunkId {
  return toHex(sha256(Buffer.from(text))) as ChunkId;
}

function contentOf(seed: number, large: boolean): { size: number; content: FileContent } {
  if (!large) {
    const chunk = chunkOf(`${seed}`);
    return { size: seed + 1, content: { manifest: blobIdOf(singleChunkManifest(seed + 1, chunk), sha3), chunk } };
  }
  const chunks = [0, 1].map((n) => ({ id: chunkOf(`${seed}/${n}`), size: 300_000 + seed }));
  const manifestBytes = encodeManifest({ size: 600_000 + 2 * seed, chunks });
  return { size: 600_000 + 2 * seed, content: { manifest: blobIdOf(manifestBytes, sha3), manifestBytes } };
}

function put(path: string, seed: number, large = false): Change {
  const { size, content } = contentOf(seed, large);
  return {
    op: 'put',
    path: path as EntryPath,
    size,
    mtimeMs: 1000 + seed,
    etag: `e${seed}`,
    fileId: `${seed}`,
    content,
  };
}

/** What agents do: from `position`, follow the head through blobs of the database only. */
async function follow(signed: SignedText, from: { position: typeof GENESIS; state: FolderState }) {
  const head: Head = openSigned('harp/head/v1', signed, HeadSchema, keys, verifyEd25519);
  const plan = planHead(from.position, head);
  let position = from.position;
  let state: FolderState = new Map(from.state);
  if (plan.kind === 'current') return { head, position, state };
  if (plan.kind === 'snapshot') {
    const snapshot = decodeSnapshot(await blob(plan.snapshot.blob));
    position = { seq: snapshot.seq, link: snapshot.link };
    state = snapshot.state;
  }
  for (const ref of plan.segments) {
    const segment = decodeSegment(await blob(ref.blob));
    const start = position;
    position = verifySegment(segment, head.folder, start, ref, sha3);
    for (const entry of segment.entries) if (entry.seq > start.seq) applyEntry(state, entry);
  }
  expect(position).toEqual({ seq: head.seq, link: head.link });
  return { head, position, state };
}

async function blob(id: BlobId): Promise<Uint8Array> {
  const row = await prisma.blob.findUniqueOrThrow({ where: { id } });
  return Uint8Array.from(row.bytes);
}

type Step = { kind: 'put' | 'move' | 'delete'; a: number; b: number; large: boolean };
const steps = fc.array(
  fc.record({
    kind: fc.constantFrom<Step['kind']>('put', 'put', 'move', 'delete'),
    a: fc.nat(11),
    b: fc.nat(11),
    large: fc.boolean(),
  }),
  { minLength: 1, maxLength: 60 },
);

/** Turns random steps into changes that make sense where they stand. */
function sensible(list: readonly Step[], live: Set<string>, seed: { next: number }): Change[] {
  const changes: Change[] = [];
  for (const { kind, a, b, large } of list) {
    const path = `dir ${a % 3}/file ${a}`;
    const other = `dir ${b % 3}/file ${b}`;
    if (kind === 'put') {
      changes.push(put(path, seed.next++, large));
      live.add(path);
    } else if (kind === 'delete' && live.delete(path)) {
      changes.push({ op: 'delete', path: path as EntryPath });
    } else if (kind === 'move' && path !== other && live.delete(path)) {
      changes.push({ op: 'move', from: path as EntryPath, path: other as EntryPath });
      live.add(other);
    }
  }
  return changes;
}

describe('a chain', () => {
  test('whatever is appended: agents at any earlier position reach the state of the file list, and verify agrees', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(steps, { minLength: 1, maxLength: 12 }), async (batches) => {
        const folder = await newFolder();
        const live = new Set<string>();
        const seed = { next: 1 };
        const stops = [{ position: GENESIS, state: new Map() as FolderState }];
        for (const batch of batches) {
          const changes = sensible(batch, live, seed);
          const { signed, seq } = await writer().append(folder, changes);
          const expected = await prisma.$transaction((tx) => readState(tx, folder));
          for (const stop of stops) {
            const { head, state } = await follow(signed, stop);
            expect(head.seq).toBe(seq);
            expect(state).toEqual(expected);
          }
          const latest = await follow(signed, stops.at(-1)!);
          stops.push({ position: latest.position, state: latest.state });
        }
        const row = await prisma.folder.findUniqueOrThrow({ where: { id: folder } });
        const files = [...stops.at(-1)!.state.values()];
        expect(row.fileCount).toBe(files.length);
        expect(Number(row.byteCount)).toBe(files.reduce((sum, { size }) => sum + size, 0));
        const verified = await verifyFolder(prisma, folder, keys);
        expect(verified).toMatchObject({ ok: true, firstBad: null, entries: row.seq, manifests: files.length });
      }),
      { numRuns: 15 },
    );
  }, 120_000);

  test('an empty folder has a head that agents accept', async () => {
    const folder = await newFolder();
    const { signed } = await writer().append(folder, []);
    expect((await follow(signed, { position: GENESIS, state: new Map() })).state.size).toBe(0);
    expect(await writer().append(folder, [])).toMatchObject({ seq: 0, signed });
  });

  test('a snapshot is taken once replaying costs more, and a new agent starts there', async () => {
    const folder = await newFolder();
    let signed: SignedText | undefined;
    for (let round = 0; round < 4; round++) {
      const changes = Array.from({ length: 300 }, (_, n) => put(`file ${n % 20}`, round * 300 + n));
      ({ signed } = await writer().append(folder, changes));
    }
    const { head, state } = await follow(signed!, { position: GENESIS, state: new Map() });
    expect(head.snapshot?.seq).toBe(1200);
    expect(planHead(GENESIS, head).kind).toBe('snapshot');
    expect(state.size).toBe(20);
    expect(await verifyFolder(prisma, folder, keys)).toMatchObject({ ok: true, snapshots: 1 });
  });

  test('appends at the same time queue up instead of forking', async () => {
    const folder = await newFolder();
    await Promise.all(Array.from({ length: 6 }, (_, n) => writer().append(folder, [put(`f${n}`, n + 1)])));
    expect(await verifyFolder(prisma, folder, keys)).toMatchObject({ ok: true, entries: 6 });
  });

  test('an impossible change leaves nothing behind', async () => {
    const folder = await newFolder();
    await writer().append(folder, [put('a', 1)]);
    const bad: Change[] = [put('b', 2), { op: 'delete', path: 'none' as EntryPath }];
    await expect(writer().append(folder, bad)).rejects.toMatchObject({ code: 'internal.unexpected' });
    expect(await prisma.entry.count({ where: { folderId: folder } })).toBe(1);
    expect(await verifyFolder(prisma, folder, keys)).toMatchObject({ ok: true, entries: 1 });
    await expect(writer().append('fld-none' as FolderId, [])).rejects.toMatchObject({ code: 'api.not_found' });
  });
});

describe('verify names the first entry that is not right', () => {
  // Folders share blobs of equal content: a seed of one's own keeps one test's damage out of the next.
  let seeds = 10_000;
  async function prepared() {
    const folder = await newFolder();
    for (let n = 0; n < 5; n++) {
      seeds += 2;
      await writer().append(folder, [put(`small ${n}`, seeds), put(`large ${n}`, seeds + 1, true)]);
    }
    const head = await prisma.headRow.findUniqueOrThrow({ where: { folderId: folder } });
    return { folder, head: HeadSchema.parse(JSON.parse(head.text)) };
  }
  const where = (folder: FolderId, seq: number) => ({ where: { folderId_seq: { folderId: folder, seq } } });

  test.each<{
    name: string;
    tamper: (folder: FolderId, head: Head) => Promise<unknown>;
    seq: number | null;
    code: string;
  }>([
    {
      name: 'an entry with another size',
      tamper: async (folder) => {
        const row = await prisma.entry.findUniqueOrThrow(where(folder, 4));
        const body = row.body.replace(/"size":\d+/, '"size":999999');
        await prisma.entry.update({ ...where(folder, 4), data: { body } });
      },
      seq: 4,
      code: 'chain.link_mismatch',
    },
    {
      name: 'an entry and all links after it',
      tamper: (folder) => prisma.entry.update({ ...where(folder, 10), data: { link: 'f'.repeat(64) } }),
      seq: 10,
      code: 'chain.link_mismatch',
    },
    {
      name: 'a missing entry',
      tamper: (folder) => prisma.entry.delete(where(folder, 7)),
      seq: 7,
      code: 'chain.sequence_gap',
    },
    {
      name: 'a missing last entry',
      tamper: (folder) => prisma.entry.delete(where(folder, 10)),
      seq: 10,
      code: 'chain.sequence_gap',
    },
    {
      name: 'a changed segment',
      tamper: async (_, head) => {
        const id = head.segments[0]!.blob;
        const text = Buffer.from(await blob(id))
          .toString('utf8')
          .replace('"path":"small 1"', '"path":"small X"');
        await prisma.blob.update({ where: { id }, data: { bytes: Buffer.from(text) } });
      },
      seq: 3,
      code: 'blob.digest_mismatch',
    },
    {
      name: 'a changed manifest',
      tamper: async (folder) => {
        const file = await prisma.fileVersion.findFirstOrThrow({ where: { folderId: folder, path: 'large 2' } });
        await prisma.blob.update({ where: { id: file.manifestId }, data: { bytes: new Uint8Array([1]) } });
      },
      seq: 6,
      code: 'blob.digest_mismatch',
    },
    {
      name: 'a file list with another file',
      tamper: (folder) =>
        prisma.fileVersion.update({
          where: { folderId_path: { folderId: folder, path: 'small 4' } },
          data: { etag: 'other' },
        }),
      seq: 9,
      code: 'chain.fork',
    },
    {
      name: 'a forged head',
      tamper: (folder, head) =>
        prisma.headRow.update({ where: { folderId: folder }, data: { text: JSON.stringify({ ...head, atMs: 1 }) } }),
      seq: null,
      code: 'chain.signature_invalid',
    },
  ])('$name', async ({ tamper, seq, code }) => {
    const { folder, head } = await prepared();
    expect(await verifyFolder(prisma, folder, keys)).toMatchObject({ ok: true });
    await tamper(folder, head);
    expect(await verifyFolder(prisma, folder, keys)).toMatchObject({ ok: false, firstBad: { seq, code } });
    await prisma.$transaction((tx) => deleteFolder(tx, folder));
    expect(await prisma.folder.count({ where: { id: folder } })).toBe(0);
  });
});

test('an export holds what is needed to verify it offline', async () => {
  const folder = await newFolder();
  await writer().append(folder, [
    put('a', 1),
    put('b', 2, true),
    { op: 'move', from: 'a' as EntryPath, path: 'c' as EntryPath },
  ]);
  const files = new Map<string, Buffer>();
  const { files: count } = await exportChain(prisma, folder, keys, {
    async file(path, bytes) {
      const parts: Uint8Array[] = [];
      for await (const part of bytes) parts.push(Uint8Array.from(part));
      files.set(path, Buffer.concat(parts));
    },
  });
  expect(count).toBe(files.size);
  const head = openSigned(
    'harp/head/v1',
    JSON.parse(files.get('head.json')!.toString()),
    HeadSchema,
    JSON.parse(files.get('public-key.json')!.toString()),
    verifyEd25519,
  );
  expect(files.get('entries.jsonl')!.toString().split('\n')).toHaveLength(4);
  for (const [path, bytes] of files) {
    const [kind, id] = path.split('/');
    if (id !== undefined) expect([kind, blobIdOf(bytes, sha3)]).toEqual([kind, id]);
  }
  expect(head.segments.every(({ blob: id }) => files.has(`segments/${id}`))).toBe(true);
  expect([...files.keys()].filter((path) => path.startsWith('manifests/'))).toHaveLength(2);
});

test('blobs nobody names go a week after that was noticed, and none that is named', async () => {
  const folder = await newFolder();
  for (let n = 0; n < 8; n++) await writer().append(folder, [put('big', 100 + n, true)]);
  const clock = { nowMs: () => nowMs };
  await collectGarbage(prisma, clock);
  const before = await prisma.blob.count();
  nowMs += 6 * 86_400_000;
  expect(await collectGarbage(prisma, clock)).toBe(0);
  nowMs += 2 * 86_400_000;
  expect(await collectGarbage(prisma, clock)).toBeGreaterThanOrEqual(7);
  expect(await prisma.blob.count()).toBeLessThan(before);
  expect(await verifyFolder(prisma, folder, keys)).toMatchObject({ ok: true });
});
