/**
 * Asks peers: hello, have, want. Connections are kept alive and mutually authenticated; bytes it hands out are NOT yet checked against their hash:
 * the stores do that. Called by discovery (hello) and by the swarm.
 */
import {
  type AgentId,
  createFrameDecoder,
  ErrorBody,
  type ErrorCode,
  errorCodes,
  type FolderId,
  type Frame,
  frameType,
  HarpError,
  Hello,
  limits,
  OLDEST_PROTOCOL_VERSION,
  peerPaths,
} from '@harp/broker/protocol';
import { type Dispatcher, Pool } from 'undici';
import type { Identity } from '../ports.ts';
import { bitAt } from './bitmap.ts';
import { FETCHING_HEADER, ORIGIN_HEADER } from './headers.ts';
import { createPeerTls } from './tls.ts';

/** A hello is answered from memory: a neighbour that needs longer is too busy to be counted on. */
const HELLO_TIMEOUT_MS = 4000;
/** The swarm's bound on a have round. */
const HAVE_TIMEOUT_MS = 2000;
/** Headers of a want come at once, or after the server's grace of 1.5 s for an asker it does not know yet. */
const WANT_HEADERS_TIMEOUT_MS = 10_000;
/** Longer than the 10 s between hellos, shorter than what the server keeps (65 s). */
const KEEP_ALIVE_MS = 40_000;
/** Nothing but a bitmap, a hello or an error is ever read whole. */
const SMALL_BODY_MAX_BYTES = limits.requestBodyMaxBytes;

/** What a peer said about the ids it was asked for, by position. */
export interface HaveAnswer {
  holds(index: number): boolean;
  /** The peer is fetching it from outside the office, or has undertaken to. */
  fetches(index: number): boolean;
  /** What the peer knows about the folder's grant (see GrantGates.hint), if anything. */
  originHint: string | undefined;
}

export interface WantHandlers {
  /** Frames in the order of arrival; the response is not read on before the promise resolves. */
  onFrame(frame: Frame): Promise<void> | void;
  /** Bytes of an item arrived, whether or not they complete it. */
  onProgress(): void;
}

export interface PeerClient {
  /** Asks whoever is at `address` (`host:port`) for its hello. @throws {HarpError} `peer.unreachable`, `protocol.version_unsupported`, or the peer's code */
  hello(address: string, expected: AgentId | undefined, signal: AbortSignal): Promise<Hello>;
  /** At most `limits.haveMaxIds` ids. @throws {HarpError} `peer.unreachable` or the peer's code */
  have(peer: AgentId, folder: FolderId, ids: readonly string[], signal: AbortSignal): Promise<HaveAnswer>;
  /**
   * Sends a want and hands over frames until `end`. Resolves only after a whole response.
   * @throws {HarpError} `peer.unreachable` if it breaks off, `protocol.*` if it is malformed, the peer's code if it refuses, the signal's reason
   */
  want(
    peer: AgentId,
    folder: FolderId,
    kind: 'chunks' | 'blobs',
    ids: readonly string[],
    waitMs: number,
    handlers: WantHandlers,
    signal: AbortSignal,
  ): Promise<void>;
  /** Closes every connection. */
  close(): Promise<void>;
}

export interface PeerClientDeps {
  identity: Identity;
  /** Where `peer` answered last; undefined if it is not live. */
  addressOf(peer: AgentId): string | undefined;
}

