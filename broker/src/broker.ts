/** The broker's parts joined: what main.ts runs and tests start in their own process. Starts in order of need, stops in reverse. */
import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { createNotifier, createPrisma } from '@harp/prisma';
import { AGENTS_CHANNEL, agentPayloads } from './agent-news.ts';
import { createEnroller } from './enrolment/enrol.ts';
import { openPki, type Pki } from './enrolment/pki.ts';
import type { BrokerEnv } from './env.ts';
import { createBlobFrames } from './gateway/blob-frames.ts';
import { listenGateway } from './gateway/gateway.ts';
import { type Ingest, startIngest } from './ingest/ingest.ts';
import { brokerJobs } from './jobs/jobs.ts';
import { startJobs } from './jobs/scheduler.ts';
import { createMqttBroker } from './mqtt/mqtt-broker.ts';
import { listenMqtt, type TlsListener } from './mqtt/mqtt-listener.ts';
import type { Clock, Logger } from './ports.ts';
import type { AgentId } from './protocol/index.ts';
import { openRegistry } from './registry/registry.ts';
import { createBlobStore } from './store/blob-store.ts';
import { createEnrolmentStore } from './store/enrolment-store.ts';
import { readFleet } from './store/fleet-store.ts';
import { createIngestStore } from './store/ingest-store.ts';
import { createUpkeepStore } from './store/upkeep-store.ts';

/** Sent by whoever changes offices, agents, folders or who has them; the payload says nothing. */
const FLEET_CHANNEL = 'harp_fleet';

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

  // Where ingest reaches the broker's own listener.
  const localHost = ['0.0.0.0', '::'].includes(env.bindHost) ? '127.0.0.1' : env.bindHost;

  try {
    const pki = await openPki({
      dir: join(env.dataDir, 'pki'),
      serverNames: [env.publicHost, 'localhost', '127.0.0.1', '::1', env.hostName, localHost],
      clock,
    });

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

    const registry = await openRegistry({
      read: () => readFleet(prisma),
      onGone: (agents) => mqtt.kick(agents),
      clock,
      logger,
    });
    undo.push(() => registry.stop());

    const mqtt = await createMqttBroker({ membership: registry, clock, logger });
    undo.push(() => mqtt.close());
    undo.push(() => mqtt.close());
    notifier.listen(FLEET_CHANNEL, () => registry.invalidate());

    const listening = { ca: pki.ca, host: env.bindHost, logger };
    const mqttListener = await listenMqtt({ ...listening, broker: mqtt, tls: pki.server(), port: env.mqttPort });
    // Does not wait for its connections: mqtt.close(), which comes next, ends them.
    undo.push(() => void mqttListener.close());

    const ingest: Ingest = startIngest({
      openStream: () => {
        const { key, certificate } = pki.service('ingest');
        return connect({
          host: localHost,
          port: mqttListener.port,
          ca: pki.ca,
          key,
          cert: certificate,
          minVersion: 'TLSv1.3',
        });
      },
      store: createIngestStore(prisma, tellOf),
      clock,
      logger,
    });
    undo.push(() => ingest.close());

    const enroller = createEnroller({
      store: createEnrolmentStore(prisma),
      pki,
      urls: () => ({
        mqttUrl: `mqtts://${urlHost(env.publicHost)}:${mqttListener.port}`,
        gatewayUrl: `https://${urlHost(env.publicHost)}:${gateway.port}`,
      }),
      onEnrolled: async (agent) => {
        await registry.refresh();
        tellOf([agent]);
        await notifier.notify(FLEET_CHANNEL, '');
      },
      clock,
    });
    const gateway: TlsListener = await listenGateway({
      ...listening,
      enroller,
      blobs: createBlobFrames(createBlobStore(prisma), logger),
      membership: registry,
      tls: pki.server(),
      port: env.gatewayPort,
      clock,
    });
    undo.push(() => gateway.close());
    await withTimeout(ingest.ready, clock);

    const jobs = startJobs(
      brokerJobs({
        store: createUpkeepStore(prisma),
        pki,
        onSilent: tellOf,
        onCertificates: () => {
          mqttListener.setTls(pki.server());
          gateway.setTls(pki.server());
        },
        clock,
        logger,
      }),
      { clock, logger },
    );
    undo.push(() => jobs.stop());
    return { mqttPort: mqttListener.port, gatewayPort: gateway.port, pki, stop };
  } catch (error) {
    await stop();
    throw error;
  }
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
