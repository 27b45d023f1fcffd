/**
 * Everything between Nextcloud and the chain, joined: connections, indexer, chain, publisher, keys. main.ts builds this once; nothing else reaches
 * into the parts.
 */
import { availableParallelism } from 'node:os';
import type { FolderId, SigningKey } from '@harp/broker/protocol';
import { openSealing, type Signer } from '@harp/broker/protocol/node';
import type { Notifier, PrismaClient } from '@harp/prisma';
import type { StreamChange, VerifyResult } from '../../api/schemas.ts';
import { createIndexer, type Indexer } from '../indexer/indexer.ts';
import { createWorkerPool } from '../indexer/worker-pool.ts';
import type { WatchWalk } from '../jobs/index-jobs.ts';
import { resealIfPending } from '../keys/reseal.ts';
import { type Secrets, secretsWith } from '../keys/secrets.ts';
import { readServiceTls } from '../keys/service-tls.ts';
import { announceSigningKey, openSigner } from '../keys/signing-key.ts';
import { partLogger } from '../logs/part-logger.ts';
import { createNextcloudClient } from '../nextcloud/client.ts';
import { createConnections } from '../nextcloud/connections.ts';
import { createConnectionGate } from '../nextcloud/gate.ts';
import { createTransport } from '../nextcloud/transport.ts';
import type { Clock, Logger, RandomBytes } from '../ports.ts';
import { type BrokerFacts, brokerFactsOf } from '../publisher/broker-facts.ts';
import { createMqttLink, hearBoth, type MqttLink, type MqttLinkEvents } from '../publisher/mqtt-link.ts';
import { createPublisher } from '../publisher/publisher.ts';
import { createShareKeeper } from '../publisher/share-keeper.ts';
import { createChainWriter } from './chain-writer.ts';
import { createChangeSignal } from './change-signal.ts';
import { type ExportSink, exportChain } from './export.ts';
import { collectGarbage } from './garbage.ts';
import { verifyFolder } from './verify.ts';

export interface ContentOptions {
  prisma: PrismaClient;
  notifier: Notifier;
  /** HARP_DATA: holds `pki/` (read) and `keys/` (made if absent). */
  dataDir: string;
  /** HARP_MASTER_KEY, if it is given instead of `keys/master.key`. */
  masterKey?: string | undefined;
  /** `mqtts://host:port` */
  mqttUrl: string;
  /** Whether that is a broker that others run. */
  isExternalBroker: boolean;
  /** Of this program, for the User-Agent. */
  version: string;
  /** Seconds between two looks at a folder in Nextcloud; fractions allowed. */
  pollSeconds: number;
  /** The bundled worker, `index-worker.js`. */
  workerEntry: URL | string;
  clock: Clock;
  random: RandomBytes;
  logger: Logger;
  /** Who else speaks with agents over the connection to the broker, and what it wants to hear. */
  joinLink?(link: MqttLink): MqttLinkEvents;
  /** What people see changed: which data to read again. At most four calls a second, after ingest has committed. */
  onChange(keys: StreamChange['keys']): void;
  /** A walk through a folder begins. */
  watchWalk?: WatchWalk | undefined;
}

/** An account at a Nextcloud that was asked who it is. */
export interface NextcloudFacts {
  davUser: string;
  version: string;
  /** Whether the account may make public links. */
  sharingAllowed: boolean;
}

export interface ContentServices {
  /** Begins indexing and publishing. Waits for neither broker nor Nextcloud. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Indexes now instead of at the next poll; all folders if none is given. Returns at once. */
  kick(folder?: FolderId): void;
  /** Resolves when a run that began after this call has ended. @throws {HarpError} `api.not_found`, `origin.*` */
  indexNow(folder: FolderId): Promise<void>;
  /** @throws {HarpError} `api.not_found` */
  verifyFolder(
    folder: FolderId,
    signal?: AbortSignal,
    onProgress?: (done: number, total: number) => void,
  ): Promise<VerifyResult>;
  /** Public halves of the keys that sign heads now, from the key file. */
  readonly signingKeys: readonly SigningKey[];
  /** @throws {HarpError} `api.not_found`, `blob.absent` */
  exportChain(folder: FolderId, sink: ExportSink, signal?: AbortSignal): Promise<{ files: number }>;
  secrets: Secrets;
  /** Signs heads; for what else is signed in the data centre. */
  signer: Signer;
  /** Whether this start ended a change of the master key. */
  resealed: boolean;
  broker(): Promise<BrokerFacts>;
  /** Asks a Nextcloud who we would be there. Stores nothing. @throws {HarpError} `origin.*` */
  probeNextcloud(account: {
    url: string;
    userName: string;
    password: string;
    caPem?: string | undefined;
  }): Promise<NextcloudFacts>;
}

