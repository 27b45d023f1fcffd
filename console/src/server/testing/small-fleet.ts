import { AgentId, GENESIS_LINK } from '@harp/broker/protocol';
import type { FolderServices } from '../api/ports.ts';
import { type ServerHarness, serverHarness } from './server-harness.ts';

export const HOUR_MS = 3_600_000;
export const folderId = `fld-${'a'.repeat(16)}`;
export const nextcloudId = `nxc-${'a'.repeat(16)}`;
const agentId = (letter: string) => AgentId.parse(letter.repeat(52));
/** A row of a PC that waits for somebody to let it into north; `facts` differ. */
export function waitingPc<Facts extends object>(id: string, nowMs: number, facts?: Facts) {
  const at = new Date(nowMs);
  return {
    id,
    agentId: agentId(id.at(-1) ?? 'z'),
    csr: 'csr',
    hostname: `new-${id.slice(-3)}`,
    platform: 'linux',
    version: '0.1.0',
    addresses: ['10.1.0.9'],
    seenAddress: '10.1.0.9',
    via: 'file',
    state: 'waiting',
    cause: 'enrolment.approval_needed',
    officeId: 'off-n',
    officeBy: 'subnet',
    officeWhy: '10.1.0.0/16',
    ticketHash: 'x',
    createdAt: at,
    lastSeenAt: at,
    ...facts,
  };
}

export const [alice, bob, carol] = [agentId('a'), agentId('b'), agentId('c')];

/** An API over a small fleet: two offices; alice and bob in north, revoked carol in south; one folder of two files for north. `folders` replaces parts of the folders' side. */
export async function smallFleet(
  folders: Partial<FolderServices> = {},
): Promise<{ server: ServerHarness; nowMs: number }> {
  const server = await serverHarness({
    verify: async () => ({
      folder: 'Projects',
      ok: false,
      entries: 7,
      manifests: 2,
      snapshots: 0,
      headSeq: 7,
      firstBad: { seq: 3, what: 'entry', code: 'chain.link_mismatch' },
    }),
    async exportChain(_folder, sink) {
      await sink.file('head.json', [new TextEncoder().encode('{}\n')]);
      await sink.file('manifests/one', [new Uint8Array(100_000).fill(7)]);
    },
    ...folders,
  });
  const { database, clock } = server;
  const nowMs = clock.nowMs();
  await database.nextcloud.create({
    data: {
      id: nextcloudId,
      name: 'main',
      url: 'https://c.example',
      userName: 'harp',
      passwordSealed: 'x',
      version: '31.0.1',
    },
  });
  await database.office.createMany({
    data: [
      { id: 'off-n', name: 'north', subnets: ['10.1.0.0/16'] },
      { id: 'off-s', name: 'south', subnets: [] },
    ],
  });
  await database.folder.create({
    data: {
      id: folderId,
      name: 'Projects',
      nextcloudId,
      path: '/Projects',
      link: GENESIS_LINK,
      seq: 2,
      fileCount: 2,
      byteCount: 1500n,
      indexedAt: new Date(nowMs),
      entries: {
        create: [1, 2].map((seq) => ({
          seq,
          path: `file ${seq}.txt`,
          link: 'f'.repeat(64),
          body: JSON.stringify({ size: seq * 500 }),
        })),
      },
      files: {
        create: [1, 2].map((seq) => ({
          seq,
          path: `file ${seq}.txt`,
          fileId: String(seq),
          etag: 'e',
          size: BigInt(seq * 500),
          mtimeMs: 5n,
          manifestId: 'm',
          chunkId: seq === 1 ? 'c' : null,
        })),
      },
      offices: { create: { officeId: 'off-n', shareId: '7' } },
      problems: { create: { path: 'bad', code: 'origin.unexpected', detail: 'x' } },
    },
  });
  const agent = { platform: 'linux', version: '0.1.0', certificateSerial: '1', certificateEndsAt: new Date(nowMs) };
  const report = (state: string, seq: number, filesDone: number) => ({
    addresses: ['10.1.0.2:7000'],
    peers: [bob],
    folders: [
      { id: folderId, state, seq, link: GENESIS_LINK, filesTotal: 2, filesDone, bytesTotal: 1500, bytesDone: 700 },
    ],
  });
  await database.agent.createMany({
    data: [
      {
        ...agent,
        id: alice,
        officeId: 'off-n',
        hostname: 'pc-1',
        online: true,
        reportedAt: new Date(nowMs),
        reported: report('complete', 2, 2),
      },
      { ...agent, id: bob, officeId: 'off-n', hostname: 'pc-2', lastSeenAt: new Date(nowMs - 5000) },
      { ...agent, id: carol, officeId: 'off-s', hostname: 'pc-3', online: false, revokedAt: new Date(nowMs) },
    ],
  });
  const bytes = { fromPeers: 300n, fromOrigin: 200n, fromLocal: 0n };
  await database.delivery.createMany({
    data: [
      { agentId: alice, folderId, seq: 1, at: new Date(nowMs - 2000), ...bytes, tookMs: 40 },
      { agentId: bob, folderId, seq: 1, at: new Date(nowMs - 1000), ...bytes, tookMs: 90 },
      { agentId: alice, folderId, seq: 2, at: new Date(nowMs - 48 * HOUR_MS), ...bytes, tookMs: 10 },
    ],
  });
  const sample = { agentId: alice, folderId, intervalMs: 10_000, ...bytes, served: 0n, wasted: 0n };
  await database.sample.createMany({
    data: [
      { ...sample, at: new Date(nowMs - 30_000) },
      { ...sample, at: new Date(nowMs - 20_000), agentId: bob },
      { ...sample, at: new Date(nowMs - 2 * HOUR_MS) },
    ],
  });
  await database.agentEvent.create({
    data: { id: 'r.0', agentId: alice, at: new Date(nowMs), kind: 'folder.completed', folderId, body: { seq: 2 } },
  });
  return { server, nowMs };
}