/** A client without connections; they are opened when first needed. */
export function createPeerClient({ identity, addressOf }: PeerClientDeps): PeerClient {
  const tls = createPeerTls(identity);
  const pools = new Map<string, Pool>();

  const newPool = (address: string, connect: ConstructorParameters<typeof Pool>[1]): Pool =>
    new Pool(`https://${address}`, {
      // A long poll occupies its connection, so the pool must not queue behind one; the swarm bounds how many it opens.
      connections: null,
      pipelining: 1,
      keepAliveTimeout: KEEP_ALIVE_MS,
      keepAliveMaxTimeout: KEEP_ALIVE_MS,
      bodyTimeout: 0,
      ...connect,
    });

  const poolOf = (address: string, agent: AgentId): Pool => {
    const key = `${agent}@${address}`;
    let pool = pools.get(key);
    if (pool === undefined) {
      pool = newPool(address, { connect: tls.connectorTo(agent) });
      pools.set(key, pool);
      forgetWhenUnused(key, pool);
    }
    return pool;
  };
  const forgetWhenUnused = (key: string, pool: Pool) => {
    pool.on('disconnect', () => {
      if (pool.stats.connected > 0 || pool.stats.size > 0 || pools.get(key) !== pool) return;
      pools.delete(key);
      pool.destroy().catch(() => undefined);
    });
  };
  const poolTo = (peer: AgentId): Pool => {
    const address = addressOf(peer);
    if (address === undefined) throw new HarpError('peer.unreachable', 'this neighbour is not there now');
    return poolOf(address, peer);
  };

  return {
    async hello(address, expected, signal) {
      if (expected !== undefined) return readHello(poolOf(address, expected), expected, signal);
      let found: AgentId | undefined;
      const pool = newPool(address, { connect: tls.connectorToAnyone((agent) => (found = agent)) });
      try {
        return await readHello(pool, () => found, signal);
      } catch (error) {
        // The caller may know this agent under another address, or hear later that it belongs to the office.
        throw found === undefined ? error : withAgent(error, found);
      } finally {
        await pool.destroy();
      }
    },

    async have(peer, folder, ids, signal) {
      const answer = await send(poolTo(peer), peerPaths.have(folder), { ids }, HAVE_TIMEOUT_MS, signal);
      const bitmap = await readSmall(answer.body);
      const fetching = headerOf(answer, FETCHING_HEADER);
      const fetchingBitmap = Buffer.from(fetching ?? '', 'base64');
      return {
        holds: (index) => bitAt(bitmap, index),
        fetches: (index) => bitAt(fetchingBitmap, index),
        originHint: headerOf(answer, ORIGIN_HEADER),
      };
    },

    async want(peer, folder, kind, ids, waitMs, handlers, signal) {
      const answer = await send(
        poolTo(peer),
        peerPaths[kind](folder),
        { ids, waitMs },
        WANT_HEADERS_TIMEOUT_MS,
        signal,
      );
      const decoder = createFrameDecoder(kind === 'chunks' ? limits.chunkMaxBytes : limits.blobMaxBytes);
      try {
        for await (const bytes of answer.body) {
          for (const frame of decoder.push(bytes as Uint8Array)) {
            if (frame.type === frameType.data || frame.type === frameType.gzip) handlers.onProgress();
            if (frame.type !== frameType.end) await handlers.onFrame(frame);
          }
          // A waiting frame has 45 bytes: anything larger under way is an item.
          if (decoder.partialBytes > 64) handlers.onProgress();
        }
      } catch (error) {
        throw signal.aborted ? signal.reason : error instanceof HarpError ? error : unreachable(error);
      }
      if (!decoder.ended) throw new HarpError('peer.unreachable', 'the neighbour broke off its answer');
    },

    async close() {
      const open = [...pools.values()];
      pools.clear();
      await Promise.all(open.map((pool) => pool.destroy()));
    },
  };
}

async function readHello(
  pool: Pool,
  agent: AgentId | (() => AgentId | undefined),
  signal: AbortSignal,
): Promise<Hello> {
  const answer = await send(pool, peerPaths.hello, undefined, HELLO_TIMEOUT_MS, signal);
  const parsed = Hello.safeParse(parseJson(await readSmall(answer.body)));
  if (!parsed.success) throw new HarpError('protocol.invalid_message', 'a hello does not match its schema');
  if (parsed.data.protocol < OLDEST_PROTOCOL_VERSION) {
    throw new HarpError('protocol.version_unsupported', `a neighbour speaks protocol ${parsed.data.protocol}`);
  }
  const proven = typeof agent === 'function' ? agent() : agent;
  if (parsed.data.agent !== proven) {
    throw new HarpError('protocol.invalid_message', 'a hello names another agent than its certificate');
  }
  return parsed.data;
}

/** Sends a request and checks the status. @throws {HarpError} `peer.unreachable`, the peer's code, or the signal's reason */
async function send(
  pool: Pool,
  path: string,
  body: object | undefined,
  headersTimeout: number,
  signal: AbortSignal,
): Promise<Dispatcher.ResponseData> {
  let answer: Dispatcher.ResponseData;
  try {
    answer = await pool.request({
      path,
      headersTimeout,
      signal,
      ...(body === undefined
        ? { method: 'GET' }
        : { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
  } catch (error) {
    throw signal.aborted ? signal.reason : unreachable(error);
  }
  if (answer.statusCode === 200) return answer;
  const refusal = ErrorBody.safeParse(parseJson(await readSmall(answer.body)));
  const code = refusal.success ? refusal.data.error.code : '';
  throw Object.hasOwn(errorCodes, code)
    ? new HarpError(code as ErrorCode, refusal.data?.error.message ?? code)
    : new HarpError('peer.unreachable', `a neighbour answered ${answer.statusCode}`);
}

async function readSmall(body: Dispatcher.ResponseData['body']): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const part of body) {
      size += (part as Uint8Array).length;
      if (size > SMALL_BODY_MAX_BYTES) throw new HarpError('protocol.too_large', 'an answer is too large');
      parts.push(part as Uint8Array);
    }
  } catch (error) {
    throw error instanceof HarpError ? error : unreachable(error);
  }
  return Buffer.concat(parts);
}

function headerOf(answer: Dispatcher.ResponseData, name: string): string | undefined {
  const value = answer.headers[name];
  return typeof value === 'string' ? value : undefined;
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return undefined;
  }
}

function unreachable(cause: unknown): HarpError {
  if (cause instanceof HarpError) return cause;
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  const reason = typeof code === 'string' ? code : 'none';
  return new HarpError('peer.unreachable', 'a neighbour does not answer', { cause, facts: { reason } });
}

/** The same failure, telling which agent it is that answered. */
function withAgent(error: unknown, agent: AgentId): HarpError {
  const known = error instanceof HarpError ? error : unreachable(error);
  return new HarpError(known.code, known.message, { cause: known, facts: { ...known.facts, agent } });
}
