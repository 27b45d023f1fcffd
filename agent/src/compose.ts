/**
 * The composition root: builds every part of the running agent, joins them, starts them in order and stops them in reverse. Nothing else imports
 * the parts of another side.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, statfs } from 'node:fs/promises';
import { homedir, networkInterfaces } from 'node:os';
import { type AgentId, type Desired, HarpError, PROTOCOL_VERSION } from '@harp/broker/protocol';
import { type Control, createControl } from './control/control.ts';
import { roundedFreeBytes } from './control/reporter.ts';
import { lifeOf, requireIdentity } from './enrol/identity-files.ts';
import { keepTrust } from './enrol/keep-trust.ts';
import { createLiveIdentity, keepRenewed, type LiveIdentity } from './enrol/renew.ts';
import type { Clock, FolderSync, Logger } from './ports.ts';
import { diskError } from './state/atomic-file.ts';
import { type StateLayout, stateLayout } from './state/layout.ts';
import { lockState } from './state/lock.ts';
import { keepStatus, type StatusFacts } from './state/status-file.ts';
import { type FileStore, openStore } from './store/index.ts';
import { openState } from './store/state.ts';
import { createNetSide } from './swarm/net-side.ts';
import { createFolderSync } from './sync/index.ts';
import { createLogCleaner, type LogFence } from './telemetry/log-clean.ts';
import type { LogRing } from './telemetry/log-ring.ts';
import { openOutbox, type ReportQueue } from './telemetry/outbox.ts';
import { createOutboxFiles } from './telemetry/outbox-files.ts';
import { createReportIds } from './telemetry/report-id.ts';
import { createTrafficCounters, type TrafficCounters } from './telemetry/traffic-counters.ts';
import { AGENT_VERSION } from './version.ts';
import { slept } from './wake.ts';

/** A neighbour that is behind asks for a chunk within seconds of the others; after two sweeps without a reader the disk will do. */
const MEMORY_SWEEP_MS = 10_000;

export interface AgentOptions {
  /** State folder, absolute. */
  state: string;
  /** Folder NAME lands in `files`/NAME. */
  files: string;
  /** 0 takes any free port. */
  peerPort: number;
  /** All addresses when absent. */
  peerHost?: string;
  multicast: boolean;
}

/** The world outside. */
export interface AgentWorld {
  clock: Clock;
  log: Logger;
  /** The newest lines of `log`: what the console may ask for. */
  recentLog: LogRing;
  /** Uniform in [0, 1). Not for secrets. */
  random: () => number;
  /** What the console shows as this computer's name. */
  hostname: string;
  /** Called when the agent falls quiet after work. */
  collectGarbage: () => void;
}

export interface RunningAgent {
  agent: AgentId;
  peerPort: number;
  /** Stops every part, the last started first. */
  stop(): Promise<void>;
}

/**
 * Starts the agent of a state folder.
 *
 * @throws {HarpError} `agent.not_enrolled`, `agent.state_damaged`, `agent.certificate_expired`, `agent.already_running`, `agent.port_in_use`, `disk.*`
 */
