/**
 * mDNS: says that an agent is here and hears of others. Carries a port and a name that means nothing and is new at every start; who is behind an
 * address is found out by TLS. A host without multicast goes on with the roster's hints.
 */
import type { EventEmitter } from 'node:events';
import { MDNS_ENROL_SERVICE, MDNS_SERVICE } from '@harp/broker/protocol';
import { Bonjour, type Service } from 'bonjour-service';
import type { Logger } from '../ports.ts';
import { formatAddress, isLinkLocal } from './own-addresses.ts';

export interface Multicast {
  /** Asks who is there. */
  query(): void;
  /** Leaves the groups; says goodbye first if it can. */
  stop(): void;
}

export interface MulticastDeps {
  logger: Logger;
  /** Where our peer server listens. */
  port: number;
  /** Opaque, at most 63 characters a–z and 0–9. */
  instance: string;
  /** The gateway's `host:port`, told to PCs that look for their server; undefined: they are told nothing. */
  server?: string | undefined;
  /** Addresses (`host:port`) of one agent, the likeliest first. May be our own. */
  onFound(addresses: string[]): void;
}

/** What bonjour-service 1.4 does not declare: errors of its socket are emitted here, and an `error` nobody hears ends the process. */
interface BonjourSocket extends EventEmitter {
  query(questions: { name: string; type: 'PTR' }[], done: (error?: Error | null) => void): void;
}

/** Announces and browses on every interface until stopped. Never throws: trouble is logged once. */
export function startMulticast({ logger, port, instance, server, onFound }: MulticastDeps): Multicast {
  let complained = false;
  const complain = (error: unknown) => {
    if (complained) return;
    complained = true;
    const reason = error instanceof Error ? error.message : 'unknown';
    logger.warn({ reason }, 'multicast does not work on this network: neighbours are found through the roster only');
  };
  const bonjour = new Bonjour({}, complain);
  const socket = (bonjour as unknown as { server: { mdns: BonjourSocket } }).server.mdns;
  socket.on('error', complain);
  socket.on('warning', complain);

  const announced = bonjour.publish({
    name: instance,
    type: MDNS_SERVICE,
    protocol: 'tcp',
    port,
    // The default would tell the network this PC's host name.
    host: `${instance}.local`,
    txt: { v: '1' },
    // Nobody else can have this name: it is random.
    probe: false,
  });
  announced.on('error', complain);
  if (server !== undefined) {
    const hint = { name: instance, type: MDNS_ENROL_SERVICE, protocol: 'tcp' as const, port: portOf(server) };
    bonjour
      .publish({ ...hint, host: `${instance}.local`, txt: { v: '1', g: server }, probe: false })
      .on('error', complain);
  }
  const heard = (service: Service) => {
    if (service.name === instance) return;
    const hosts = [service.referer?.address, ...(service.addresses ?? [])];
    const usable = hosts.filter((host): host is string => host !== undefined && !isLinkLocal(host));
    if (usable.length > 0) onFound([...new Set(usable)].map((host) => formatAddress(host, service.port)));
  };
  const browser = bonjour.find({ type: MDNS_SERVICE, protocol: 'tcp' }, heard);
  browser.on('srv-update', heard);

  return {
    query: () =>
      socket.query([{ name: `_${MDNS_SERVICE}._tcp.local`, type: 'PTR' }], (error) => error && complain(error)),
    stop: () => {
      browser.stop();
      bonjour.unpublishAll(() => bonjour.destroy());
    },
  };
}

function portOf(address: string): number {
  return Number(address.slice(address.lastIndexOf(':') + 1));
}
