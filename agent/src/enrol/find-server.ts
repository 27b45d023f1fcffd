/** Where the server is, for a PC that nobody told: a file that an image or a policy left, an enrolled neighbour, the DNS of the network. */
import { Resolver } from 'node:dns/promises';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HarpError, MDNS_ENROL_SERVICE, PeerAddress, parseToken } from '@harp/broker/protocol';
import { Bonjour, type Service } from 'bonjour-service';
import { z } from 'zod';
import { diskError, systemCodeOf } from '../state/atomic-file.ts';
import { parseJson } from '../state/json.ts';
import type { Contact } from './enrol.ts';
import { searchDomains } from './machine.ts';

/** How long neighbours have to answer: they wait up to 120 ms, and a busy one longer. */
const LISTEN_MS = 3_000;
/** Servers that a network may name: more is a network that does not mean well. */
const MAX_FOUND = 8;

const DNS_TIMEOUT_MS = 3_000;

/** `enrol.json`. With a token its own server and fingerprint count, which must be the same. */
const EnrolFile = z.strictObject({
  gateway: z.url({ protocol: /^https$/ }),
  fingerprint: z
    .string()
    .transform((text) => text.replaceAll(':', '').toLowerCase())
    .pipe(z.string().regex(/^[0-9a-f]{64}$/)),
  token: z.string().max(2000).exactOptional(),
});

/** Where the system keeps `enrol.json`, besides the state folder. */
function systemPlace(): string {
  if (process.platform === 'win32') return join('C:\\ProgramData', 'Harp', 'enrol.json');
  if (process.platform === 'darwin') return '/Library/Application Support/Harp/enrol.json';
  return '/etc/harp/enrol.json';
}

/**
 * The server that a file names; undefined if there is none.
 *
 * @throws {HarpError} `agent.usage` if the file cannot be understood, `enrolment.token_malformed`, `disk.failed`
 */
export async function serverInFile(stateDir: string, system = systemPlace()): Promise<Contact | undefined> {
  for (const path of [join(stateDir, 'enrol.json'), system]) {
    const text = await readFile(path, 'utf8').catch((error: unknown) => {
      if (systemCodeOf(error) === 'ENOENT' || systemCodeOf(error) === 'ENOTDIR') return undefined;
      throw diskError(error, path);
    });
    if (text === undefined) continue;
    const parsed = EnrolFile.safeParse(parseJson(text));
    if (!parsed.success) throw new HarpError('agent.usage', `${path} needs "gateway" (https://…) and "fingerprint"`);
    const { gateway: url, fingerprint, token } = parsed.data;
    const secret = token === undefined ? undefined : secretOf(token, fingerprint, path);
    return { via: 'file', url, fingerprint, ...(secret === undefined ? {} : { secret }) };
  }
  return undefined;
}

function secretOf(token: string, fingerprint: string, path: string): string {
  const { f, s } = parseToken(token);
  if (f !== fingerprint) throw new HarpError('agent.usage', `the token in ${path} is for another server`);
  return s;
}

/** Servers that enrolled neighbours name. Never throws: a network without multicast has none. */
export function serversOfNeighbours(signal: AbortSignal, listenMs = LISTEN_MS): Promise<Contact[]> {
  return new Promise((resolve) => {
    const found = new Set<string>();
    const ignore = () => undefined;
    const bonjour = new Bonjour({}, ignore);
    const { mdns } = (bonjour as unknown as { server: { mdns: NodeJS.EventEmitter } }).server;
    // An `error` nobody hears ends the process.
    mdns.on('error', ignore);
    mdns.on('warning', ignore);
    const heard = ({ txt }: Service) => {
      const server = PeerAddress.safeParse((txt as { g?: unknown } | undefined)?.g);
      if (server.success && found.size < MAX_FOUND) found.add(server.data);
    };
    const browser = bonjour.find({ type: MDNS_ENROL_SERVICE, protocol: 'tcp' }, heard);
    browser.on('txt-update', heard);
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      browser.stop();
      bonjour.destroy();
      resolve([...found].map((server) => ({ via: 'neighbour', url: `https://${server}` })));
    };
    const timer = setTimeout(end, listenMs);
    signal.addEventListener('abort', end, { once: true });
  });
}

export interface DnsOptions {
  /** Asked in the place of the system's (HARP_DNS_SERVERS). */
  servers?: readonly string[] | undefined;
  /** Looked in, in the place of the system's search domains (HARP_SEARCH_DOMAIN). */
  domain?: string | undefined;
}

/** Servers that SRV records of the search domains name, the preferred first. Never throws. */
export async function serversInDns({ servers, domain }: DnsOptions): Promise<Contact[]> {
  const resolver = new Resolver({ timeout: DNS_TIMEOUT_MS, tries: 2 });
  if (servers !== undefined) resolver.setServers(servers);
  const domains = domain === undefined ? await searchDomains() : [domain];
  const found: Contact[] = [];
  for (const each of domains.slice(0, MAX_FOUND)) {
    const records = await resolver.resolveSrv(`_harp._tcp.${each}`).catch(() => []);
    records.sort((a, b) => a.priority - b.priority || b.weight - a.weight);
    for (const { name, port } of records) {
      const address = PeerAddress.safeParse(`${name.replace(/\.$/, '')}:${port}`);
      if (address.success && found.length < MAX_FOUND) found.push({ via: 'dns', url: `https://${address.data}` });
    }
  }
  return found;
}