export async function startAgent(options: AgentOptions, world: AgentWorld): Promise<RunningAgent> {
  const { clock, log, recentLog } = world;
  recentLog.cleanWith(createLogCleaner({ places: shownPlaces(options), secrets: [] }));
  const layout = stateLayout(options.state);
  const stops: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    for (let stopPart = stops.pop(); stopPart !== undefined; stopPart = stops.pop()) {
      await stopPart().catch((error: unknown) => log.error({ error: String(error) }, 'a part did not stop cleanly'));
    }
  };
  try {
    const identity = createLiveIdentity(await requireIdentity(layout), layout);
    refuseExpired(identity, clock.nowMs());
    const lock = await lockState(layout.lock);
    stops.push(() => lock.release());
    await mkdir(options.files, { recursive: true }).catch((error: unknown) => {
      throw diskError(error, options.files);
    });
    const peerPort = await startParts(options, world, { layout, identity, stops });
    log.info({ agent: identity.agent, peerPort, version: AGENT_VERSION }, 'agent started');
    return { agent: identity.agent, peerPort, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Ground {
  layout: StateLayout;
  identity: LiveIdentity;
  /** Filled as parts start. */
  stops: (() => Promise<unknown>)[];
}

async function startParts(options: AgentOptions, world: AgentWorld, ground: Ground): Promise<number> {
  const { clock, log, recentLog, random, hostname } = world;
  const { layout, identity, stops } = ground;
  const { record } = identity.stored();

  const queue = await openOutbox({
    files: createOutboxFiles(layout.outbox),
    reportIds: (after) => createReportIds(clock.nowMs, randomBytes, after),
    log: log.child({ part: 'outbox' }),
  });
  stops.push(() => queue.close());
  const counters = createTrafficCounters();

  const state = openState(layout.db);
  stops.push(() => state.close());
  const store = await openStore({ state, filesDir: options.files, log: log.child({ part: 'store' }) });
  stops.push(() => store.close());

  const net = createNetSide({
    identity,
    clock,
    random,
    logger: log.child({ part: 'net' }),
    meter: counters,
    outbox: queue,
    chunks: store.chunks,
    blobs: store.blobs,
    view: store.view,
    gatewayUrl: record.gatewayUrl,
    version: AGENT_VERSION,
    listen: { port: options.peerPort, ...(options.peerHost === undefined ? {} : { host: options.peerHost }) },
    interfaces: networkInterfaces,
    multicast: options.multicast,
  });
  stops.push(() => net.stop());
  const { port } = await net.start();

  const folders = createFolderSync({
    store,
    swarm: net.swarm,
    keys: () => identity.signingKeys(),
    clock,
    log: log.child({ part: 'folders' }),
    outbox: queue,
    meter: counters,
    hostname,
    platform: process.platform === 'win32' || process.platform === 'darwin' ? process.platform : 'linux',
  });
  stops.push(() => folders.stop());

  const control = createControl({
    mqttUrl: () => identity.stored().record.mqttUrl,
    layout,
    identity,
    clock,
    random,
    log,
    recentLog,
    queue,
    counters,
    peers: net.peers,
    folders,
    followers: [
      {
        // First: whatever the others say of a grant must find its secrets known.
        configure: (desired) =>
          recentLog.cleanWith(createLogCleaner({ places: shownPlaces(options), secrets: secretsOf(desired) })),
      },
      net.swarm,
      folders,
    ],
    usage: processUsage,
    facts: async () => ({
      protocol: PROTOCOL_VERSION,
      version: AGENT_VERSION,
      hostname,
      platform: `${process.platform}-${process.arch}`,
      addresses: net.addresses(),
      ...(await freeBytes(options.files)),
    }),
  });
  net.onDidChangeAddresses(() => control.factsChanged());
  await control.resume();

  const ending = new AbortController();
  const startedAtMs = clock.nowMs();
  const status = (): StatusFacts => ({
    ...statusOf({ identity, control, folders, queue, counters }),
    startedAtMs,
    peerPort: port,
    addresses: net.addresses(),
    peers: { live: net.peers.live().length, known: Math.max(0, (control.desired?.roster.length ?? 1) - 1) },
  });
  const renewal = { identity, clock, random, log: log.child({ part: 'renewal' }) };
  const loops = Promise.all([
    control.run(ending.signal),
    keepRenewed(renewal, ending.signal),
    keepTrust(renewal, ending.signal),
    keepStatus(layout, status, clock, log, ending.signal),
    keepSwept(store, world, ending.signal),
  ]);
  // A loop that ends by an error is a broken invariant: the process ends and its supervisor starts it again.
  loops.catch((error: unknown) => {
    if (!ending.signal.aborted) throw error;
  });
  stops.push(() => {
    ending.abort();
    return loops;
  });
  return port;
}

/** This computer's folders as log lines name them to others. */
function shownPlaces({ files, state }: AgentOptions): LogFence['places'] {
  return [
    [files, '<files>'],
    [state, '<state>'],
    [homedir(), '<home>'],
  ];
}

/** What a desired state holds that nobody but this agent may know. */
function secretsOf({ folders }: Desired): string[] {
  return folders.flatMap(({ origin }) => (origin === null ? [] : [origin.token, origin.password ?? '']));
}

function refuseExpired(identity: LiveIdentity, nowMs: number): void {
  const { toMs } = lifeOf(identity.tls().certificate);
  if (toMs > nowMs) return;
  const day = new Date(toMs).toISOString().slice(0, 10);
  throw new HarpError('agent.certificate_expired', `it was valid until ${day}`, { facts: { validToMs: toMs } });
}

interface StatusSources {
  identity: LiveIdentity;
  control: Control;
  folders: FolderSync;
  queue: ReportQueue;
  counters: TrafficCounters;
}

function statusOf({ identity, control, folders, queue, counters }: StatusSources) {
  const { agent, office } = identity.stored().record;
  const names = new Map(control.desired?.folders.map(({ id, name }) => [id, name]));
  const { connected, problem } = control.link;
  return {
    pid: process.pid,
    version: AGENT_VERSION,
    agent,
    office: control.desired?.office ?? office,
    certificateValidToMs: lifeOf(identity.tls().certificate).toMs,
    broker: { connected, ...(connected || problem === undefined ? {} : { problem: problem.code }) },
    desiredRevision: control.desired?.revision ?? 0,
    folders: folders.reports().map((report) => ({ ...report, name: names.get(report.id) ?? report.id })),
    traffic: counters.totals(),
    outbox: queue.stats(),
  };
}

/** An agent that has fallen quiet gives back what it needed for its work. */
async function keepSwept(store: FileStore, { clock, collectGarbage }: AgentWorld, signal: AbortSignal): Promise<void> {
  while (await slept(clock, MEMORY_SWEEP_MS, signal)) if (store.sweepMemory()) collectGarbage();
}

async function freeBytes(path: string): Promise<{ freeBytes?: number }> {
  try {
    const { bavail, bsize } = await statfs(path);
    return { freeBytes: roundedFreeBytes(bavail * bsize) };
  } catch {
    // A file system that does not tell, or one that is gone: the folder side reports the latter.
    return {};
  }
}

function processUsage(): { rssBytes: number; cpuMs: number } {
  const { user, system } = process.cpuUsage();
  return { rssBytes: process.memoryUsage.rss(), cpuMs: (user + system) / 1000 };
}
