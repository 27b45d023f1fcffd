/** A peer that claims to hold everything and lies: what it sends is refused, and the office gets its files all the same. */
import { randomBytes } from 'node:crypto';
import { type AgentId, blobIdOf, type ChunkId, rank, runKey, singleChunkManifest, toHex } from '@harp/broker/protocol';
import { sha3, sha256 } from '@harp/broker/protocol/node';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { statusOf } from '../harness/agent-status.ts';
import { type Agent, createToken, temporaryFolder } from '../harness/fleet.ts';
import { enrolIdentity } from '../harness/identity.ts';
import { type FileWatch, watchFiles } from '../harness/invariants.ts';
import { type Lie, type LyingPeer, type LyingPeerOptions, lies, startLyingPeer } from '../harness/lying-peer.ts';
import { stays, until } from '../harness/process.ts';
import { notifyFleet, sql } from '../harness/server-parts.ts';
import { startWorld, type World } from '../harness/world.ts';
import { selfSigned } from '../stand-in/testing/self-signed.ts';

const FOLDER = 'Projects';
/** Short, so that a silent peer costs the test seconds and not the eight of the default. */
const STALL_MS = 3000;
let world: World;
let honest: Agent[];
let watch: FileWatch;
const liars: LyingPeer[] = [];

beforeAll(async () => {
  world = await startWorld();
  await world.cloud.putGenerated(`/${FOLDER}/first.bin`, 3_000_000, 'first');
  await world.distribute(FOLDER, ['north']);
  await sql(world.server, 'UPDATE "Office" SET policy = $1', [JSON.stringify({ wanStreams: 4, stallMs: STALL_MS })]);
  await notifyFleet(world.server);
  honest = await world.addAgents('north', ['pc1', 'pc2']);
  watch = watchFiles(world.cloud, honest, FOLDER);
  await watch.allow('first.bin');
  await world.delivered(honest, FOLDER, ['first.bin']);
});
afterAll(async () => {
  await Promise.all(liars.map((liar) => liar.stop()));
  await world?.dispose();
});

async function startLiar(name: string, lie: Lie, options: Pick<LyingPeerOptions, 'presents' | 'holdsNothing'> = {}) {
  const liar = await startLyingPeer({ ...options, name, lie, token: await createToken(world.server, 'north', 1) });
  liars.push(liar);
  return liar;
}

/** Resolves when both honest PCs have asked the liar who it is: from then on it counts as a peer. */
async function isPeer(liar: LyingPeer): Promise<void> {
  await until(
    'both PCs know the liar',
    () => liar.asked.hello >= 2 && honest.every((agent) => (statusOf(agent)?.peers.live ?? 0) >= 2),
  );
}

/** Puts a file of several chunks, so that a manifest is asked for too, and waits until both PCs hold it. */
async function arrives(path: string): Promise<void> {
  await world.cloud.putGenerated(`/${FOLDER}/${path}`, 6_000_000, path);
  await watch.allow(path);
  await world.delivered(honest, FOLDER, [path], 120_000);
}

describe('a peer that sends wrong bytes', () => {
  let liar: LyingPeer;

  test('is refused, and the file still arrives everywhere with the right bytes', async () => {
    liar = await startLiar('wrong-bytes', lies.wrongBytes);
    await isPeer(liar);
    await arrives('after-wrong-bytes.bin');
    expect(liar.asked.wants).toBeGreaterThan(0);
  });

  test('is reported by name', async () => {
    const event = await world.event('peer.distrusted', ({ body }) => body.peer === liar.identity.agent);
    expect(honest.map(({ id }) => id)).toContain(event.agentId);
    expect(event.body.chunk).toMatch(/^[0-9a-f]{64}$/);
  });

  test('is asked for nothing more by who caught it', async () => {
    const caughtBy = new Set(
      (await world.events())
        .filter(({ kind, body }) => kind === 'peer.distrusted' && body.peer === liar.identity.agent)
        .map(({ agentId }) => agentId),
    );
    const { wants } = liar.asked;
    await arrives('after-distrust.bin');
    // Only a PC that has not yet been lied to may have asked once.
    if (caughtBy.size === honest.length) expect(liar.asked.wants).toBe(wants);
    else await world.event('peer.distrusted', ({ agentId }) => !caughtBy.has(agentId));
  });
});

describe('whatever else a peer does with a want, the file arrives', () => {
  afterEach(() => liars.at(-1)?.stop());

  test.each<{ what: string; lie: Lie }>([
    { what: 'announces frames larger than any chunk', lie: lies.tooLargeFrames },
    { what: 'sends garbage instead of frames', lie: lies.garbage },
    { what: 'says for ever that it is fetching', lie: lies.endlessWaiting },
    { what: 'takes the want and says nothing', lie: lies.silence },
    { what: 'breaks off in the middle of an item', lie: lies.brokenOff },
  ])('a peer that $what', async ({ what, lie }) => {
    const liar = await startLiar('liar', lie);
    await isPeer(liar);
    await arrives(`${what.replaceAll(' ', '-')}.bin`);
    expect(liar.asked.wants).toBeGreaterThan(0);
  });
});

describe('a peer that holds nothing', () => {
  afterEach(() => liars.at(-1)?.stop());

  test('and says for ever that it fetches what is its to fetch: in the end the next in rank does', async () => {
    const liar = await startLiar('liar', lies.endlessWaiting, { holdsNothing: true });
    await isPeer(liar);
    await world.cloud.putBytes(`/${FOLDER}/owned.bin`, bytesOwnedBy(liar));
    await watch.allow('owned.bin');
    await world.delivered(honest, FOLDER, ['owned.bin'], 150_000);
    expect(liar.asked.wants).toBeGreaterThan(0);
  });
});

describe('a peer is who its certificate says, and nobody else', () => {
  test('one with a certificate from elsewhere is never asked anything', async () => {
    const { key, cert } = selfSigned(['127.0.0.1'], Date.now());
    const liar = await startLiar('foreign', lies.wrongBytes, { presents: { key, cert, ca: cert } });
    await until('somebody has tried it', () => liar.asked.connections > 0);
    await arrives('foreign-certificate.bin');
    await stays('no request gets through', () => liar.asked.hello + liar.asked.have + liar.asked.wants === 0, 1000);
  });

  test('one that shows another agent’s certificate is never asked anything', async () => {
    const other = await enrolIdentity(await createToken(world.server, 'north', 1), `${temporaryFolder('other')}/state`);
    const liar = await startLiar('impostor', lies.wrongBytes, { presents: other.tls });
    await until('somebody has tried it', () => liar.asked.connections > 0);
    await arrives('stolen-name.bin');
    await stays('no request gets through', () => liar.asked.have + liar.asked.wants === 0, 1000);
  });
});

test('no wrong byte ever showed in a folder', async () => {
  await watch.stop();
});

/** A file of one chunk that the liar is the first in rank to fetch for the office (docs/protocol/ownership-v1.md). */
function bytesOwnedBy(liar: LyingPeer): Uint8Array<ArrayBuffer> {
  const agents = [...honest.map(({ id }) => id as AgentId), ...liars.map(({ identity }) => identity.agent)];
  for (;;) {
    const bytes = Uint8Array.from(randomBytes(100_000));
    const manifest = blobIdOf(singleChunkManifest(bytes.length, toHex(sha256(bytes)) as ChunkId), sha3);
    const candidates = agents.map((agent) => ({ agent, weight: 1 }));
    if (rank(runKey(manifest, 0), candidates, sha256)[0] === liar.identity.agent) return bytes;
  }
}
