/** The check in the browser, by the golden chain of docs/protocol: right as it is, and wrong in every way somebody could make it wrong. */
import {
  canonicalJson,
  Entry,
  fromHex,
  link,
  parseLine,
  portableSha3,
  signingInput,
  toHex,
} from '@harp/broker/protocol';
import { describe, expect, test } from 'vitest';
import vector from '../../../../../docs/protocol/vectors/chain.json';
import manifests from '../../../../../docs/protocol/vectors/manifest.json';
import { type ProveSignature, proveByWebCrypto } from '../../../api/signature.ts';
import { type Checker, createChecker } from './checker.ts';
import type { FileClaim, RawEntry, Verdict } from './finding.ts';
import { type ChainPage, verifyChain } from './verify-chain.ts';
import { type Answer, answerBy, checkerIn, type Question, type WorkerLike } from './worker-protocol.ts';

/** A chain as the server tells it. */
interface Told {
  entries: RawEntry[];
  head: { text: string; key: string; signature: string } | null;
  keys: { key: string; publicKey: string }[];
}

const golden = (): Told => ({
  entries: vector.entries.map(({ entry, serialised, link: hash }) => ({
    seq: entry.seq,
    body: serialised.slice(serialised.indexOf('\n') + 1),
    link: hash,
  })),
  head: { ...vector.head.signed },
  keys: [{ ...vector.signingKey }],
});

const newChecker = (prove: ProveSignature = proveByWebCrypto, snapshotMaxFiles = 1000) =>
  createChecker({ prove, snapshotMaxFiles, pauseEvery: 2, pause: async () => {} });

interface CheckOptions {
  claim?: FileClaim;
  checker?: Checker;
  pageEntries?: number;
  signal?: AbortSignal;
  onProgress?(done: number, total: number): void;
}

function check({ entries, head, keys }: Told, options: CheckOptions = {}): Promise<Verdict> {
  const { pageEntries = 2 } = options;
  let nowMs = 0;
  return verifyChain({
    folder: vector.folder,
    claim: options.claim,
    checker: options.checker ?? newChecker(),
    read: async (from): Promise<ChainPage> => {
      const page = entries.filter(({ seq }) => seq >= from).slice(0, pageEntries);
      const last = page.at(-1)?.seq ?? from;
      return { entries: page, nextFrom: entries.some(({ seq }) => seq > last) ? last + 1 : null, head, keys };
    },
    onProgress: options.onProgress ?? (() => {}),
    now() {
      nowMs += 10;
      return nowMs;
    },
    signal: options.signal ?? new AbortController().signal,
  });
}

/** DER prefix of a PKCS#8 Ed25519 key (RFC 8410); the seed follows. */
const PKCS8_PREFIX = '302e020100300506032b657004220420';

/** Signs as the data centre does: what nobody without its key can do. */
async function sign(context: Parameters<typeof signingInput>[0], text: string): Promise<string> {
  const pkcs8 = Uint8Array.from(fromHex(PKCS8_PREFIX + vector.privateKeySeed));
  const key = await crypto.subtle.importKey('pkcs8', pkcs8, 'Ed25519', false, ['sign']);
  const signature = await crypto.subtle.sign('Ed25519', key, Uint8Array.from(signingInput(context, text)));
  return btoa(String.fromCharCode(...new Uint8Array(signature)));
}

async function signedHead(change: (head: typeof vector.head.parsed) => unknown): Promise<Told['head']> {
  const head = structuredClone(vector.head.parsed);
  change(head);
  const text = canonicalJson(head);
  return { text, key: vector.signingKey.key, signature: await sign('harp/head/v1', text) };
}

/** The entries with new links from `from` on: what somebody would do who can write to the database. */
function relinked(entries: RawEntry[]): RawEntry[] {
  let previous = new Uint8Array(32);
  return entries.map((raw) => {
    previous = Uint8Array.from(link(parseLine(Entry, [raw.body], 0), previous, portableSha3));
    return { ...raw, link: toHex(previous) };
  });
}

const edited = (raw: RawEntry, from: string, to: string): RawEntry => {
  expect(raw.body).toContain(from);
  return { ...raw, body: raw.body.replace(from, to) };
};

test('the golden chain is right, and the verdict says what was proved', async () => {
  const progress: [number, number][] = [];
  const verdict = await check(golden(), { onProgress: (done, total) => progress.push([done, total]) });
  expect(verdict).toEqual({
    finding: undefined,
    headSeq: 5,
    headAtMs: vector.head.parsed.atMs,
    entries: 5,
    headSignature: 'proved',
    key: vector.signingKey.key,
    segments: 1,
    snapshotSignature: 'proved',
    snapshot: 'proved',
    file: 'none',
    manifest: 'none',
    tookMs: 10,
  });
  expect(progress).toEqual([
    [0, 5],
    [2, 5],
    [4, 5],
    [5, 5],
  ]);
});

