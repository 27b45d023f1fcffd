/** The console server's parts joined: what main.ts runs. Starts in order of need, stops in reverse. */
import { join } from 'node:path';
import { FolderId } from '@harp/broker/protocol';
import { createNotifier, createPrisma } from '@harp/prisma';
import { createApi } from './api/app.ts';
import { findAgents } from './api/queries/agents.ts';
import { createHeadAnchor } from './audit/head-anchor.ts';
import { requestAudit } from './audit/request-audit.ts';
import { createAuditTrail, systemOrigin } from './audit/trail.ts';
import { verifyAudit } from './audit/verify.ts';
import { createAuth } from './auth/auth.ts';
import { consoleAddress } from './auth/console-address.ts';
import { writeLocalAccess } from './auth/local-key.ts';
import { newId } from './auth/secrets.ts';
import { deleteFolder, detachOffice } from './content/removal.ts';
import { createContentServices } from './content/services.ts';
import { watchOutbox } from './enrolment/outbox.ts';
import { enrolmentAddress } from './enrolment-address.ts';
import { localHost, type ServerEnv, urlHost } from './env.ts';
import { createFleet } from './fleet/apply.ts';
import { listenConsole } from './http/listener.ts';
import { openWorkbench } from './http/workbench.ts';
import { watchWalks } from './jobs/index-jobs.ts';
import { createJobs } from './jobs/jobs.ts';
import { AGENTS_CHANNEL, agentsIn } from './live/agent-news.ts';
import { createLiveHub } from './live/hub.ts';
import type { Logs } from './logs/channels.ts';
import type { Clock, Logger, RandomBytes } from './ports.ts';
import { createAccounts } from './sign-in/accounts.ts';
import { createProviders } from './sign-in/providers.ts';
import { HARP_VERSION } from './version.ts';

export interface ConsoleServer {
  readonly port: number;
  /** The code with which the first administrator is made; null when there is one. */
  readonly setupCode: string | null;
  stop(): Promise<void>;
}

export interface ConsoleServerPorts {
  databaseUrl: string;
  /** The indexer's worker, as a file. */
  workerEntry: URL;
  /** The console workspace's folder. */
  consoleDir: string;
  clock: Clock;
  randomBytes: RandomBytes;
  logger: Logger;
  logs: Logs;
}

/** Rows of sessions that have ended are deleted this often. */
const PURGE_EVERY_MS = 3_600_000;

