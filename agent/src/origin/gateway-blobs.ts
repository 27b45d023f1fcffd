/** Gets blobs from the gateway, the source behind the office: HTTPS with the agent's certificate, the server proven by our CA and its host name. */
import { gunzip } from 'node:zlib';
import {
  type BlobId,
  createFrameDecoder,
  ErrorBody,
  type ErrorCode,
  errorCodes,
  type FolderId,
  type Frame,
  frameType,
  gatewayPaths,
  HarpError,
  isHarpError,
  limits,
} from '@harp/broker/protocol';
import { buildConnector, type Dispatcher, Pool } from 'undici';
import type { Identity } from '../ports.ts';

/** Same reasons as for Nextcloud: it is behind the same line. */
const CONNECT_TIMEOUT_MS = 10_000;
const IDLE_TIMEOUT_MS = 30_000;
/** Blobs come in bursts when a head changes; the next one should not pay for a handshake over the WAN. */
const KEEP_ALIVE_MS = 30_000;

/** The gateway as the swarm uses it. */
export interface GatewayClient {
  /**
   * Gets blobs; `onBlob` is called for each as it arrives, its bytes not yet checked, and the next is not read before it resolves.
   * Ids the gateway does not have are returned.
   * @throws {HarpError} `gateway.unreachable`, `gateway.rate_limited`, the gateway's code, or the signal's reason
   */
  fetchBlobs(
    folder: FolderId,
    ids: readonly BlobId[],
    handlers: { onBlob(id: BlobId, bytes: Uint8Array): Promise<void>; onBytes(bytes: number): void },
    signal: AbortSignal,
  ): Promise<BlobId[]>;
  close(): Promise<void>;
}

/** A client for the gateway at `url` (`https://host:port`). */
export function createGatewayClient(url: string, identity: Identity): GatewayClient {
  const pool = new Pool(url, {
    connections: 2,
    keepAliveTimeout: KEEP_ALIVE_MS,
    headersTimeout: IDLE_TIMEOUT_MS,
    bodyTimeout: IDLE_TIMEOUT_MS,
    connect: (options, callback) => {
      const { key, certificate, ca } = identity.tls();
      const tls = { key, cert: certificate, ca, minVersion: 'TLSv1.3' as const, timeout: CONNECT_TIMEOUT_MS };
      buildConnector({ ...tls, maxCachedSessions: 0 })(options, callback);
    },
  });

  const fetchBatch: GatewayClient['fetchBlobs'] = async (folder, ids, { onBlob, onBytes }, signal) => {
    const left = new Set<string>(ids);
    const decoder = createFrameDecoder(limits.blobMaxBytes);
    try {
      const answer = await pool.request({
        method: 'POST',
        path: gatewayPaths.blobs(folder),
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ ids, waitMs: 0 }),
        signal,
      });
      if (answer.statusCode !== 200) throw await refusalOf(answer);
      for await (const bytes of answer.body as AsyncIterable<Uint8Array>) {
        onBytes(bytes.length);
        for (const frame of decoder.push(bytes)) {
          const blob = await blobOf(frame);
          if (blob !== undefined && left.delete(frame.id)) await onBlob(frame.id as BlobId, blob);
        }
      }
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      throw isHarpError(error) ? error : unreachable(error);
    }
    if (!decoder.ended) throw unreachable(undefined);
    return [...left] as BlobId[];
  };

  return {
    async fetchBlobs(folder, ids, handlers, signal) {
      const absent: BlobId[] = [];
      for (let start = 0; start < ids.length; start += limits.wantMaxIds) {
        absent.push(...(await fetchBatch(folder, ids.slice(start, start + limits.wantMaxIds), handlers, signal)));
      }
      return absent;
    },
    close: () => pool.destroy(),
  };
}

/** The bytes of a data or gzip frame; undefined for every other frame. @throws {HarpError} `protocol.invalid_message` */
async function blobOf({ type, payload }: Frame): Promise<Uint8Array | undefined> {
  if (type === frameType.data) return payload;
  if (type !== frameType.gzip) return undefined;
  return new Promise((resolve, reject) => {
    // Refuses a bomb before it allocates for it.
    gunzip(payload, { maxOutputLength: limits.blobMaxBytes }, (error, bytes) => {
      if (error === null) resolve(bytes);
      else reject(new HarpError('protocol.invalid_message', 'a blob cannot be unpacked', { cause: error }));
    });
  });
}

async function refusalOf(answer: Dispatcher.ResponseData): Promise<HarpError> {
  const parsed = ErrorBody.safeParse(await answer.body.json().catch(() => undefined));
  const code = parsed.success ? parsed.data.error.code : '';
  return Object.hasOwn(errorCodes, code)
    ? new HarpError(code as ErrorCode, parsed.data?.error.message ?? code)
    : new HarpError('gateway.unreachable', `the gateway answered ${answer.statusCode}`);
}

function unreachable(cause: unknown): HarpError {
  return new HarpError('gateway.unreachable', 'the gateway does not answer', { cause });
}
