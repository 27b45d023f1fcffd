/** Who takes part when entrances are fuzzed: a good agent at work, agents whose certificates are in the wrong hands, an owner who is signed in. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type FolderId, peerPaths } from '@harp/broker/protocol';
import { z } from 'zod';
import { makeToken } from '../harness/enrolments.ts';
import { type Agent, temporaryFolder } from '../harness/fleet.ts';
import { type AgentIdentity, enrolIdentity } from '../harness/identity.ts';
import { until } from '../harness/process.ts';
import { ask } from '../harness/raw-requests.ts';
import { pidOfPart } from '../harness/server-parts.ts';
import type { World } from '../harness/world.ts';
import type { Access } from './openapi-inputs.ts';

/** Agents whose certificates are used, one connection each at a time. */
const INTRUDERS = 6;
const PASSWORD = 'correct horse battery staple';

export interface FuzzWorld {
  world: World;
  good: Agent;
  intruders: readonly AgentIdentity[];
  folder: FolderId;
  foreignFolder: FolderId;
  access: Access;
  /** Lets PCs into an office that nobody else looks at. */
  token: string;
}

/** A fleet in `world`, which has the offices north and south. */
export async function prepareFuzz(world: World): Promise<FuzzWorld> {
  const { server } = world;
  for (const [name, office] of [
    ['Projects', 'north'],
    ['Foreign', 'south'],
  ] as const) {
    await world.cloud.putGenerated(`/${name}/first.txt`, 1000, name.length);
    await world.distribute(name, [office]);
  }
  const [good] = (await world.addAgents('north', ['good'])) as [Agent];
  await world.delivered([good], 'Projects', ['first.txt']);
  const { token } = await makeToken(server, { office: 'north', uses: INTRUDERS + 1 });
  const [victim, ...intruders] = (await Promise.all(
    Array.from({ length: INTRUDERS + 1 }, (_, each) =>
      enrolIdentity(token, join(temporaryFolder(`intruder-${each}`), 'state')),
    ),
  )) as [AgentIdentity, ...AgentIdentity[]];
  for (const { tls } of intruders) {
    const hello = { path: peerPaths.hello, method: 'GET', tls };
    await until('the good agent lists the intruders', async () => (await ask(peerPortOf(good), hello)).status === 200);
  }
  const folder = (await world.folderId('Projects')) as FolderId;
  const foreignFolder = (await world.folderId('Foreign')) as FolderId;
  return {
    world,
    good,
    intruders,
    folder,
    foreignFolder,
    token: (await makeToken(server, { office: 'south', uses: 1000 })).token,
    access: await signIn(world, victim, foreignFolder),
  };
}

export const peerPortOf = (agent: Agent): number => z.object({ peerPort: z.int() }).parse(agent.process.ready).peerPort;

/** What is asked for may be changed, revoked and moved: nobody else needs it. */
async function signIn({ server, ...world }: World, victim: AgentIdentity, foreignFolder: FolderId): Promise<Access> {
  const { apiKey } = z
    .object({ apiKey: z.string() })
    .parse(JSON.parse(readFileSync(join(server.dataDir, 'cli.json'), 'utf8')));
  const response = await fetch(`${server.url}/api/v1/setup`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: server.url },
    body: JSON.stringify({ code: server.setupCode, name: 'ada', password: PASSWORD }),
  });
  const cookie = response.headers.get('set-cookie')?.split(';', 1)[0];
  if (!response.ok || cookie === undefined) throw new Error(`setup: ${response.status} ${await response.text()}`);
  const { offices } = await world.status();
  const ids = {
    agents: [victim.agent],
    offices: [offices.find(({ name }) => name === 'south')!.id],
    folders: [foreignFolder],
    logs: ['server', `agent:${victim.agent}`],
    audit: ['1', '2', '3'],
    state: ['layout', 'keys'],
    manifests: ['ab'.repeat(32)],
  };
  return { authorization: `Bearer ${apiKey}`, cookie, origin: server.url, ids };
}

/** The processes behind the entrances, as they are now. */
export function processesOf({ world, good }: Pick<FuzzWorld, 'world' | 'good'>): { name: string; pid: number }[] {
  const part = (name: 'broker' | 'console') => ({ name, pid: pidOfPart(world.server, name) ?? 0 });
  return [part('broker'), part('console'), { name: 'agent', pid: good.process.pid }];
}
