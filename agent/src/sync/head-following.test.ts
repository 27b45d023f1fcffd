import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type BlobId, blobIdOf, encodeSegment, HarpError, type LinkHex, type SignedText } from '@harp/broker/protocol';
import { generateSigningKeyPem, sha3 } from '@harp/broker/protocol/node';
import { expect, test } from 'vitest';
import { fakeChain, folderA, folderB } from '../../test/fakes/files-side.ts';
import { filesBelow, startFileAgent, until } from '../../test/fixtures/file-agent.ts';
import { tempFolder } from '../../test/fixtures/temp-folder.ts';

const text = (content: string) => new TextEncoder().encode(content);
const put = (path: string, content = path) => ({ op: 'put' as const, path, content: text(content) });

/** An agent that holds the first of two heads. */
async function agentAtFirstHead() {
  const pem = generateSigningKeyPem();
  const chain = fakeChain(folderA, pem);
  const agent = await startFileAgent({ base: await tempFolder(), chain });
  const first = chain.append(put('a'), put('b'));
  agent.sync.offerHead(chain.folder, first);
  await agent.reaches('complete');
  return { agent, chain, first, pem };
}

type Case = Awaited<ReturnType<typeof agentAtFirstHead>>;

test.each<{ what: string; code: string; seq: number; bad: (at: Case) => SignedText }>([
  {
    what: 'a changed text',
    code: 'chain.signature_invalid',
    seq: 3,
    bad: ({ chain }) => {
      const signed = chain.append(put('c'));
      return { ...signed, text: signed.text.replace('"atMs":1790000000000', '"atMs":1790000000001') };
    },
  },
  {
    what: 'a key that is not pinned',
    code: 'chain.signature_invalid',
    seq: 1,
    bad: () => fakeChain(folderA).append(put('evil')),
  },
  {
    what: 'a head of another folder',
    code: 'chain.signature_invalid',
    seq: 1,
    bad: ({ pem }) => fakeChain(folderB, pem).append(put('evil')),
  },
  { what: 'an older head', code: 'chain.rollback', seq: 1, bad: ({ pem }) => fakeChain(folderA, pem).append(put('a')) },
  {
    what: 'another history of the same length',
    code: 'chain.fork',
    seq: 2,
    bad: ({ pem }) => fakeChain(folderA, pem).append(put('a'), put('evil')),
  },
  {
    what: 'another history that is longer',
    code: 'chain.fork',
    seq: 2,
    bad: ({ pem, chain }) => {
      const other = fakeChain(folderA, pem);
      const head = other.append(put('a'), put('evil'), put('c'));
      for (const [id, bytes] of other.blobs) chain.blobs.set(id, bytes);
      return head;
    },
  },
  {
    what: 'a segment whose entries do not lead to the signed link',
    code: 'chain.link_mismatch',
    seq: 3,
    bad: ({ chain }) => {
      chain.append(put('c'));
      return chain.head((head) => {
        const last = head.segments.at(-1)!;
        const entry = { v: 1 as const, seq: 3, atMs: 1, op: 'delete' as const, path: 'a' as never };
        const bytes = encodeSegment(folderA, last.previous, [entry]);
        const blob = blobIdOf(bytes, sha3);
        chain.blobs.set(blob, bytes);
        return { ...head, segments: [...head.segments.slice(0, -1), { ...last, blob }] };
      });
    },
  },
  {
    what: 'a segment that is not in canonical form',
    code: 'chain.malformed',
    seq: 3,
    bad: ({ chain }) => {
      chain.append(put('c'));
      return chain.head((head) => {
        const last = head.segments.at(-1)!;
        const bytes = text(new TextDecoder().decode(chain.blobs.get(last.blob)).replace('"v":1}', '"v": 1}'));
        const blob = blobIdOf(bytes, sha3);
        chain.blobs.set(blob, bytes);
        return { ...head, segments: [...head.segments.slice(0, -1), { ...last, blob }] };
      });
    },
  },
  {
    what: 'a head that is no head',
    code: 'protocol.invalid_message',
    seq: 9,
    bad: ({ chain }) => chain.head((head) => ({ ...head, seq: 9 })),
  },
])('$what is rejected as $code and told once; the last good state goes on', async ({ code, seq, bad }) => {
  const at = await agentAtFirstHead();
  const { agent, chain } = at;
  const signed = bad(at);
  agent.sync.offerHead(chain.folder, signed);
  await until(() => agent.outbox.of('chain.rejected').length === 1);
  agent.sync.offerHead(chain.folder, signed);
  await agent.clock.advance(60_000);
  expect(agent.outbox.of('chain.rejected')).toMatchObject([{ code, seq }]);
  expect(agent.report()).toMatchObject({ state: 'complete', seq: 2 });
  expect(Object.keys(await filesBelow(agent.root)).sort()).toEqual(['a', 'b']);
  expect(agent.store.view.verifiedSeq(chain.folder)).toBe(2);
  if (chain.position.seq > 2) {
    agent.sync.offerHead(chain.folder, chain.head());
    await agent.reaches('complete');
    expect(agent.report().seq).toBe(3);
  }
});

