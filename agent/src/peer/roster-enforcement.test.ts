/**
 * A peer serves a folder to exactly those whom the newest signed roster lists for it: over changes of membership, revocations and moves to another
 * office, with connections and wants that are open meanwhile, and whatever unsigned, older or foreign documents come in between.
 */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent as HttpsAgent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type AgentId,
  type ChunkId,
  canonicalJson,
  createFrameDecoder,
  type Desired,
  defaultOfficePolicy,
  type FolderId,
  frameType,
  Hello,
  type OfficeId,
  peerPaths,
  toHex,
} from '@harp/broker/protocol';
import { createSigner, generateSigningKeyPem, sha256 } from '@harp/broker/protocol/node';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FakeClock, fakeClock } from '../../test/fakes/fake-clock.ts';
import { createTestCa, type TestCa } from '../../test/fakes/net-pki.ts';
import { type MemoryChunks, memoryBlobs, memoryChunks, memoryMeter, openView } from '../../test/fakes/net-stores.ts';
import { silentLog } from '../../test/fakes/silent-log.ts';
import { createDesiredState, type DesiredState } from '../control/desired-state.ts';
import type { Identity } from '../ports.ts';
import { createRoster, type Roster } from './roster.ts';
import { createPeerServer, type PeerServer } from './server.ts';
import { createUndertakings, type Undertakings } from './undertakings.ts';

const ASKERS = 4;
const folders = ['a', 'b', 'c'].map((letter) => `fld-${letter.repeat(16)}` as FolderId);
const offices = ['a', 'b'].map((letter) => `off-${letter.repeat(16)}` as OfficeId);
/** Longer than a peer hesitates before it refuses. */
const PATIENCE_MS = 1600;
const WAIT_MS = 60_000;

const signer = createSigner(generateSigningKeyPem());
const stranger = createSigner(generateSigningKeyPem());

let ca: TestCa;
let folder: string;
let self: Identity;
let clock: FakeClock;
let chunks: MemoryChunks;
let roster: Roster;
let undertakings: Undertakings;
let server: PeerServer;
let port: number;
let desiredState: DesiredState;
let askers: { identity: Identity; connections: HttpsAgent }[];
let revision = 0;

beforeAll(async () => {
  ca = await createTestCa();
  folder = await mkdtemp(join(tmpdir(), 'harp-roster-'));
  self = { ...(await ca.enrol()), signingKeys: () => [signer.key] };
  clock = fakeClock();
  chunks = memoryChunks();
  roster = createRoster();
  undertakings = createUndertakings();
  desiredState = createDesiredState(join(folder, 'desired.json'), self, silentLog);
  server = createPeerServer({
    identity: self,
    clock,
    logger: silentLog,
    roster,
    chunks,
    blobs: memoryBlobs(),
    // Everything belongs to every folder: what is refused, the roster refuses.
    view: openView(() => folders),
    undertakings,
    meter: memoryMeter(),
    originHint: () => undefined,
    onHeard: () => undefined,
  });
  port = await server.listen(0, '127.0.0.1');
  askers = await Promise.all(
    Array.from({ length: ASKERS }, async () => ({
      identity: await ca.enrol(),
      connections: new HttpsAgent({ keepAlive: true }),
    })),
  );
}, 60_000);
afterAll(async () => {
  for (const { connections } of askers) connections.destroy();
  await server.close();
  await rm(folder, { recursive: true });
});

/** A fleet of two offices, as the data centre has it. */
interface Fleet {
  /** Office of the server, then of each asker. */
  places: number[];
  revoked: boolean[];
  /** Folders of each office. */
  assigned: boolean[][];
  /** Folders an asker is not given, though its office has them. */
  withheld: boolean[][];
}

function desiredOf(fleet: Fleet, agent: AgentId, at: number): Desired {
  const home = fleet.places[0]!;
  const ofOffice = folders.filter((_, index) => fleet.assigned[home]![index]);
  const members = askers.flatMap(({ identity }, index) =>
    fleet.places[index + 1] === home && !fleet.revoked[index]
      ? [
          {
            agent: identity.agent,
            folders: ofOffice.filter((id) => !fleet.withheld[index]![folders.indexOf(id)]),
            addresses: [],
            wanWeight: 1,
          },
        ]
      : [],
  );
  return {
    v: 1,
    agent,
    revision: at,
    atMs: 0,
    office: { id: offices[home]!, name: `office ${home}` },
    policy: defaultOfficePolicy,
    folders: ofOffice.map((id) => ({ id, name: id, origin: null })),
    roster: [{ agent: self.agent, folders: ofOffice, addresses: [], wanWeight: 1 }, ...members],
  };
}

