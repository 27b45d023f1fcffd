/** Server and agents through every order of rotations, visits, renewals and restarts: the server's real authority, the agents' real rules, real TLS. */
import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AgentId, OfficeId } from '@harp/broker/protocol';
import { createSealing } from '@harp/broker/protocol/node';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openCsr } from '../../broker/src/enrolment/csr.ts';
import { openPki, type Pki } from '../../broker/src/enrolment/pki.ts';
import { createTrustDesk, type TrustDesk } from '../../broker/src/enrolment/trust.ts';
import { systemClock } from '../../broker/src/ports.ts';
import type { AgentTrust, TrustStore } from '../../broker/src/store/trust-store.ts';
import { testKey } from '../../broker/test/csr.ts';
import { handshake, type Party } from '../../broker/test/handshake.ts';
import { legacyCa } from '../../broker/test/legacy-ca.ts';
import { silentLogger } from '../../broker/test/silent-logger.ts';
import { certificatesIn, checkBelongTogether, type EnrolmentRecord } from '../src/enrol/identity-files.ts';
import { adoptRoots, fingerprintsIn } from '../src/enrol/roots.ts';
import { tempFolder } from './fixtures/temp-folder.ts';

const sealing = createSealing(randomBytes(32));

/** The broker's table, in memory. */
function memoryStore(): TrustStore & { trust: Map<AgentId, AgentTrust> } {
  const trust = new Map<AgentId, AgentTrust>();
  return {
    trust,
    record: async (agent, said) => void trust.set(agent, said),
    recordRotation: async () => undefined,
    rows: async () => [...trust].map(([id, said]) => ({ id, hostname: id.slice(0, 8), ...said })),
  };
}

/** What an enrolment says besides, which plays no part here. */
const record: Omit<EnrolmentRecord, 'agent'> = {
  v: 1,
  office: { id: 'off-aaaaaaaaaaaaaaaa' as OfficeId, name: 'Lyon' },
  mqttUrl: 'mqtts://127.0.0.1:1',
  gatewayUrl: 'https://127.0.0.1:1',
  signingKeys: [],
  enrolledAtMs: 1,
};

interface PlayedAgent extends Party {
  agent: AgentId;
  csr: string;
}

/** A server that can be restarted, and its agents. */
async function world(dir: string) {
  const store = memoryStore();
  const agents: PlayedAgent[] = [];
  let pki: Pki;
  let desk: TrustDesk;
  const start = async (): Promise<void> => {
    pki = await openPki({ dir, sealing, serverNames: ['127.0.0.1', 'localhost'], clock: systemClock });
    desk = createTrustDesk({ pki, store, mqttUrl: 'mqtts://127.0.0.1:8422', clock: systemClock, logger: silentLogger });
  };
  await start();

  /** As agent/src/enrol does it, over a connection that either side may refuse. */
  const connect = async (agent: PlayedAgent): Promise<void> => {
    expect(await handshake(pki.server(), agent)).toEqual({ role: 'agent', agent: agent.agent });
  };
  const renew = async (agent: PlayedAgent): Promise<void> => {
    await connect(agent);
    const { certificate } = await pki.issueFor(await openCsr(agent.csr));
    Object.assign(agent, { certificate, ca: adoptRoots(agent.ca, pki.trust()) });
  };
  const visit = async (agent: PlayedAgent): Promise<void> => {
    for (let call = 0; call < 4; call++) {
      await connect(agent);
      const chain = certificatesIn(agent.certificate).map(({ raw }) => raw);
      const answer = await desk.hear(agent.agent, { roots: fingerprintsIn(agent.ca) }, chain);
      const before = agent.ca;
      agent.ca = adoptRoots(agent.ca, answer);
      if (answer.renew) await renew(agent);
      if (agent.ca === before && !answer.renew) return;
    }
  };
  return {
    agents,
    store,
    pki: () => pki,
    desk: () => desk,
    connect,
    renew,
    visit,
    restart: start,
    async enrol(): Promise<PlayedAgent> {
      const { key, csr } = await testKey();
      const { agent, spki } = await openCsr(csr);
      const { certificate } = await pki.issueFor({ agent, spki });
      // The token pins one root; the rest has to be vouched for.
      const [pinned] = [...pki.rootCertificates.values()];
      expect(fingerprintsIn(pinned!)).toEqual([pki.caFingerprint]);
      const enrolled = { agent, key, csr, certificate, ca: adoptRoots(pinned!, pki.trust()) };
      agents.push(enrolled);
      store.trust.set(agent, {
        trustedRoots: [...pki.rootCertificates.keys()],
        certificateRoot: pki.roots.present,
        certificateIssuer: null,
      });
      return enrolled;
    },
    async check(): Promise<void> {
      for (const agent of agents) {
        checkBelongTogether({
          record: { ...record, agent: agent.agent },
          tls: { key: agent.key, certificate: agent.certificate, ca: agent.ca },
        });
        await connect(agent);
      }
    },
  };
}

type World = Awaited<ReturnType<typeof world>>;