/** Starts everything. @throws when the database does not answer or the port is taken */
export async function startConsoleServer(env: ServerEnv, ports: ConsoleServerPorts): Promise<ConsoleServer> {
  const { databaseUrl, clock, randomBytes, logger, logs } = ports;
  /** How to undo what has been started so far, newest first. */
  const undo: (() => unknown)[] = [];
  const stop = async () => {
    for (let undoing = undo.pop(); undoing !== undefined; undoing = undo.pop()) await undoing();
  };
  try {
    const database = createPrisma(databaseUrl, { logger });
    undo.push(() => database.$disconnect());
    const notifier = createNotifier(databaseUrl, { logger });
    undo.push(() => notifier.close());

    const hub = createLiveHub({
      clock,
      life: newId('', randomBytes),
      readAgents: (ids) => findAgents(database, ids, 'everywhere'),
      logger,
    });
    const jobs = createJobs({ clock, randomBytes, logger, onChange: () => hub.changed(['jobs']) });
    undo.push(() => jobs.stop());
    const content = await createContentServices({
      prisma: database,
      notifier,
      dataDir: env.dataDir,
      masterKey: env.masterKey,
      mqttUrl: env.mqttUrl,
      isExternalBroker: env.externalMqttUrl !== undefined,
      version: HARP_VERSION,
      pollSeconds: env.pollSeconds,
      workerEntry: ports.workerEntry,
      clock,
      random: randomBytes,
      logger,
      joinLink: logs.joinLink,
      onChange: (keys) => hub.changed(keys),
      watchWalk: watchWalks(jobs),
    });
    undo.push(() => content.stop());
    undo.push(() => logs.stop());

    const agentNews = notifier.listen(AGENTS_CHANNEL, (payload) => hub.agentsChanged(agentsIn(payload)));
    undo.push(() => agentNews[Symbol.dispose]());

    const anchor = createHeadAnchor(join(env.dataDir, 'audit-head.json'), logger);
    const trail = createAuditTrail({
      database,
      signer: content.signer,
      anchor,
      clock,
      logger,
      onEntries: () => hub.changed(['audit']),
    });
    const signAudit = () =>
      trail.sign().catch((error: unknown) => logger.error({ error: String(error) }, 'the audit log cannot be signed'));
    // What a server that was killed left unsigned; and, after the listener has closed, what this one leaves.
    await signAudit();
    undo.push(signAudit);
    undo.push(watchOutbox(notifier, trail, logger));
    const enrolmentNews = notifier.listen('harp_enrolment', () => hub.changed(['enrolments']));
    undo.push(() => enrolmentNews[Symbol.dispose]());
    const own = requestAudit(trail, systemOrigin);
    if (content.resealed)
      await own.note({ action: 'master-key.rotate', object: { kind: 'server', id: 'master-key', name: 'master key' } });
    const { secrets } = content;
    const address = consoleAddress(env.consoleUrl);
    const consoleOrigin = address.origin;
    const auth = createAuth({ database, clock, randomBytes, secrets, address });
    const providers = createProviders(database, { secrets, consoleOrigin, clock });
    const api = createApi({
      database,
      audit: {
        trail,
        verify: (signal) => verifyAudit({ database, keys: content.signingKeys, anchor }, signal),
      },
      auth,
      providers,
      accounts: createAccounts(database, { providers, consoleOrigin, clock, randomBytes }),
      hub,
      jobs,
      logs,
      clock,
      randomBytes,
      logger,
      version: HARP_VERSION,
      fleet: createFleet({
        clock,
        randomBytes,
        secrets,
        removal: { detachOffice, deleteFolder },
      }),
      enrolment: enrolmentAddress(env),
      trustedProxies: env.trustedProxies,
      folders: {
        reindex: (folder) => content.kick(FolderId.parse(folder)),
        verify: (folder, signal, onProgress) => content.verifyFolder(FolderId.parse(folder), signal, onProgress),
        signingKeys: () => content.signingKeys,
        exportChain: async (folder, sink, signal) => {
          await content.exportChain(FolderId.parse(folder), sink, signal);
        },
        broker: () => content.broker(),
      },
    });
    const listener = await listenConsole({ api, host: env.bindHost, port: env.consolePort, logger });
    undo.push(() => listener.close());
    const workbench = await openWorkbench({
      ui: env.ui,
      consoleDir: ports.consoleDir,
      server: listener.server,
      host: env.publicHost,
      port: listener.port,
      randomBytes,
      logger,
    });
    undo.push(() => workbench.close());
    listener.setWorkbench(workbench);

    await content.start();
    const url = `http://${urlHost(localHost(env.bindHost))}:${listener.port}`;
    await writeLocalAccess(join(env.dataDir, 'cli.json'), url, {
      find: (key) => auth.keys.find(key),
      create: (name) => auth.keys.create(name, own),
      revokeOthers: (name, keep) => auth.keys.revokeOthers(name, keep, own),
    });
    undo.push(purgeSessions(() => auth.sessions.purge(), clock, logger));
    const setupCode = await auth.newSetupCode();
    return { port: listener.port, setupCode, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** @returns ends it */
function purgeSessions(purge: () => Promise<void>, clock: Clock, logger: Logger): () => void {
  let cancel = () => {};
  const run = () => {
    purge().catch((error: unknown) => logger.warn({ error: String(error) }, 'old sessions cannot be deleted'));
    cancel = clock.after(PURGE_EVERY_MS, run);
  };
  run();
  return () => cancel();
}