/** Whether the data centre wants `asker` to have `index` from the server. */
function mayHave(fleet: Fleet, asker: number, index: number): boolean {
  const home = fleet.places[0]!;
  return (
    fleet.places[asker + 1] === home &&
    !fleet.revoked[asker] &&
    fleet.assigned[home]![index] === true &&
    !fleet.withheld[asker]![index]
  );
}

/** As the broker delivers it. */
async function deliver(desired: Desired, by = signer): Promise<void> {
  const payload = Buffer.from(JSON.stringify(by.sign('harp/desired/v1', canonicalJson(desired))));
  const taken = await desiredState.offer(payload).catch(() => undefined);
  if (taken !== undefined) roster.configure(taken);
}

/** What came of one request. */
interface Outcome {
  /** 0 when the connection was cut before an answer. */
  status: number;
  /** Bytes of chunks came. */
  gotBytes: boolean;
  body: string;
}

interface Asked {
  /** The server has said that it is getting the chunk; or the outcome is there. */
  begun: Promise<unknown>;
  outcome: Promise<Outcome>;
}

function ask(asker: number, path: string, body?: object): Asked {
  const { identity, connections } = askers[asker]!;
  const { key, certificate } = identity.tls();
  let begin = () => {};
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const outcome = new Promise<Outcome>((resolve) => {
    const seen: Outcome = { status: 0, gotBytes: false, body: '' };
    const end = () => {
      begin();
      resolve(seen);
    };
    const outgoing = request(
      {
        host: '127.0.0.1',
        port,
        path,
        method: body === undefined ? 'GET' : 'POST',
        agent: connections,
        ca: ca.pem,
        key,
        cert: certificate,
        checkServerIdentity: () => undefined,
      },
      (incoming) => {
        seen.status = incoming.statusCode ?? 0;
        const decoder = createFrameDecoder();
        incoming.on('data', (piece: Buffer) => {
          if (incoming.headers['content-type']?.includes('json')) {
            seen.body += piece.toString();
            return;
          }
          if (!path.endsWith('/chunks')) return;
          for (const { type } of decoder.push(piece)) {
            if (type === frameType.data) seen.gotBytes = true;
            if (type === frameType.waiting) begin();
          }
        });
        incoming.on('error', end);
        incoming.on('close', end);
      },
    );
    outgoing.on('error', end);
    outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  });
  return { begun: Promise.race([begun, outcome]), outcome };
}

/** Lets time pass until all of it has been answered. */
async function answered<T>(pending: readonly Promise<T>[], stepMs: number): Promise<T[]> {
  let done = false;
  const all = Promise.all(pending).finally(() => {
    done = true;
  });
  while (!done) await clock.advance(stepMs);
  return all;
}

async function newChunk(): Promise<{ id: ChunkId; store: () => Promise<void> }> {
  const bytes = new Uint8Array(randomBytes(1000));
  const id = toHex(sha256(bytes)) as ChunkId;
  return { id, store: () => chunks.put(id, bytes, 'origin') };
}

/** Every asker with every folder. */
const pairs = Array.from({ length: ASKERS }, (_, asker) => folders.map((id, index) => ({ asker, id, index }))).flat();

const flags = (length: number) => fc.array(fc.boolean(), { minLength: length, maxLength: length });
const fleets: fc.Arbitrary<Fleet> = fc.record({
  // Mostly one office, else there is nobody to ask.
  places: fc.array(fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.constant(1)), {
    minLength: ASKERS + 1,
    maxLength: ASKERS + 1,
  }),
  revoked: fc.array(fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, fc.constant(true)), {
    minLength: ASKERS,
    maxLength: ASKERS,
  }),
  assigned: fc.array(flags(folders.length), { minLength: 2, maxLength: 2 }),
  withheld: fc.array(
    fc.array(fc.oneof({ weight: 3, arbitrary: fc.constant(false) }, fc.constant(true)), {
      minLength: folders.length,
      maxLength: folders.length,
    }),
    { minLength: ASKERS, maxLength: ASKERS },
  ),
});

/** One thing that happens to a fleet. */
const events = fc.oneof(
  fc.record({ kind: fc.constant('revoke' as const), asker: fc.nat(ASKERS - 1) }),
  fc.record({ kind: fc.constant('move' as const), who: fc.nat(ASKERS), office: fc.nat(1) }),
  fc.record({
    kind: fc.constant('assign' as const),
    office: fc.nat(1),
    folder: fc.nat(folders.length - 1),
    to: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant('withhold' as const),
    asker: fc.nat(ASKERS - 1),
    folder: fc.nat(folders.length - 1),
    to: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('all' as const), fleet: fleets }),
  fc.record({ kind: fc.constantFrom('replay' as const, 'forge' as const, 'misdirect' as const) }),
);

type FleetEvent = typeof events extends fc.Arbitrary<infer Event> ? Event : never;