test('a blob that only comes tampered with names its entries, and is fetched again later', async () => {
  const { agent, chain } = await agentAtFirstHead();
  agent.swarm.beforeBlob = () => {
    throw new HarpError('blob.digest_mismatch', 'a blob does not match its name');
  };
  agent.sync.offerHead(chain.folder, chain.append(put('c')));
  await until(() => agent.outbox.of('chain.rejected').length === 1);
  expect(agent.report()).toMatchObject({ seq: 2, state: 'complete' });
  agent.swarm.beforeBlob = () => undefined;
  await agent.reachesInTime('complete');
  expect(agent.outbox.of('chain.rejected')).toHaveLength(1);
});

test('a new agent starts at the snapshot and verifies what follows', async () => {
  const chain = fakeChain();
  chain.append(put('a'), put('b'), put('gone'));
  chain.append({ op: 'delete', path: 'gone' });
  chain.snapshot();
  const head = chain.append({ op: 'move', from: 'b', path: 'c' });
  const base = await tempFolder();
  const agent = await startFileAgent({ base, chain });
  agent.sync.offerHead(chain.folder, head);
  await agent.reaches('complete');
  expect(Object.keys(await filesBelow(agent.root)).sort()).toEqual(['a', 'c']);
  expect(agent.swarm.blobsAsked).toHaveLength(2);
  expect(agent.report()).toMatchObject({ filesTotal: 2, filesDone: 2, link: chain.position.link });
});

test('an agent that was away too long is led on by a snapshot, without fetching what it has', async () => {
  const { agent, chain } = await agentAtFirstHead();
  chain.append(put('c'), { op: 'delete', path: 'a' }, { op: 'move', from: 'b', path: 'd/b' });
  chain.snapshot();
  agent.swarm.asked.length = 0;
  agent.sync.offerHead(chain.folder, chain.append(put('e')));
  await agent.reaches('complete');
  const files = await filesBelow(agent.root);
  expect(Object.keys(files).sort()).toEqual(['c', 'd/b', 'e']);
  expect(agent.swarm.asked.map(({ path }) => path).sort()).toEqual(['c', 'e']);
});

test('a snapshot that nobody signed as one is rejected', async () => {
  const chain = fakeChain();
  chain.append(put('a'));
  chain.snapshot();
  const agent = await startFileAgent({ base: await tempFolder(), chain });
  const { signature } = chain.head();
  const head = chain.head((good) => ({ ...good, snapshot: { ...good.snapshot!, signature } }));
  agent.sync.offerHead(chain.folder, head);
  await until(() => agent.outbox.of('chain.rejected').length === 1);
  expect(agent.outbox.of('chain.rejected')).toMatchObject([{ code: 'chain.signature_invalid', seq: 1 }]);
});

test('while blobs cannot be had the folder goes on as it is and tries again', async () => {
  const { agent, chain } = await agentAtFirstHead();
  agent.swarm.beforeBlob = () => {
    throw new HarpError('gateway.unreachable', 'no gateway');
  };
  agent.sync.offerHead(chain.folder, chain.append(put('c')));
  await until(() => agent.swarm.blobsAsked.length === 2);
  await agent.clock.advance(1000);
  expect(agent.report().seq).toBe(2);
  agent.swarm.beforeBlob = () => undefined;
  await agent.reachesInTime('complete');
  expect((await readFile(join(agent.root, 'c'))).toString()).toBe('c');
  expect(agent.outbox.of('chain.rejected')).toEqual([]);
});

test('blobs of the present head are kept for others, those of older heads go', async () => {
  const { agent, chain } = await agentAtFirstHead();
  const old = [...chain.blobs.keys()].filter((id) => agent.store.blobs.has(id));
  for (const name of ['c', 'd', 'e']) {
    chain.snapshot();
    agent.sync.offerHead(chain.folder, chain.append(put(name)));
    await agent.reaches('complete');
  }
  await until(() => old.every((id) => !agent.store.blobs.has(id)));
  const { segments } = JSON.parse(chain.head().text) as { segments: { blob: BlobId; link: LinkHex }[] };
  for (const { blob } of segments) expect(agent.store.view.blobBelongsTo(blob, chain.folder)).toBe(true);
});
