/**
 * Who belongs to an office can change while connections are open. A PC that comes is served, and one that leaves gets nothing more, on the connections
 * they have, within a minute.
 */
import type { IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request } from 'node:https';
import { join } from 'node:path';
import { createFrameDecoder, frameType, limits, peerPaths } from '@harp/broker/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { FileDetail, ManifestChunks } from '../../console/src/api/schemas.ts';
import { type Agent, createToken, temporaryFolder } from '../harness/fleet.ts';
import { type AgentIdentity, enrolIdentity } from '../harness/identity.ts';
import { until } from '../harness/process.ts';
import { notifyFleet, sql } from '../harness/server-parts.ts';
import { startWorld, type World } from '../harness/world.ts';

const FOLDER = 'Projects';
const MiB = 1024 * 1024;
/** Far more than sockets hold of what nobody reads. */
const FILE_BYTES = 96 * MiB;
const WITHIN_MS = 60_000;

let world: World;
let good: Agent;
let folder: string;
let chunks: { id: string }[];

beforeAll(async () => {
  world = await startWorld({ offices: ['north', 'south'] });
  await world.cloud.putGenerated(`/${FOLDER}/big.bin`, FILE_BYTES, 1);
  await world.distribute(FOLDER, ['north']);
  [good] = (await world.addAgents('north', ['good'])) as [Agent];
  await world.delivered([good], FOLDER, ['big.bin']);
  folder = await world.folderId(FOLDER);
  const { file } = FileDetail.parse(await world.server.api(`/folders/${folder}/file?path=big.bin`));
  ({ chunks } = ManifestChunks.parse(await world.server.api(`/folders/${folder}/manifests/${file?.manifest}`)));
});
afterAll(() => world?.dispose());

/** What a PC asks its neighbour, always over the same connection while that lasts. */
class Neighbour {
  readonly #connections = new HttpsAgent({ keepAlive: true, maxSockets: 1 });

  readonly identity: AgentIdentity;

  constructor(identity: AgentIdentity) {
    this.identity = identity;
  }

  /** Sends a want; resolves when the answer begins. `port` tells connections apart. */
  want(ids: readonly string[]): Promise<{ answer: IncomingMessage; port: number }> {
    const { peerPort } = z.object({ peerPort: z.int() }).parse(good.process.ready);
    return new Promise((resolve, reject) => {
      const outgoing = request(
        {
          host: '127.0.0.1',
          port: peerPort,
          path: peerPaths.chunks(folder as never),
          method: 'POST',
          agent: this.#connections,
          checkServerIdentity: () => undefined,
          ...this.identity.tls,
        },
        (answer) => resolve({ answer, port: answer.socket.localPort ?? 0 }),
      );
      outgoing.on('error', reject);
      outgoing.end(JSON.stringify({ ids, waitMs: 0 }));
    });
  }

  /** The status of a want for one chunk, whether its bytes came, and the connection it came over. Status 0: cut off. */
  async ask(): Promise<{ status: number; gotBytes: boolean; port: number }> {
    const begun = await this.want([chunks[0]!.id]).catch(() => undefined);
    if (begun === undefined) return { status: 0, gotBytes: false, port: 0 };
    const { answer, port } = begun;
    const status = answer.statusCode ?? 0;
    const decoder = createFrameDecoder();
    let gotBytes = false;
    try {
      for await (const piece of answer)
        if (status === 200) for (const { type } of decoder.push(piece as Buffer)) gotBytes ||= type === frameType.data;
    } catch {
      return { status: 0, gotBytes, port };
    }
    return { status, gotBytes, port };
  }

  close(): void {
    this.#connections.destroy();
  }
}

async function neighbourIn(office: string): Promise<Neighbour> {
  const name = `${office}-${Math.random().toString(36).slice(2, 8)}`;
  const token = await createToken(world.server, office, 1);
  return new Neighbour(await enrolIdentity(token, join(temporaryFolder(name), 'state')));
}

/** As the data centre assigns a PC to another office. */
async function moveTo(office: string, agent: string): Promise<void> {
  await sql(
    world.server,
    'UPDATE "Agent" SET "officeId" = (SELECT "id" FROM "Office" WHERE "name" = $1) WHERE "id" = $2',
    [office, agent],
  );
  await notifyFleet(world.server);
}

/** Milliseconds until it holds. @throws {Error} after a minute */
async function timeUntil(what: string, holds: () => Promise<boolean>): Promise<number> {
  const startMs = performance.now();
  await until(what, holds, WITHIN_MS, 50);
  return performance.now() - startMs;
}

test('a PC that comes to the office is served on the connection it has, within a minute', async () => {
  const comer = await neighbourIn('south');
  const refused = await comer.ask();
  expect(refused).toMatchObject({ status: 403, gotBytes: false });
  await moveTo('north', comer.identity.agent);
  let served = refused;
  const tookMs = await timeUntil('the comer is served', async () => {
    served = await comer.ask();
    return served.status === 200;
  });
  expect(served).toEqual({ status: 200, gotBytes: true, port: refused.port });
  expect(tookMs).toBeLessThan(WITHIN_MS);
  comer.close();
});

describe('a PC gets nothing more from a neighbour', () => {
  test.each([
    { name: 'that moved it to another office', leave: (agent: string) => moveTo('south', agent) },
    {
      name: 'that shut it out',
      leave: async (agent: string) => void (await world.server.harpJson('agent', 'revoke', agent)),
    },
  ])('of the office $name, on the connection it reads from, within a minute', async ({ leave }) => {
    const leaver = await neighbourIn('north');
    await timeUntil('the leaver is served', async () => (await leaver.ask()).status === 200);
    const ids = chunks.slice(0, limits.wantMaxIds).map(({ id }) => id);
    const { answer } = await leaver.want(ids);
    expect(answer.statusCode).toBe(200);
    // Reads a little, then stops, with nearly all of it still to come.
    let bytes = 0;
    let ended = false;
    let isHeld = false;
    const cut = new Promise<void>((resolve) => {
      answer.on('error', () => resolve());
      answer.on('close', () => resolve());
    });
    answer.on('end', () => {
      ended = true;
    });
    await new Promise<void>((resolve) => {
      answer.on('data', (piece: Buffer) => {
        bytes += piece.length;
        if (bytes > MiB && !isHeld) {
          isHeld = true;
          answer.pause();
          resolve();
        }
      });
    });

    await leave(leaver.identity.agent);
    const witness = new Neighbour(leaver.identity);
    const tookMs = await timeUntil('the leaver is refused', async () => (await witness.ask()).status === 403);
    expect(tookMs).toBeLessThan(WITHIN_MS);

    answer.resume();
    await cut;
    expect(ended && answer.complete).toBe(false);
    // What was in the sockets' buffers, not the rest of the file.
    expect(bytes).toBeLessThan(FILE_BYTES / 2);
    expect(await leaver.ask()).toMatchObject({ status: 403, gotBytes: false });
    leaver.close();
    witness.close();
  });
});
