/**
 * The network side of an agent as one thing: peer server and client, discovery, origin and swarm, joined. Called by the composition root only; holds
 * no logic but the joining.
 */
import type { FolderId } from '@harp/broker/protocol';
import { type Multicast, startMulticast } from '../discovery/multicast.ts';
import { type Interfaces, ownAddresses } from '../discovery/own-addresses.ts';
import { createPeerDirectory, type PeerLinks } from '../discovery/peer-directory.ts';
import { createGatewayClient } from '../origin/gateway-blobs.ts';
import { createGrantGates } from '../origin/grant-gates.ts';
import { createPeerClient } from '../peer/client.ts';
import { createPeerHealth } from '../peer/health.ts';
import { createListeners } from '../peer/listeners.ts';
import { createRoster } from '../peer/roster.ts';
import { createPeerServer } from '../peer/server.ts';
import { createSlots } from '../peer/slots.ts';
import { createUndertakings } from '../peer/undertakings.ts';
import type {
  BlobStore,
  ChunkStore,
  Clock,
  Disposable,
  FolderView,
  Identity,
  Logger,
  Outbox,
  PeerDirectory,
  Swarm,
  TrafficMeter,
} from '../ports.ts';
import { createSwarm } from './swarm.ts';

/** How often interfaces are compared: a plugged cable is noticed within this time. Costs one system call. */
const INTERFACES_EVERY_MS = 5000;
/** Questions over mDNS: soon and often while somebody of the roster is missing, then rarely. Never leaves the LAN. */
const QUERY_FIRST_MS = 1000;
const QUERY_CAP_MS = 60_000;

export interface NetSideDeps {
  identity: Identity;
  clock: Clock;
  logger: Logger;
  meter: TrafficMeter;
  outbox: Outbox;
  /** Uniform in [0, 1). */
  random: () => number;
  chunks: ChunkStore;
  blobs: BlobStore;
  /** Asked only when a peer asks us. */
  view: FolderView;
  /** `https://host:port` */
  gatewayUrl: string;
  /** This build's version. */
  version: string;
  /** Port 0: any that is free. No host: every interface. */
  listen: { port: number; host?: string };
  /** `networkInterfaces` of node:os. */
  interfaces: () => Interfaces;
  /** Whether to announce and browse over mDNS. */
  multicast: boolean;
}

export interface NetSide {
  /** Its `configure` reaches roster, server, discovery and grants as well. */
  readonly swarm: Swarm;
  readonly peers: PeerDirectory;
  /** Binds the peer server and begins to look for peers. @throws {HarpError} `agent.port_in_use` */
  start(): Promise<{ port: number }>;
  /** Where peers may reach us, `host:port`; empty before `start`. */
  addresses(): string[];
  onDidChangeAddresses(listener: () => void): Disposable;
  /** Closes every connection; what is under way is rejected. */
  stop(): Promise<void>;
}

/** The network side, not started. */
export function createNetSide(deps: NetSideDeps): NetSide {
  const { identity, clock, logger, random } = deps;
  const roster = createRoster();
  const undertakings = createUndertakings();
  const gates = createGrantGates(deps);
  const health = createPeerHealth(deps);
  const gateway = createGatewayClient(deps.gatewayUrl, identity);
  // Client and directory know each other: who is where, and whether it still answers.
  const client = createPeerClient({ identity, addressOf: (peer) => links.addressOf(peer) });
  const links: PeerLinks = createPeerDirectory({ self: identity, clock, random, logger, roster, client });
  const server = createPeerServer({
    ...deps,
    roster,
    undertakings,
    originHint: (folder: FolderId) => gates.hint(folder),
    onHeard: (peer) => links.noteHeard(peer),
  });
  const slots = createSlots(() => roster.policy().wanStreams);
  const swarm = createSwarm({
    ...deps,
    self: identity,
    client,
    links,
    gateway,
    roster,
    health,
    gates,
    undertakings,
    slots,
  });

  const changed = createListeners();
  const stopped = new AbortController();
  let port: number | undefined;
  let addresses: string[] = [];
  let multicast: Multicast | undefined;
  let hinted: string | undefined;

  const announce = () => {
    multicast?.stop();
    multicast = undefined;
    if (!deps.multicast || port === undefined) return;
    // Opaque and new each time: whoever listens on the LAN cannot follow a PC by it.
    const instance = Array.from({ length: 4 }, () =>
      Math.floor(random() * 2 ** 16)
        .toString(16)
        .padStart(4, '0'),
    ).join('');
    hinted = hint();
    multicast = startMulticast({
      logger,
      port,
      instance,
      server: hinted,
      onFound: (found) => links.offerAddresses(found),
    });
  };
  /** What PCs that look for their server are told. */
  const hint = () => (roster.policy().enrolBeacon ? new URL(deps.gatewayUrl).host : undefined);
  roster.onDidChange(() => {
    if (multicast !== undefined && hint() !== hinted) announce();
  });
  const readAddresses = () => ownAddresses(deps.interfaces(), port ?? 0, deps.listen.host);
  const watchInterfaces = async () => {
    for (;;) {
      await clock.sleep(INTERFACES_EVERY_MS, stopped.signal);
      const now = readAddresses();
      if (now.join() === addresses.join()) continue;
      addresses = now;
      logger.info({ addresses }, 'the network changed');
      announce();
      links.retryAll();
      changed.fire();
    }
  };
  const search = async () => {
    for (let waitMs = QUERY_FIRST_MS; ; waitMs = Math.min(QUERY_CAP_MS, waitMs * 2)) {
      await clock.sleep(waitMs, stopped.signal);
      const missing = roster.members().length - 1 - links.live().length;
      if (missing > 0) multicast?.query();
    }
  };
  const untilStopped = (loop: Promise<void>) => {
    loop.catch((error: unknown) => {
      if (!stopped.signal.aborted) logger.error({ error }, 'discovery stopped');
    });
  };

  return {
    swarm,
    peers: links,
    async start() {
      port = await server.listen(deps.listen.port, deps.listen.host);
      addresses = readAddresses();
      announce();
      untilStopped(watchInterfaces());
      untilStopped(search());
      logger.info({ port, addresses }, 'neighbours are served');
      return { port };
    },
    addresses: () => [...addresses],
    onDidChangeAddresses: (listener) => changed.add(listener),
    async stop() {
      stopped.abort();
      multicast?.stop();
      links.stop();
      swarm.close();
      await server.close();
      await Promise.all([client.close(), gateway.close()]);
    },
  };
}
