import { createHash } from 'node:crypto';
import { request } from 'node:https';
import { isIP } from 'node:net';
import { type ConnectionOptions, connect, type DetailedPeerCertificate, type TLSSocket } from 'node:tls';
import { ErrorBody, type ErrorCode, errorCodes, gatewayPaths, HarpError, limits } from '@harp/broker/protocol';
import type { z } from 'zod';
import { systemCodeOf } from '../state/atomic-file.ts';
import { parseJson } from '../state/json.ts';
import { skewError } from './clock-skew.ts';

/** Whom we speak to and as whom. Without key and certificate the call is anonymous, as enrolment has to be. */
export interface GatewayAccess {
  /** `https://host:port` */
  url: string;
  /** PEM of the only CA that may vouch for the gateway. */
  ca: string;
  key?: string;
  certificate?: string;
}

/** An answer that matched its schema, and the gateway's clock if it told it (UTC epoch, milliseconds). */
export interface GatewayAnswer<T> {
  body: T;
  serverMs: number | undefined;
}

/**
 * The root certificate that the gateway at `url` presents. Nothing vouches for it: who uses it must find out by other means whose it is.
 *
 * @throws {HarpError} `enrolment.intercepted`, `gateway.unreachable`
 */
export async function fetchRoot(url: string, signal: AbortSignal): Promise<{ pem: string; fingerprint: string }> {
  const socket = await handshake(url, signal);
  try {
    const root = rootOf(socket.getPeerCertificate(true));
    if (root === undefined) throw new HarpError('enrolment.intercepted', `${url} shows no root certificate`);
    return { pem: pemOf(root.raw), fingerprint: sha256Hex(root.raw) };
  } finally {
    socket.destroy();
  }
}

/**
 * The CA certificate (PEM) with SHA-256 `fingerprint` that the gateway at `url` presents. Nothing is sent and nothing else is trusted: the caller
 * connects again with this CA, so that OpenSSL checks the whole chain and the host name.
 *
 * @throws {HarpError} `enrolment.ca_mismatch`, `enrolment.intercepted`, `gateway.unreachable`
 */
export async function fetchPinnedCa(url: string, fingerprint: string, signal: AbortSignal): Promise<string> {
  const socket = await handshake(url, signal);
  try {
    const root = rootOf(socket.getPeerCertificate(true));
    if (root === undefined || sha256Hex(root.raw) !== fingerprint) {
      const issuer = nameOf(root);
      throw new HarpError('enrolment.ca_mismatch', `${url} shows a certificate of “${issuer}”`, {
        facts: { url, issuer },
      });
    }
    return pemOf(root.raw);
  } finally {
    socket.destroy();
  }
}

/**
 * Sends `body` (or GETs when there is none) and checks the answer, 200 or 202, against `schema`.
 *
 * @throws {HarpError} the gateway's own code; `gateway.unreachable`, `enrolment.server_unverified`, `enrolment.clock_skew`, `enrolment.intercepted`
 */
export async function callGateway<S extends z.ZodType>(
  access: GatewayAccess,
  path: string,
  body: unknown,
  schema: S,
  signal: AbortSignal,
): Promise<GatewayAnswer<z.infer<S>>> {
  const answer = await send(access, path, body, signal).catch(async (error: unknown) => {
    throw (await clockError(error, access, signal)) ?? connectionError(error, access.url);
  });
  const serverMs = Date.parse(answer.date ?? '');
  const value = parseJson(answer.text);
  if (answer.status !== 200 && answer.status !== 202) throw refusal(answer.status, value, access.url);
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    throw new HarpError(
      'protocol.invalid_message',
      `${access.url}${path} gave an answer this agent does not understand`,
      {
        cause: parsed.error,
        facts: { url: access.url },
      },
    );
  }
  return { body: parsed.data, serverMs: Number.isNaN(serverMs) ? undefined : serverMs };
}

interface RawAnswer {
  status: number;
  date: string | undefined;
  text: string;
}

function send(
  access: Pick<GatewayAccess, 'url'> & Partial<GatewayAccess>,
  path: string,
  body: unknown,
  signal: AbortSignal,
): Promise<RawAnswer> {
  const payload = body === undefined ? undefined : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const outgoing = request(
      new URL(path, access.url),
      {
        method: payload === undefined ? 'GET' : 'POST',
        ...tlsOptions(access),
        // One connection for one call: the server may go on with nothing of ours in its memory.
        agent: false,
        signal,
        headers:
          payload === undefined
            ? {}
            : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) },
      },
      (incoming) => {
        const parts: Buffer[] = [];
        let sizeBytes = 0;
        incoming.on('data', (part: Buffer) => {
          sizeBytes += part.length;
          if (sizeBytes > limits.requestBodyMaxBytes)
            incoming.destroy(new HarpError('protocol.too_large', 'the answer is too large'));
          else parts.push(part);
        });
        incoming.on('error', reject);
        incoming.on('end', () =>
          resolve({
            status: incoming.statusCode ?? 0,
            date: incoming.headers.date,
            text: Buffer.concat(parts).toString('utf8'),
          }),
        );
      },
    );
    outgoing.on('error', reject);
    outgoing.end(payload);
  });
}

/**
 * By how much the clock of this computer is off, when that is why a certificate was refused. The server is asked without being verified, which the
 * clock prevents: its answer becomes words for a person and nothing else.
 */