test.each([1, 2, 3, 5, 1000])('pages of %i entries come to the same verdict', async (pageEntries) => {
  expect(await check(golden(), { pageEntries })).toMatchObject({ finding: undefined, entries: 5 });
});

test('entries that were made after the head was read are passed over', async () => {
  const chain = golden();
  chain.entries.push({ seq: 6, body: '{"not":"looked at"}', link: '0'.repeat(64) });
  expect(await check(chain)).toMatchObject({ finding: undefined, entries: 5 });
});

test('a folder where nothing was published yet is neither right nor wrong', async () => {
  const verdict = await check({ entries: [], head: null, keys: golden().keys });
  expect(verdict).toMatchObject({ finding: undefined, headSeq: 0, entries: 0, key: undefined, headSignature: 'none' });
});

describe('tampering is found and named', () => {
  const cases: { name: string; tamper(chain: Told): void | Promise<void>; found: object; entries?: number }[] = [
    {
      name: 'a changed entry',
      tamper(chain) {
        chain.entries[2] = edited(chain.entries[2]!, '"size":300017', '"size":300018');
      },
      found: { what: 'entryChanged', code: 'chain.link_mismatch', seq: 3 },
      entries: 2,
    },
    {
      name: 'a changed link',
      tamper(chain) {
        chain.entries[1] = { ...chain.entries[1]!, link: 'f'.repeat(64) };
      },
      found: { what: 'entryChanged', code: 'chain.link_mismatch', seq: 2 },
      entries: 1,
    },
    {
      name: 'a dropped entry',
      tamper: (chain) => void chain.entries.splice(1, 1),
      found: { what: 'entryMissing', code: 'chain.sequence_gap', seq: 2 },
      entries: 1,
    },
    {
      name: 'a dropped entry whose place the next one takes',
      tamper(chain) {
        chain.entries.splice(1, 1);
        chain.entries[1] = { ...chain.entries[1]!, seq: 2 };
      },
      found: { what: 'entryForm', code: 'chain.malformed', seq: 2 },
    },
    {
      name: 'two entries in each other’s place',
      tamper(chain) {
        const [a, b] = [chain.entries[0]!, chain.entries[1]!];
        chain.entries.splice(0, 2, { ...b, seq: 1 }, { ...a, seq: 2 });
      },
      found: { what: 'entryForm', seq: 1 },
      entries: 0,
    },
    {
      name: 'entries missing at the end',
      tamper: (chain) => void chain.entries.splice(3),
      found: { what: 'endMissing', code: 'chain.sequence_gap', from: 4, to: 5 },
      entries: 3,
    },
    {
      name: 'no entries at all behind a head',
      tamper: (chain) => void chain.entries.splice(0),
      found: { what: 'endMissing', from: 1, to: 5 },
      entries: 0,
    },
    {
      name: 'an entry that is no JSON',
      tamper(chain) {
        chain.entries[1] = { ...chain.entries[1]!, body: 'nonsense' };
      },
      found: { what: 'entryForm', code: 'chain.malformed', seq: 2 },
    },
    {
      name: 'an entry with a member nobody knows',
      tamper(chain) {
        chain.entries[1] = edited(chain.entries[1]!, '"v":1', '"v":1,"x":1');
      },
      found: { what: 'entryForm', code: 'chain.malformed', seq: 2 },
    },
    {
      name: 'an entry that says the same, but not in canonical form',
      tamper(chain) {
        chain.entries[1] = edited(chain.entries[1]!, '"size":0', '"size": 0');
      },
      found: { what: 'entryForm', code: 'chain.malformed', seq: 2 },
    },
    {
      name: 'an entry whose path climbs out of the folder',
      tamper(chain) {
        chain.entries[1] = edited(chain.entries[1]!, 'empty.txt', '../x.txt');
      },
      found: { what: 'entryForm', code: 'chain.malformed', seq: 2 },
    },
    {
      name: 'an early entry changed and every link after it computed anew',
      tamper(chain) {
        chain.entries[0] = edited(chain.entries[0]!, '"fileId":"5"', '"fileId":"9"');
        chain.entries = relinked(chain.entries);
      },
      found: { what: 'segmentLinks', code: 'chain.link_mismatch', from: 1, to: 3 },
      entries: 3,
    },
    {
      name: 'a late entry changed and every link after it computed anew',
      tamper(chain) {
        chain.entries[4] = edited(chain.entries[4]!, 'empty.txt', 'other.txt');
        chain.entries = relinked(chain.entries);
      },
      found: { what: 'segmentLinks', code: 'chain.link_mismatch', from: 4, to: 5 },
    },
    {
      name: 'a head that was changed',
      tamper(chain) {
        chain.head = { ...chain.head!, text: chain.head!.text.replace('"seq":5', '"seq":6') };
      },
      found: { what: 'headSignature', code: 'chain.signature_invalid' },
      entries: 0,
    },
    {
      name: 'a signature that was changed',
      tamper(chain) {
        chain.head = { ...chain.head!, signature: btoa('\0'.repeat(64)) };
      },
      found: { what: 'headSignature', code: 'chain.signature_invalid' },
    },
    {
      name: 'a signature that is too short',
      tamper(chain) {
        chain.head = { ...chain.head!, signature: btoa('short') };
      },
      found: { what: 'headSignature', code: 'chain.signature_invalid' },
    },
    {
      name: 'a head by a key that is not among the keys',
      tamper(chain) {
        chain.keys = [{ ...chain.keys[0]!, key: '0'.repeat(16) }];
      },
      found: { what: 'headSignature', code: 'chain.signature_invalid' },
    },
    {
      name: 'another key under the same id',
      tamper(chain) {
        chain.keys = [{ ...chain.keys[0]!, publicKey: btoa('k'.repeat(32)) }];
      },
      found: { what: 'headSignature', code: 'chain.signature_invalid' },
    },
    {
      name: 'a head that is no signed text',
      tamper(chain) {
        chain.head = { text: '{}', key: 'no key', signature: '!' };
      },
      found: { what: 'headForm', code: 'protocol.invalid_message' },
    },
    {
      name: 'a signed head that says nothing that a head says',
      async tamper(chain) {
        chain.head = { text: '{"v":1}', key: vector.signingKey.key, signature: await sign('harp/head/v1', '{"v":1}') };
      },
      found: { what: 'headForm', code: 'protocol.invalid_message' },
    },
    {
      name: 'a text that was signed in another role',
      async tamper(chain) {
        chain.head = { ...chain.head!, signature: await sign('harp/desired/v1', chain.head!.text) };
      },
      found: { what: 'headSignature', code: 'chain.signature_invalid' },
    },
    {
      name: 'the head of another folder',
      async tamper(chain) {
        chain.head = await signedHead((head) => Object.assign(head, { folder: 'fld-bbbbbbbbbbbbbbbb' }));
      },
      found: { what: 'headFolder', code: 'chain.signature_invalid' },
    },
    {
      name: 'entries without any head',
      tamper(chain) {
        chain.head = null;
      },
      found: { what: 'unsigned', code: 'chain.signature_invalid', seq: 1 },
      entries: 0,
    },
    {
      name: 'a snapshot that nobody signed',
      async tamper(chain) {
        chain.head = await signedHead(({ snapshot }) => Object.assign(snapshot, { signature: btoa('\0'.repeat(64)) }));
      },
      found: { what: 'snapshotSignature', code: 'chain.signature_invalid', seq: 3 },
    },
    {
      name: 'a signed snapshot of another state',
      async tamper(chain) {
        const blob = 'a'.repeat(64);
        const { folder, snapshot } = vector.head.parsed;
        const text = canonicalJson({ v: 1, folder, seq: snapshot.seq, link: snapshot.link, blob });
        const signature = await sign('harp/snapshot/v1', text);
        chain.head = await signedHead(({ snapshot }) => Object.assign(snapshot, { blob, signature }));
      },
      found: { what: 'snapshotContent', code: 'chain.fork', seq: 3 },
      entries: 3,
    },
  ];

  test.each(cases)('$name', async ({ tamper, found, entries }) => {
    const chain = golden();
    await tamper(chain);
    const verdict = await check(chain);
    expect(verdict.finding).toMatchObject(found);
    if (entries !== undefined) expect(verdict.entries).toBe(entries);
  });
});

