/** An office of in-process agents: real TLS on loopback, real discovery through roster hints, stores in memory. */
import { randomBytes } from 'node:crypto';
import {
  type BlobId,
  type ChunkId,
  type Desired,
  type EntryPath,
  type FolderId,
  type OfficeId,
  type OfficePolicy,
  type OriginGrant,
  toHex,
} from '@harp/broker/protocol';
import { sha256 } from '@harp/broker/protocol/node';
import type { ChunkWanted, Identity, Logger } from '../../src/ports.ts';
import { createNetSide, type NetSide } from '../../src/swarm/net-side.ts';
import { systemClock } from '../../src/system.ts';
import { startFakeGateway } from './net-gateway.ts';
import { type FakeOrigin, startFakeOrigin } from './net-origin.ts';
import { createTestCa } from './net-pki.ts';
import { memoryBlobs, memoryChunks, memoryMeter, memoryOutbox, openView } from './net-stores.ts';
import { silentLog } from './silent-log.ts';

export const folder = 'fld-aaaaaaaaaaaaaaaa' as FolderId;
export const otherFolder = 'fld-bbbbbbbbbbbbbbbb' as FolderId;

const KiB = 1024;
const CHUNK_BYTES = 64 * KiB;

export interface TestAgent {
  readonly identity: Identity;
  readonly net: NetSide;
  readonly chunks: ReturnType<typeof memoryChunks>;
  readonly blobs: ReturnType<typeof memoryBlobs>;
  readonly meter: ReturnType<typeof memoryMeter>;
  readonly outbox: ReturnType<typeof memoryOutbox>;
  /** Folders this agent holds. */
  folders: FolderId[];
  weight: number;
  /** Gets chunks of `folder`; resolves with how many came from where. */
  fetch(wanted: readonly ChunkWanted[], signal?: AbortSignal): Promise<{ peer: number; origin: number }>;
  stop(): Promise<void>;
}

export type TestOffice = Awaited<ReturnType<typeof startOffice>>;

/** An office with an origin, a gateway and nobody in it yet. */
export async function startOffice(policy: Partial<OfficePolicy> = {}, log: Logger = silentLog) {
  const ca = await createTestCa();
  const origin = await startFakeOrigin();
  const gateway = await startFakeGateway(ca);
  const agents: TestAgent[] = [];
  let revision = 0;

  const desiredOf = (agent: TestAgent, grant: OriginGrant | null): Desired => ({
    v: 1,
    agent: agent.identity.agent,
    revision: ++revision,
    atMs: 0,
    office: { id: 'off-aaaaaaaaaaaaaaaa' as OfficeId, name: 'Test' },
    policy: { wanStreams: 4, stallMs: 8000, enrolBeacon: false, ...policy },
    folders: agent.folders.map((id) => ({ id, name: id, origin: grant })),
    roster: agents.map((member) => ({
      agent: member.identity.agent,
      folders: member.folders,
      addresses: member.net.addresses(),
      wanWeight: member.weight,
    })),
  });

  const office = {
    ca,
    origin,
    gateway,
    agents,
    /** Adds an agent that listens; nobody knows of it before `configure`. */
    async join(folders: FolderId[] = [folder], weight = 1): Promise<TestAgent> {
      const identity = await ca.enrol();
      const chunks = memoryChunks();
      const blobs = memoryBlobs();
      const meter = memoryMeter();
      const outbox = memoryOutbox();
      const net = createNetSide({
        identity,
        clock: systemClock,
        logger: log.child({ agent: identity.agent.slice(0, 4) }),
        meter,
        outbox,
        random: Math.random,
        chunks,
        blobs,
        view: openView(() => agent.folders),
        gatewayUrl: gateway.url,
        version: '0.0.0',
        listen: { port: 0, host: '127.0.0.1' },
        interfaces: () => ({}),
        multicast: false,
      });
      const agent: TestAgent = {
        identity,
        net,
        chunks,
        blobs,
        meter,
        outbox,
        folders,
        weight,
        async fetch(wanted, signal = new AbortController().signal) {
          const came = { peer: 0, origin: 0 };
          await net.swarm.fetchChunks(folder, wanted, (_wanted, source) => came[source]++, signal);
          return came;
        },
        async stop() {
          const index = agents.indexOf(agent);
          if (index >= 0) agents.splice(index, 1);
          await net.stop();
        },
      };
      agents.push(agent);
      await net.start();
      return agent;
    },
    /** Sends everybody a new desired state. */
    configure(grant: OriginGrant | null = origin.grant): void {
      for (const agent of agents) agent.net.swarm.configure(desiredOf(agent, grant));
    },
    desiredOf,
    /** Resolves when everybody sees everybody. */
    async settled(): Promise<void> {
      await Promise.all(agents.map((agent) => seesPeers(agent, agents.length - 1)));
    },
    async close(): Promise<void> {
      await Promise.all([...agents].map((agent) => agent.stop()));
      await Promise.all([origin.close(), gateway.close()]);
    },
  };
  return office;
}

/** Resolves when `agent` sees exactly `count` live peers. */
export async function seesPeers(agent: TestAgent, count: number): Promise<void> {
  await until(
    (listener) => agent.net.peers.onDidChange(listener),
    () => agent.net.peers.live().length === count,
  );
}

/** Resolves when `condition` holds, looked at now and whenever `listen` calls. */
export function until(listen: (listener: () => void) => { dispose(): void }, condition: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    if (condition()) return resolve();
    const listening = listen(() => {
      if (!condition()) return;
      listening.dispose();
      resolve();
    });
  });
}

/** Puts a file of `sizeBytes` random bytes into the origin and says how to want it. Chunks have `chunkBytes`. */
export function addFile(origin: FakeOrigin, path: string, sizeBytes: number, chunkBytes = CHUNK_BYTES): ChunkWanted[] {
  const bytes = randomBytes(sizeBytes);
  const etag = `etag-${origin.files.size}`;
  origin.files.set(path, { etag, bytes });
  const manifest = toHex(sha256(Buffer.from(path))) as BlobId;
  const wanted: ChunkWanted[] = [];
  for (let offset = 0; offset < sizeBytes; offset += chunkBytes) {
    const part = bytes.subarray(offset, offset + chunkBytes);
    const id = toHex(sha256(part)) as ChunkId;
    wanted.push({ id, size: part.length, offset, manifest, path: path as EntryPath, etag, fileSize: sizeBytes });
  }
  return wanted;
}