function after(fleet: Fleet, event: FleetEvent): Fleet {
  const next = structuredClone(fleet);
  if (event.kind === 'revoke') next.revoked[event.asker] = true;
  if (event.kind === 'move') next.places[event.who] = event.office;
  if (event.kind === 'assign') next.assigned[event.office]![event.folder] = event.to;
  if (event.kind === 'withhold') next.withheld[event.asker]![event.folder] = event.to;
  return event.kind === 'all' ? event.fleet : next;
}

const everything: Fleet = {
  places: Array(ASKERS + 1).fill(0),
  revoked: Array(ASKERS).fill(false),
  assigned: [folders.map(() => true), folders.map(() => true)],
  withheld: Array.from({ length: ASKERS }, () => folders.map(() => false)),
};

test('a folder goes to exactly those whom the newest signed roster lists, whatever happens while they ask', async () => {
  await fc.assert(
    fc.asyncProperty(fleets, fc.array(events, { minLength: 1, maxLength: 4 }), async (first, list) => {
      let fleet = first;
      const delivered: Desired[] = [];
      const publish = async (next: Fleet) => {
        revision += 1;
        const desired = desiredOf(next, self.agent, revision);
        delivered.push(desired);
        await deliver(desired);
      };
      await publish(fleet);
      for (const event of list) {
        const chunk = await newChunk();
        for (const id of folders) undertakings.undertake(id, [chunk.id]);
        const before = fleet;
        const open = pairs
          .filter(({ asker, index }) => mayHave(before, asker, index))
          .map((pair) => ({
            ...pair,
            ...ask(pair.asker, peerPaths.chunks(pair.id), { ids: [chunk.id], waitMs: WAIT_MS }),
          }));
        await Promise.all(open.map(({ begun }) => begun));

        fleet = after(fleet, event);
        if (event.kind === 'replay')
          await deliver({ ...desiredOf(everything, self.agent, delivered[0]!.revision - 1) });
        else if (event.kind === 'forge') await deliver(desiredOf(everything, self.agent, revision + 1000), stranger);
        else if (event.kind === 'misdirect')
          await deliver(desiredOf(everything, askers[0]!.identity.agent, revision + 1000));
        else await publish(fleet);
        await chunk.store();
        for (const id of folders) undertakings.release(id, [chunk.id]);

        const kept = await answered(
          open.map(({ outcome }) => outcome),
          WAIT_MS,
        );
        for (const [n, { asker, index }] of open.entries())
          expect({ asker, index, got: kept[n]!.gotBytes }).toEqual({ asker, index, got: mayHave(fleet, asker, index) });

        const asked = pairs.map((pair) => ({
          ...pair,
          want: ask(pair.asker, peerPaths.chunks(pair.id), { ids: [chunk.id], waitMs: 0 }),
          have: ask(pair.asker, peerPaths.have(pair.id), { ids: [chunk.id] }),
        }));
        await answered(
          asked.flatMap(({ want, have }) => [want.outcome, have.outcome]),
          PATIENCE_MS,
        );
        for (const { asker, index, want, have } of asked) {
          const may = mayHave(fleet, asker, index);
          const [wanted, had] = [await want.outcome, await have.outcome];
          expect({ asker, index, got: wanted.gotBytes }).toEqual({ asker, index, got: may });
          expect([wanted.status === 200, had.status === 200]).toEqual([may, may]);
        }
        for (let asker = 0; asker < ASKERS; asker++) {
          const hello = await ask(asker, peerPaths.hello).outcome;
          const shared = folders.filter((_, index) => mayHave(fleet, asker, index));
          if (hello.status === 200)
            expect(Hello.parse(JSON.parse(hello.body)).folders.map(({ id }) => id)).toEqual(shared);
          else expect(shared).toEqual([]);
        }
      }
    }),
    { numRuns: 20 },
  );
}, 120_000);

test('a chunk that is being read when the folder is taken away is not sent', async () => {
  const chunk = await newChunk();
  await chunk.store();
  revision += 1;
  await deliver(desiredOf(everything, self.agent, revision));
  const { read } = chunks;
  let letRead = () => {};
  const reading = new Promise<void>((begun) => {
    chunks.read = async (id) => {
      begun();
      await new Promise<void>((resolve) => {
        letRead = resolve;
      });
      return read(id);
    };
  });
  const asked = ask(0, peerPaths.chunks(folders[0]!), { ids: [chunk.id], waitMs: 0 });
  await reading;
  revision += 1;
  await deliver(
    desiredOf(after(everything, { kind: 'withhold', asker: 0, folder: 0, to: true }), self.agent, revision),
  );
  letRead();
  const [outcome] = await answered([asked.outcome], PATIENCE_MS);
  chunks.read = read;
  expect(outcome?.gotBytes).toBe(false);
});
