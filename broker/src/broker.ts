/** The broker's parts joined: what main.ts runs and tests start in their own process. Starts in order of need, stops in reverse. */
import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import { createNotifier, createPrisma } from '@harp/prisma';
import { AGENTS_CHANNEL, agentPayloads } from './agent-news.ts';
import { createEnroller } from './enrolment/enrol.ts';
import { createMover } from './enrolment/mover.ts';
import { openPki, type Pki } from './enrolment/pki.ts';
import { createTrustDesk } from './enrolment/trust.ts';
import { createWaitingRoom } from './enrolment/waiting-room.ts';
import type { BrokerEnv } from './env.ts';
import { createBlobFrames } from './gateway/blob-frames.ts';
import { listenGateway } from './gateway/gateway.ts';
import { gathered } from './gathered.ts';
import { type Ingest, startIngest } from './ingest/ingest.ts';
import { brokerJobs } from './jobs/jobs.ts';
import { startJobs } from './jobs/scheduler.ts';
import { keepBrokerState } from './mqtt/broker-state.ts';
import { openEmbeddedBroker } from './mqtt/embedded-broker.ts';
import { openExternalBroker } from './mqtt/external-broker.ts';
import type { FleetBroker } from './mqtt/fleet-broker.ts';
import { createMqttKit } from './mqtt/mqtt-kit.ts';
import type { TlsListener } from './mqtt/mqtt-listener.ts';
import { oncePer } from './once-per.ts';
import type { Clock, Logger } from './ports.ts';
import type { AgentId } from './protocol/index.ts';
import { openSealing, writeFileAtomic } from './protocol/node/index.ts';
import { openRegistry } from './registry/registry.ts';
import { createSteps } from './slow-steps.ts';
import { leaveAloneForAudit } from './store/audit-outbox.ts';
import { createBlobStore } from './store/blob-store.ts';
import { createEnrolmentStore } from './store/enrolment-store.ts';
import { readFleet } from './store/fleet-store.ts';
import { createIngestStore } from './store/ingest-store.ts';
import { createPlaceStore } from './store/place-store.ts';
import { createRequestStore } from './store/request-store.ts';
import { createTrustStore } from './store/trust-store.ts';
import { createUpkeepStore } from './store/upkeep-store.ts';

/** Sent by whoever changes offices, agents, folders or who has them; the payload says nothing. */
const FLEET_CHANNEL = 'harp_fleet';

/** Between two notifications of ours: everybody reads the fleet anew at each, and hundreds of PCs may enrol in a minute. */
const FLEET_NEWS_MS = 500;

/** Carries the id of a request to be let in that changed; an empty payload means that any may have. Sent by the console, too. */
const ENROLMENT_CHANNEL = 'harp_enrolment';

/** An agent that comes to the gateway from the same address again is looked at after this long. */
const VISIT_MS = 600_000;

/** From the start of ingest to its subscriptions: milliseconds on an idle machine. */
const INGEST_START_MS = 20_000;

export interface Broker {
  readonly mqttPort: number;
  readonly gatewayPort: number;
  readonly pki: Pki;
  /** Lets requests end, saves what was received, and closes everything. */
  stop(): Promise<void>;
}