describe('a file', () => {
  // The vector moves big.bin, entry 3, to Archive/ and deletes empty.txt.
  const file = { seq: 3, sizeBytes: 300_017, etag: 'e1', manifest: vector.entries[2]!.entry.manifest! };
  const big = { path: 'Archive/big.bin', file };

  test('that is what the entries say is proved', async () => {
    expect(await check(golden(), { claim: big })).toMatchObject({
      finding: undefined,
      file: 'proved',
      manifest: 'notChecked',
    });
  });

  test.each([
    { name: 'another size', claim: { ...big, file: { ...file, sizeBytes: 1 } } },
    { name: 'another ETag', claim: { ...big, file: { ...file, etag: 'e2' } } },
    { name: 'another manifest', claim: { ...big, file: { ...file, manifest: 'f'.repeat(64) } } },
    { name: 'another entry', claim: { ...big, file: { ...file, seq: 4 } } },
    { name: 'a path that has moved away', claim: { ...big, path: 'big.bin' } },
    { name: 'a file that was deleted', claim: { ...big, path: 'empty.txt' } },
    { name: 'silence about a file that is there', claim: { ...big, file: null } },
  ])('of which the server tells $name is not', async ({ claim }) => {
    const verdict = await check(golden(), { claim });
    expect(verdict.finding).toMatchObject({ what: 'fileDiffers', code: 'chain.fork' });
    expect(verdict.file).toBe('none');
  });

  test('that was deleted is proved to be gone', async () => {
    expect(await check(golden(), { claim: { path: 'empty.txt', file: null } })).toMatchObject({
      finding: undefined,
      file: 'proved',
    });
  });

  test('has the chunks of its manifest, or not', async () => {
    const one = vector.entries[0]!.entry;
    const { manifest, id } = manifests.cases.find((each) => each.id === one.manifest)!;
    const claim = {
      path: one.path,
      file: { seq: 1, sizeBytes: one.size!, etag: one.etag!, manifest: id },
      chunks: manifest.chunks,
    };
    expect(await check(golden(), { claim })).toMatchObject({ finding: undefined, manifest: 'proved' });
    const other = { ...claim, chunks: [{ id: 'f'.repeat(64), size: 10 }] };
    expect((await check(golden(), { claim: other })).finding).toMatchObject({ what: 'manifestDiffers' });
  });
});

