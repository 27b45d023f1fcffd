/** Where peers may reach this agent. */
import type { NetworkInterfaceInfo } from 'node:os';

/** What `networkInterfaces()` of node:os returns. */
export type Interfaces = NodeJS.Dict<NetworkInterfaceInfo[]>;

/** The most a roster member may list. */
const ADDRESSES_MAX = 16;

/**
 * `host:port` of every interface a peer could use, IPv4 first. Loopback only when the server is bound to it or there is nothing else: on another
 * PC it would be that PC. Link-local IPv6 needs a zone that only this PC knows, so it is left out.
 */
export function ownAddresses(interfaces: Interfaces, port: number, boundTo?: string): string[] {
  if (boundTo !== undefined && !isUnspecified(boundTo)) return [formatAddress(boundTo, port)];
  const hosts = ownHosts(interfaces);
  return (hosts.length > 0 ? hosts : ['127.0.0.1']).map((host) => formatAddress(host, port));
}

/** Addresses of every interface that others could use, IPv4 first. */
export function ownHosts(interfaces: Interfaces): string[] {
  const all = Object.values(interfaces).flatMap((infos) => infos ?? []);
  const usable = all
    .filter(({ internal, address }) => !internal && !isLinkLocal(address))
    .sort((a, b) => (a.family === b.family ? 0 : a.family === 'IPv4' ? -1 : 1));
  return [...new Set(usable.map(({ address }) => address))].slice(0, ADDRESSES_MAX);
}

/** `host:port`, with the brackets that IPv6 needs. */
export function formatAddress(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Whether `address` means nothing without the interface it belongs to. */
export function isLinkLocal(address: string): boolean {
  return /^fe[89ab][0-9a-f]:/i.test(address) || address.startsWith('169.254.');
}

function isUnspecified(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}