/** Enough to keep one Nextcloud busy; more would take the machine from the broker. */
const WORKERS_MAX = 4;
const GARBAGE_INTERVAL_MS = 24 * 3_600_000;
const FLEET_CHANNEL = 'harp_fleet';

/** Reads or makes the key files and announces the signing key; nothing runs before `start`. */
export async function createContentServices(options: ContentOptions): Promise<ContentServices> {
  const { prisma, notifier, clock, random, logger } = options;
  const sealing = await openSealing(options);
  const resealed = await resealIfPending({ prisma, dataDir: options.dataDir, sealing, logger });
  const secrets = secretsWith(sealing);
  const signer = await openSigner(options);
  await announceSigningKey(prisma, signer);
  const keys = [signer.key];
  const userAgent = `Harp/${options.version}`;
  const pollMs = Math.round(options.pollSeconds * 1000);
  const changes = createChangeSignal({ clock, emit: options.onChange });

  const connections = createConnections({
    prisma,
    secrets,
    clock,
    logger,
    userAgent,
    maintenancePauseMs: pollMs,
    onChange: () => changes.add(['folders']),
  });
  const publisher = createPublisher({
    prisma,
    secrets,
    signer,
    clock,
    logger,
    openLink: (events) => {
      const link = createMqttLink({
        url: options.mqttUrl,
        readTls: () => readServiceTls(options),
        clock,
        logger,
        // Nothing is heard before the turn in which the link is made has ended.
        events: hearBoth(events, () => others),
      });
      const others = options.joinLink?.(link);
      return link;
    },
    openShares: (onSettled) => createShareKeeper({ prisma, connections, secrets, clock, random, logger, onSettled }),
    onChange: (stale) => changes.add(stale),
  });
  const indexerLogger = partLogger(logger, 'indexer');
  const pool = createWorkerPool({
    entry: options.workerEntry,
    size: Math.min(WORKERS_MAX, availableParallelism()),
    logger: indexerLogger,
  });
  const indexer: Indexer = createIndexer({
    prisma,
    writer: createChainWriter({ prisma, signer, clock }),
    connections,
    pool,
    pollMs,
    clock,
    random,
    logger: indexerLogger,
    onHead: (head) => publisher.publishHead(head),
    onChange: () => changes.add(['folders']),
    watchWalk: options.watchWalk,
  });

  let listening: Disposable | undefined;
  let cancelGarbage: (() => void) | undefined;
  const refreshIndexer = (): void => {
    indexer.refresh().catch((error: unknown) => logger.warn({ error }, 'the list of folders could not be read'));
  };
  const cleanUp = (): void => {
    collectGarbage(prisma, clock).catch((error: unknown) => logger.warn({ error }, 'old blobs could not be removed'));
    cancelGarbage = clock.after(GARBAGE_INTERVAL_MS, cleanUp);
  };

  return {
    secrets,
    resealed,
    signer,
    async start() {
      listening = notifier.listen(FLEET_CHANNEL, () => {
        publisher.refresh();
        refreshIndexer();
        changes.add(['offices', 'folders']);
      });
      publisher.start();
      await indexer.refresh();
      cleanUp();
    },
    async stop() {
      listening?.[Symbol.dispose]();
      cancelGarbage?.();
      await indexer.stop();
      await pool.close();
      await publisher.stop();
      await connections.close();
      changes.stop();
    },
    kick: (folder) => indexer.kick(folder),
    indexNow: (folder) => indexer.indexNow(folder),
    signingKeys: keys,
    verifyFolder: (folder, signal, onProgress) => verifyFolder(prisma, folder, keys, signal, onProgress),
    exportChain: (folder, sink, signal) => exportChain(prisma, folder, keys, sink, signal),
    broker: brokerFactsOf({
      dataDir: options.dataDir,
      mqttUrl: options.mqttUrl,
      isExternal: options.isExternalBroker,
      link: () => ({ connected: publisher.connected(), failure: publisher.failure() }),
    }),
    async probeNextcloud(account) {
      const transport = createTransport({ ...account, userAgent });
      const client = createNextcloudClient({ transport, gate: createConnectionGate(), clock });
      try {
        const { version } = await client.status();
        const davUser = await client.currentUser();
        const { sharing } = await client.capabilities();
        return { davUser, version, sharingAllowed: sharing.allowed };
      } finally {
        await client.close();
      }
    },
  };
}