/** Neighbours accept each other, whichever of them is the server. */
async function checkNeighbours({ agents }: World): Promise<void> {
  for (const one of agents) {
    for (const other of agents) {
      if (one === other) continue;
      expect(await handshake(one, other, { anyName: true })).toEqual({ role: 'agent', agent: other.agent });
    }
  }
}

const refused = (error: unknown): string => (error as { code?: string }).code ?? 'unknown';
/** A refusal that says what it waits for is an answer, not a failure. */
const unlessPending = (order: Promise<unknown>): Promise<unknown> =>
  order.catch((error: unknown) => expect(refused(error)).toBe('ca.rotation_pending'));

const step = fc.oneof(
  { weight: 2, arbitrary: fc.constant({ do: 'issuing' as const }) },
  { weight: 3, arbitrary: fc.constant({ do: 'root' as const }) },
  { weight: 3, arbitrary: fc.constant({ do: 'advance' as const }) },
  { weight: 2, arbitrary: fc.constant({ do: 'restart' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'enrol' as const }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('visit' as const), who: fc.nat({ max: 9 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('renew' as const), who: fc.nat({ max: 9 }) }) },
);

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

async function take(here: World, order: Step): Promise<void> {
  const whom = (who: number) => here.agents[who % here.agents.length]!;
  if (order.do === 'issuing') await unlessPending(here.desk().rotate({ what: 'issuing', force: false }));
  else if (order.do === 'root') await unlessPending(here.desk().rotate({ what: 'root', force: false }));
  else if (order.do === 'advance') await here.desk().advance();
  else if (order.do === 'restart') await here.restart();
  else if (order.do === 'enrol') await here.enrol();
  else if (order.do === 'visit') await here.visit(whom(order.who));
  else await here.renew(whom(order.who));
}

test.each([
  { of: 'a new installation', prepare: async () => undefined },
  {
    of: 'an installation that began with a single CA',
    async prepare(dir: string) {
      const ca = await legacyCa();
      await mkdir(dir, { recursive: true });
      await writeFile(join(dir, 'ca.key'), ca.key);
      await writeFile(join(dir, 'ca.crt'), ca.certificate);
      return ca;
    },
  },
])(
  'in $of no order of rotations, visits, renewals and restarts locks an agent out',
  async ({ prepare }) => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 14 }), async (orders) => {
        const dir = join(await tempFolder(), 'pki');
        const ca = await prepare(dir);
        const here = await world(dir);
        await here.enrol();
        await here.enrol();
        if (ca !== undefined) {
          const enrolledThen = await ca.agent();
          here.agents.push({ ...enrolledThen, ca: ca.certificate });
          here.store.trust.set(enrolledThen.agent, {
            trustedRoots: [],
            certificateRoot: null,
            certificateIssuer: null,
          });
        }
        for (const order of orders) {
          await take(here, order);
          await here.check();
        }
        await checkNeighbours(here);
        // Whatever is under way comes to its end once everybody has come by.
        for (let round = 0; round < 2; round++) {
          for (const agent of here.agents) await here.visit(agent);
          await here.desk().advance();
        }
        for (const agent of here.agents) await here.visit(agent);
        expect(here.pki().roots).toMatchObject({ next: undefined, old: undefined });
        for (const agent of here.agents) expect(fingerprintsIn(agent.ca)).toEqual([here.pki().roots.present]);
        await here.check();
        await checkNeighbours(here);
      }),
      { numRuns: 8 },
    );
  },
  180_000,
);

test('a step that is forced lets agents that are behind come in by the old root, as long as it is trusted', async () => {
  const here = await world(join(await tempFolder(), 'pki'));
  const behind = await here.enrol();
  const before = here.pki().roots.present;
  await here.desk().rotate({ what: 'root', force: false });
  expect((await here.desk().status()).waiting).toMatchObject({ for: 'trust', agents: 1 });
  await here.desk().advance();
  expect(here.pki().roots.present).toBe(before);
  await here.desk().rotate({ what: 'root', force: true });
  expect(here.pki().roots).toMatchObject({ old: before, next: undefined });
  await here.visit(behind);
  expect(here.pki().rootOf(certificatesIn(behind.certificate).map(({ raw }) => raw))).toBe(here.pki().roots.present);
  await here.desk().advance();
  expect(here.pki().roots).toMatchObject({ old: undefined, next: undefined });
  await here.visit(behind);
  expect(fingerprintsIn(behind.ca)).toEqual([here.pki().roots.present]);
});

test('an agent that was left behind by force is refused in words that tell it to enrol again', async () => {
  const here = await world(join(await tempFolder(), 'pki'));
  const behind = await here.enrol();
  for (const force of [false, true, true]) await here.desk().rotate({ what: 'root', force });
  // What the agent's client calls enrolment.ca_mismatch.
  const refusal = await here.connect(behind).catch(refused);
  expect(refusal).toMatch(/^(UNABLE_TO|SELF_SIGNED|DEPTH_ZERO)/);
});
