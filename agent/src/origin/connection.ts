/**
 * Reads ranges of files from a Nextcloud share: one TCP connection, as many pipelined requests as are given to it. Decides nothing: what a refusal
 * means for the folder is the gates' business, who reads what is the swarm's.
 */
import { rootCertificates } from 'node:tls';
import { type EntryPath, HarpError, isHarpError, type OriginGrant } from '@harp/broker/protocol';
import { Client, type Dispatcher } from 'undici';
import type { Clock } from '../ports.ts';
import { type AskedRange, problemOf } from './answer.ts';
import { shareHeaders, shareUrl } from './share-request.ts';

/** Three SYNs (1 s, 2 s, 4 s) of a WAN line that loses packets. */
const CONNECT_TIMEOUT_MS = 10_000;
/** External storage may need tens of seconds to wake; a line that is silent longer is dead. */
const IDLE_TIMEOUT_MS = 30_000;
/** Small files under way on one connection: eight of 10 kB hide a round trip of 30 ms at 20 Mbit/s. */
export const PIPELINED = 8;
/** Of an error page only the exception's name matters. */
const ERROR_TEXT_MAX_BYTES = 8192;

/** One range of one file version. */
export interface OriginRead extends AskedRange {
  path: EntryPath;
  etag: string;
}

export interface OriginConnection {
  /**
   * Streams the bytes of `read`, in order and exactly as many as asked. Ending the iteration early closes the connection.
   * @throws {HarpError} `origin.*`, or the signal's reason
   */
  read(read: OriginRead, signal: AbortSignal): AsyncGenerator<Uint8Array, void, undefined>;
  close(): void;
}

export interface OriginDeps {
  clock: Clock;
  /** This build's version, for the User-Agent. */
  version: string;
}

/** A connection for `grant`, opened by the first read and again after a failure. */
export function connectOrigin(grant: OriginGrant, { clock, version }: OriginDeps): OriginConnection {
  const headers = shareHeaders(grant, version);
  const client = new Client(new URL(grant.url).origin, {
    pipelining: PIPELINED,
    keepAliveTimeout: 15_000,
    headersTimeout: IDLE_TIMEOUT_MS,
    bodyTimeout: IDLE_TIMEOUT_MS,
    connect: {
      timeout: CONNECT_TIMEOUT_MS,
      ...(grant.caPem === undefined ? {} : { ca: [...rootCertificates, grant.caPem] }),
    },
  });

  return {
    async *read(read, signal) {
      const { from, to, fileSize, whole } = read;
      let answer: Dispatcher.ResponseData;
      try {
        answer = await client.request({
          method: 'GET',
          path: shareUrl(grant, read.path).pathname,
          headers: {
            ...headers,
            'if-match': `"${read.etag}"`,
            ...(whole ? {} : { range: `bytes=${from}-${to - 1}` }),
          },
          signal,
        });
      } catch (error) {
        throw signal.aborted ? signal.reason : unreachable(error);
      }
      const head = {
        status: answer.statusCode,
        header: (name: string) => {
          const value = answer.headers[name];
          return Array.isArray(value) ? value[0] : value;
        },
      };
      const fits = head.status === 200 || head.status === 206;
      const errorText = fits ? '' : await errorTextOf(answer.body);
      const problem = problemOf(head, { from, to, fileSize, whole }, errorText, clock.nowMs());
      if (problem !== undefined) {
        // A whole file must not cross the line because nobody wanted it.
        if (fits) answer.body.on('error', () => undefined).destroy();
        throw problem;
      }
      let left = to - from;
      try {
        for await (const bytes of answer.body as AsyncIterable<Uint8Array>) {
          left -= bytes.length;
          if (left < 0) throw new HarpError('origin.unexpected', 'Nextcloud sent more bytes than were asked for');
          yield bytes;
        }
      } catch (error) {
        throw signal.aborted ? signal.reason : isHarpError(error) ? error : brokenOff(error, left);
      }
      if (left > 0) throw brokenOff(undefined, left);
    },
    close: () => void client.destroy().catch(() => undefined),
  };
}

async function errorTextOf(body: Dispatcher.ResponseData['body']): Promise<string> {
  let text = '';
  try {
    for await (const part of body) {
      text += Buffer.from(part as Uint8Array).toString('utf8');
      if (text.length > ERROR_TEXT_MAX_BYTES) break;
    }
  } catch {
    // The status says enough when the page itself breaks off.
    return text;
  }
  return text;
}

function brokenOff(cause: unknown, left: number): HarpError {
  const code = codeOf(cause);
  if (code === 'UND_ERR_BODY_TIMEOUT') {
    return new HarpError('origin.unreachable', 'Nextcloud fell silent in mid-answer', { cause });
  }
  return new HarpError('origin.short_body', 'Nextcloud’s answer broke off', {
    cause,
    facts: { missingBytes: left, reason: code },
  });
}

function unreachable(cause: unknown): HarpError {
  return new HarpError('origin.unreachable', 'Nextcloud does not answer', { cause, facts: { reason: codeOf(cause) } });
}

function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : 'none';
}