describe('what cannot be checked is said', () => {
  test('signatures, where the browser gives no cryptography', async () => {
    const verdict = await check(golden(), { checker: newChecker(async () => undefined) });
    expect(verdict).toMatchObject({
      finding: undefined,
      headSignature: 'notChecked',
      snapshotSignature: 'notChecked',
      entries: 5,
    });
  });

  test('the content of a snapshot of too many files', async () => {
    const verdict = await check(golden(), { checker: newChecker(proveByWebCrypto, 2) });
    expect(verdict).toMatchObject({ finding: undefined, snapshot: 'notChecked', snapshotSignature: 'proved' });
  });
});

test('a check that is cancelled concludes nothing', async () => {
  const control = new AbortController();
  const verdict = check(golden(), { signal: control.signal, onProgress: (done) => done >= 2 && control.abort() });
  await expect(verdict).rejects.toThrow();
});

test('a page that cannot be read is an error, not a finding', async () => {
  const reading = verifyChain({
    folder: vector.folder,
    checker: newChecker(),
    read: async (from) => {
      if (from > 1) throw new Error('no network');
      return { entries: golden().entries.slice(0, 2), nextFrom: 3, head: golden().head, keys: golden().keys };
    },
    onProgress() {},
    now: () => 0,
    signal: new AbortController().signal,
  });
  await expect(reading).rejects.toThrow('no network');
});

test('a server that promises more and gives nothing does not keep the check going', async () => {
  const { entries, head, keys } = golden();
  const verdict = await verifyChain({
    folder: vector.folder,
    checker: newChecker(),
    read: async (from) => ({ entries: from === 1 ? entries.slice(0, 2) : [], nextFrom: from + 1, head, keys }),
    onProgress() {},
    now: () => 0,
    signal: new AbortController().signal,
  });
  expect(verdict.finding).toMatchObject({ what: 'endMissing', from: 3, to: 5 });
});

describe('in a worker', () => {
  /** A worker that is none: what is posted is cloned, as between real ones. */
  function inlineWorker(): WorkerLike {
    const checker = newChecker();
    const worker: WorkerLike = {
      onmessage: null,
      onerror: null,
      postMessage(question: Question) {
        void answerBy(checker, structuredClone(question)).then((answer) =>
          worker.onmessage?.({ data: structuredClone(answer) } as MessageEvent<Answer>),
        );
      },
      terminate: () => checker.dispose(),
    };
    return worker;
  }

  test('the verdict is the same', async () => {
    const { tookMs: _, ...here } = await check(golden());
    const { tookMs: __, ...there } = await check(golden(), { checker: checkerIn(inlineWorker()) });
    expect(there).toEqual(here);
  });

  test('a worker that breaks fails the check instead of leaving it hanging', async () => {
    const worker: WorkerLike = { onmessage: null, onerror: null, terminate() {}, postMessage: () => {} };
    const checking = check(golden(), { checker: checkerIn(worker) });
    await new Promise((resolve) => setImmediate(resolve));
    worker.onerror?.({ message: 'out of memory' } as ErrorEvent);
    await expect(checking).rejects.toThrow('out of memory');
  });

  test('what is asked of a cancelled worker is refused', async () => {
    const worker: WorkerLike = { onmessage: null, onerror: null, terminate() {}, postMessage: () => {} };
    const checker = checkerIn(worker);
    const taking = checker.take([]);
    checker.dispose();
    await expect(taking).rejects.toThrow('cancelled');
  });
});
