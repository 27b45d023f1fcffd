/** HTTP to one Nextcloud: its CA, its base URL, our User-Agent, no cookies, no redirects, limits on everything that is held in memory. */
import type { Readable } from 'node:stream';
import { rootCertificates } from 'node:tls';
import { createGunzip } from 'node:zlib';
import { HarpError, isHarpError } from '@harp/broker/protocol';
import { Agent, request as send } from 'undici';
import type { Answer } from './failures.ts';

/** How to reach a Nextcloud and as whom. Structured-cloneable: worker threads get it as a message. */
export interface Connection {
  /** Base URL with a sub-path, if there is one. */
  url: string;
  userName: string;
  password: string;
  /** CA certificates (PEM) to trust besides the system's. */
  caPem?: string | undefined;
  /** `Harp/<version>`; never that of a known client (api.md 2.2). */
  userAgent: string;
}

export interface Request {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'PROPFIND';
  /** After the base URL, encoded, with its leading slash. */
  path: string;
  headers?: Record<string, string>;
  body?: string;
  signal?: AbortSignal | undefined;
  /** `account` (default) sends the connection's login, `anonymous` nothing, a string is sent as Authorization. */
  as?: 'account' | 'anonymous' | (string & {});
}

/** An answer whose body has not been read. The caller reads `body` to its end or destroys it. */
export interface OpenAnswer {
  status: number;
  header(name: string): string | undefined;
  /** As sent: not decompressed. */
  body: Readable;
}

export interface Transport {
  /** Sends and waits for the headers. @throws {HarpError} `origin.unreachable`; the signal's reason if aborted. */
  open(request: Request): Promise<OpenAnswer>;
  /** Sends and reads the whole answer, up to 8 MiB. @throws {HarpError} `origin.unreachable`, `origin.short_body`, `protocol.too_large` */
  exchange(request: Request): Promise<Answer>;
  /** Closes every connection. */
  close(): Promise<void>;
}

/** OCS answers and error bodies; the largest known, a list of shares of one path, is some kilobytes each. */
const ANSWER_MAX_BYTES = 8 * 1024 * 1024;
/** Large listings took minutes in the field (api.md 11). */
const HEADERS_TIMEOUT_MS = 300_000;
/** No byte for this long and the body counts as broken off. */
const BODY_TIMEOUT_MS = 60_000;
const CONNECT_TIMEOUT_MS = 10_000;

export function createTransport(connection: Connection): Transport {
  const base = connection.url.replace(/\/+$/, '');
  const agent = new Agent({
    headersTimeout: HEADERS_TIMEOUT_MS,
    bodyTimeout: BODY_TIMEOUT_MS,
    connect: {
      timeout: CONNECT_TIMEOUT_MS,
      ...(connection.caPem === undefined ? {} : { ca: [...rootCertificates, connection.caPem] }),
    },
  });
  const account = basicAuthorization(connection.userName, connection.password);

  const open = async (request: Request): Promise<OpenAnswer> => {
    const as = request.as ?? 'account';
    const authorization = as === 'account' ? account : as === 'anonymous' ? undefined : as;
    try {
      const { statusCode, headers, body } = await send(`${base}${request.path}`, {
        dispatcher: agent,
        method: request.method as 'GET',
        headers: {
          'user-agent': connection.userAgent,
          ...(authorization === undefined ? {} : { authorization }),
          ...request.headers,
        },
        ...(request.body === undefined ? {} : { body: request.body }),
        ...(request.signal === undefined ? {} : { signal: request.signal }),
      });
      return {
        status: statusCode,
        header: (name) => {
          const value = headers[name];
          return Array.isArray(value) ? value[0] : value;
        },
        body,
      };
    } catch (error) {
      request.signal?.throwIfAborted();
      throw unreachable(error);
    }
  };

  return {
    open,
    async exchange(request) {
      const answer = await open(request);
      const parts: Buffer[] = [];
      for await (const part of readBody(answer, ANSWER_MAX_BYTES, request.signal)) parts.push(part);
      return { status: answer.status, header: answer.header, text: Buffer.concat(parts).toString('utf8') };
    },
    close: () => agent.destroy(),
  };
}

/** `Authorization` of a user name and password, both in UTF-8 (RFC 7617). */
export function basicAuthorization(userName: string, password: string): string {
  return `Basic ${Buffer.from(`${userName}:${password}`, 'utf8').toString('base64')}`;
}

/**
 * The body of an answer, decompressed, in pieces.
 *
 * @throws {HarpError} `protocol.too_large` beyond `maxBytes` decompressed; `origin.short_body` if it breaks off.
 */
export async function* readBody(answer: OpenAnswer, maxBytes: number, signal?: AbortSignal): AsyncGenerator<Buffer> {
  const encoding = answer.header('content-encoding') ?? 'identity';
  const { body } = answer;
  let stream: Readable = body;
  if (encoding === 'gzip') {
    const gunzip = createGunzip();
    body.on('error', (error) => gunzip.destroy(error));
    stream = body.pipe(gunzip);
  }
  let total = 0;
  try {
    for await (const part of stream as AsyncIterable<Buffer>) {
      total += part.length;
      if (total > maxBytes) throw new HarpError('protocol.too_large', `Nextcloud sent more than ${maxBytes} bytes`);
      yield part;
    }
  } catch (error) {
    signal?.throwIfAborted();
    if (isHarpError(error)) throw error;
    throw new HarpError('origin.short_body', `Nextcloud's answer broke off after ${total} bytes`, { cause: error });
  } finally {
    body.destroy();
  }
}

function unreachable(error: unknown): HarpError {
  const code = (error as { code?: unknown }).code;
  const reason = typeof code === 'string' ? code : error instanceof Error ? error.name : 'unknown';
  return new HarpError('origin.unreachable', `Nextcloud does not answer (${reason})`, {
    cause: error,
    facts: { reason },
  });
}