/** Starts everything. @throws when the database does not answer, a port is taken, or the PKI is damaged. */
export async function startBroker(
  env: BrokerEnv,
  { clock, logger }: { clock: Clock; logger: Logger },
): Promise<Broker> {
  /** How to undo what has been started so far, newest first. */
  const undo: (() => unknown)[] = [];
  const stop = async (): Promise<void> => {
    for (const step of undo.splice(0).reverse()) await step();
  };

  const step = createSteps({ clock, logger });

  // Where this machine reaches our own listeners.
  const localHost = ['0.0.0.0', '::'].includes(env.bindHost) ? '127.0.0.1' : env.bindHost;

  try {
    const sealing = await step('master key', openSealing({ dataDir: env.dataDir, masterKey: env.masterKey }));
    const serverNames = [env.publicHost, 'localhost', '127.0.0.1', '::1', env.hostName, localHost];
    const pki = await step(
      'certificate authority',
      openPki({ dir: join(env.dataDir, 'pki'), sealing, serverNames, clock }),
    );

    const prisma = createPrisma(env.databaseUrl, { logger });
    undo.push(() => prisma.$disconnect());
    const notifier = createNotifier(env.databaseUrl, { logger });
    undo.push(() => notifier.close());

    const tellOf = (agents: readonly AgentId[]): void => {
      for (const payload of agentPayloads(agents))
        notifier
          .notify(AGENTS_CHANNEL, payload)
          .catch((error: unknown) => logger.debug({ err: error }, 'nobody was told of changed agents'));
    };

    const tellOfFleet = gathered(FLEET_NEWS_MS, clock, () => {
      notifier
        .notify(FLEET_CHANNEL, '')
        .catch((error: unknown) => logger.warn({ err: error }, 'nobody was told that the fleet changed'));
    });

    let mqtt: FleetBroker | undefined;
    const registry = await step(
      'the fleet in the database',
      openRegistry({
        read: () => readFleet(prisma),
        // The first read ends before there is a broker.
        onGone: (agents) => mqtt?.shutOut(agents),
        onRead: () => mqtt?.fleetRead(),
        clock,
        logger,
      }),
    );
    undo.push(() => registry.stop());

    const mover = createMover({
      store: createPlaceStore(prisma),
      onMoved: async (agents) => {
        await registry.refresh();
        tellOf(agents);
        tellOfFleet();
      },
      clock,
      logger,
    });
    undo.push(() => mover.stop());
    const isNewVisit = oncePer(VISIT_MS, clock);
    const noteVisitor = (agent: AgentId, address: string): void => {
      if (isNewVisit(`${agent} ${address}`)) mover.noteArrival(agent, address);
    };
    const openBroker = (): Promise<FleetBroker> =>
      env.externalMqtt === undefined
        ? openEmbeddedBroker({
            membership: registry,
            onArrival: mover.noteArrival,
            pki,
            bindHost: env.bindHost,
            localHost,
            port: env.mqttPort,
            urlOf: (port) => `mqtts://${urlHost(env.publicHost)}:${port}`,
            clock,
            logger,
          })
        : openExternalBroker({ ...env.externalMqtt, rights: () => registry.rights(), pki, clock, logger });
    const broker = await step('MQTT', openBroker());
    mqtt = broker;
    undo.push(() => broker.close());
    broker.fleetRead();
    notifier.listen(FLEET_CHANNEL, () => registry.invalidate());

    const ingest: Ingest = startIngest({
      openStream: () => broker.openStream(),
      store: createIngestStore(prisma, tellOf),
      isActive: (agent) => registry.isActive(agent),
      clock,
      logger,
    });
    undo.push(() => ingest.close());

    const room = createWaitingRoom(clock);
    notifier.listen(ENROLMENT_CHANNEL, (request) => room.tell(request));
    const enroller = createEnroller({
      store: createEnrolmentStore(prisma),
      requests: createRequestStore(prisma),
      room,
      pki,
      urls: () => ({
        mqttUrl: broker.url,
        gatewayUrl: `https://${urlHost(env.publicHost)}:${gateway.port}`,
      }),
      onEnrolled: async (agent, replaced) => {
        await registry.refresh();
        // Its first connection comes at once, and what the broker would not let through then is not said again.
        await broker.rightsKnown();
        tellOf([agent, ...replaced]);
        tellOfFleet();
      },
      onRequest: (request) => {
        notifier
          .notify(ENROLMENT_CHANNEL, request)
          .catch((error: unknown) => logger.debug({ err: error }, 'nobody was told of a request'));
      },
      clock,
    });
    const trust = createTrustDesk({ pki, store: createTrustStore(prisma), mqttUrl: broker.url, clock, logger });
    const gateway: TlsListener = await listenGateway({
      host: env.bindHost,
      logger,
      enroller,
      trust,
      blobs: createBlobFrames(createBlobStore(prisma), logger),
      membership: registry,
      mqttKit: createMqttKit({
        pki,
        rights: () => registry.rights(),
        record: (after) =>
          leaveAloneForAudit(prisma, {
            action: 'authority.issue-broker',
            object: { kind: 'server', id: 'authority', name: 'certificate authority' },
            office: null,
            before: null,
            after,
          }),
        defaultName:
          env.externalMqtt === undefined ? undefined : new URL(env.externalMqtt.url).hostname.replace(/^\[|\]$/g, ''),
      }),
      // Another's broker keeps to itself where its clients come from.
      ...(broker.isOurs ? {} : { onArrival: noteVisitor }),
      tls: pki.server(),
      port: env.gatewayPort,
      clock,
    });
    undo.push(() => gateway.close());
    pki.onDidChange(() => {
      broker.certificatesChanged();
      gateway.setTls(pki.server());
    });
    await writeGatewayAddress(env.dataDir, `https://${urlHost(localHost)}:${gateway.port}`);
    // A broker of others may come later.
    if (broker.isOurs) await withTimeout(ingest.ready, clock);
    undo.push(await keepBrokerState(env.dataDir, broker, clock, logger));

    const jobs = startJobs(
      brokerJobs({
        store: createUpkeepStore(prisma),
        trust,
        onSilent: tellOf,
        clock,
        logger,
      }),
      { clock, logger },
    );
    undo.push(() => jobs.stop());
    return { mqttPort: broker.port, gatewayPort: gateway.port, pki, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Where `harp ca` on this machine finds the gateway. */
function writeGatewayAddress(dataDir: string, url: string): Promise<void> {
  return writeFileAtomic(join(dataDir, 'pki', 'gateway.url'), `${url}\n`, 0o600);
}

/** A broker whose own ingest cannot connect serves nobody: better to end, and to be started again. */
function withTimeout(ready: Promise<void>, clock: Clock): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(INGEST_START_MS, () => reject(new Error('ingest cannot connect to its own broker')));
    ready.then(() => {
      cancel();
      resolve();
    });
  });
}

function urlHost(host: string): string {
  return isIPv6(host) ? `[${host}]` : host;
}