async function clockError(error: unknown, { url }: GatewayAccess, signal: AbortSignal): Promise<HarpError | undefined> {
  if (!certificateTimeCodes.has(systemCodeOf(error) ?? '')) return undefined;
  const answer = await send({ url }, gatewayPaths.health, undefined, signal).catch(() => undefined);
  const serverMs = Date.parse(answer?.date ?? '');
  return Number.isNaN(serverMs) ? undefined : skewError(Date.now(), serverMs);
}

/** Whoever has no CA verifies nothing. */
function tlsOptions({ ca, key, certificate }: Partial<GatewayAccess>): ConnectionOptions {
  return {
    ...(ca === undefined ? { rejectUnauthorized: false } : { ca }),
    minVersion: 'TLSv1.3',
    ...(key === undefined || certificate === undefined ? {} : { key, cert: certificate }),
  };
}

/** A TLS session with whoever answers at `url`, authenticated by the caller's look at its certificates. */
function handshake(url: string, signal: AbortSignal): Promise<TLSSocket> {
  const { hostname, port } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  return new Promise((resolve, reject) => {
    const fail = (error: unknown) => {
      socket.destroy();
      reject(connectionError(error, url));
    };
    const aborted = () => fail(signal.reason);
    const socket = connect({
      host,
      port: Number(port || 443),
      ...(isIP(host) === 0 ? { servername: host } : {}),
      minVersion: 'TLSv1.3',
      rejectUnauthorized: false,
    });
    socket.once('secureConnect', () => {
      signal.removeEventListener('abort', aborted);
      socket.removeListener('error', fail);
      socket.on('error', () => undefined);
      resolve(socket);
    });
    socket.once('error', fail);
    socket.once('end', () => fail(new Error('the connection was closed in the middle of the TLS handshake')));
    if (signal.aborted) aborted();
    else signal.addEventListener('abort', aborted, { once: true });
  });
}

/** The self-signed end of the chain a server presented; undefined if it presented none. */
function rootOf(leaf: DetailedPeerCertificate): DetailedPeerCertificate | undefined {
  let certificate: DetailedPeerCertificate | undefined = leaf;
  // Node links the self-signed end to itself; ten is far beyond any honest chain.
  for (let depth = 0; depth < 10 && certificate?.raw !== undefined; depth++) {
    if (certificate.issuerCertificate === certificate || certificate.issuerCertificate === undefined)
      return certificate;
    if (certificate.fingerprint256 === certificate.issuerCertificate.fingerprint256) return certificate;
    certificate = certificate.issuerCertificate;
  }
  return undefined;
}

function nameOf(certificate: DetailedPeerCertificate | undefined): string {
  const { O, CN } = certificate?.issuer ?? {};
  const name = [O, CN].flat().find((part) => part !== undefined) ?? 'nobody';
  return name.slice(0, 100);
}

function refusal(status: number, value: unknown, url: string): HarpError {
  const parsed = ErrorBody.safeParse(value);
  if (!parsed.success) {
    return new HarpError('enrolment.intercepted', `${url} answered ${status} in a form that is not Harp’s`, {
      facts: { url, status },
    });
  }
  const { code, message } = parsed.data.error;
  const known = Object.hasOwn(errorCodes, code) ? (code as ErrorCode) : 'internal.unexpected';
  return new HarpError(known, message, { facts: { url, status } });
}

/** OpenSSL's words for a certificate that is not valid at the time this computer shows. */
const certificateTimeCodes: ReadonlySet<string> = new Set(['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID']);

const unreachableCodes: Record<string, string> = {
  ENOTFOUND: 'the name cannot be found',
  EAI_AGAIN: 'the name cannot be looked up now',
  ECONNREFUSED: 'nothing listens at that port',
  ECONNRESET: 'the connection was cut',
  EPIPE: 'the connection was cut',
  ETIMEDOUT: 'no answer in time',
  EHOSTUNREACH: 'there is no way to that address',
  ENETUNREACH: 'there is no way to that network',
};

/** What went wrong before there was an answer, as one of our codes. */
function connectionError(error: unknown, url: string): HarpError {
  if (error instanceof HarpError) return error;
  const system = systemCodeOf(error) ?? '';
  const facts = { url, reason: system };
  const make = (code: ErrorCode, message: string) => new HarpError(code, message, { cause: error, facts });
  if (error instanceof Error && (error.name === 'TimeoutError' || error.name === 'AbortError'))
    return make('gateway.unreachable', `${url}: no answer in time`);
  if (certificateTimeCodes.has(system))
    return make('enrolment.clock_skew', `${url}: its certificate is not valid on the date this computer shows`);
  if (system === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return make('enrolment.server_unverified', `${url}: the certificate is for another address`);
  if (/^(UNABLE_TO|SELF_SIGNED|DEPTH_ZERO|CERT_)/.test(system))
    return make('enrolment.ca_mismatch', `${url}: the certificate is not issued by the pinned CA (${system})`);
  if (/^(EPROTO|ERR_SSL_|HPE_)/.test(system))
    return make('enrolment.intercepted', `${url}: the answer is not the TLS this agent speaks (${system})`);
  return make('gateway.unreachable', `${url}: ${unreachableCodes[system] ?? (system || describe(error))}`);
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown failure';
}

function sha256Hex(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function pemOf(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
