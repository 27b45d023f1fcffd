/** Five hundred PCs are switched on at one moment and enrol with one token, while another PC of the fleet works on. */
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseToken } from '@harp/broker/protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeToken } from '../harness/enrolments.ts';
import type { Agent } from '../harness/fleet.ts';
import { startHeartbeat } from '../harness/heartbeat.ts';
import { sql } from '../harness/server-parts.ts';
import { enrolInStorm, type StormPc, StormRefusal, stormPcs } from '../harness/storm.ts';
import { sha256Of, startWorld, type World } from '../harness/world.ts';

const FOLDER = 'Projects';
const PCS = 500;
/** Refusals that mean "later": whoever means well asks again. */
const LATER = ['gateway.busy', 'gateway.rate_limited'];

let world: World;
let good: Agent;
beforeAll(async () => {
  world = await startWorld();
  await world.cloud.putGenerated(`/${FOLDER}/first.txt`, 1000, 1);
  await world.distribute(FOLDER, ['north']);
  [good] = (await world.addAgents('north', ['good'])) as [Agent];
  await world.delivered([good], FOLDER, ['first.txt']);
});
afterAll(() => world?.dispose());

/** As harp-agent: again after a while, which grows, when the connection broke or the gateway was busy. */
async function untilIn(pc: StormPc, secret: string): Promise<string> {
  for (let pauseMs = 200; ; pauseMs = Math.min(2 * pauseMs, 5000)) {
    try {
      return await enrolInStorm(world.server.gatewayPort, pc, secret);
    } catch (error) {
      if (error instanceof StormRefusal && !LATER.includes(error.code ?? '')) throw error;
    }
    await delay(pauseMs * (0.5 + Math.random()));
  }
}

test('every one is in once, the token is used up, and the PC that works is not kept from it', async () => {
  const pcs = await stormPcs(PCS + 1);
  const late = pcs.pop() as StormPc;
  const { id, token } = await makeToken(world.server, { office: 'north', uses: PCS });
  const { s: secret } = parseToken(token);
  const heartbeat = startHeartbeat(world, good, FOLDER);

  const startedAt = performance.now();
  const agents = await Promise.all(pcs.map((pc) => untilIn(pc, secret)));
  process.stderr.write(`storm: ${PCS} PCs in ${((performance.now() - startedAt) / 1000).toFixed(1)} s\n`);

  expect(new Set(agents).size).toBe(PCS);
  const rows = await sql(
    world.server,
    `SELECT "hostname" FROM "Agent" WHERE "tokenId" = $1 AND "revokedAt" IS NULL ORDER BY "hostname"`,
    [id],
  );
  expect(rows.map(({ hostname }) => hostname)).toEqual(pcs.map(({ hostname }) => hostname).sort());
  expect(await sql(world.server, 'SELECT "used" FROM "EnrolmentToken" WHERE "id" = $1', [id])).toEqual([{ used: PCS }]);
  await expect(enrolInStorm(world.server.gatewayPort, late, secret)).rejects.toMatchObject({
    code: 'enrolment.token_used_up',
  });
  await heartbeat.stop();
  expect(heartbeat.beats).toBeGreaterThan(0);
  expect(await sha256Of(join(good.filesDir, FOLDER, 'first.txt'))).toBe(
    await world.cloud.digest(`/${FOLDER}/first.txt`),
  );
}, 420_000);
