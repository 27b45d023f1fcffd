/**
 * Serves peers: hello, have, chunks, blobs. Who asks is known from the TLS session alone; what it may have is decided by the signed roster and the
 * folder side. Never sends bytes whose hash was not checked on this read, and never lets one asker hold up another.
 */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import {
  type AgentId,
  BlobWant,
  ChunkWant,
  FolderId,
  FRAMES_CONTENT_TYPE,
  HarpError,
  HaveRequest,
  type Hello,
  isHarpError,
  limits,
  PROTOCOL_VERSION,
} from '@harp/broker/protocol';
import { boundUnproven, identityOf, refuseUnreadable } from '@harp/broker/protocol/node';
import type { z } from 'zod';
import type { BlobStore, ChunkStore, Clock, FolderView, Identity, Logger, TrafficMeter } from '../ports.ts';
import { toBitmap } from './bitmap.ts';
import { FETCHING_HEADER, ORIGIN_HEADER } from './headers.ts';
import { createResponseSink } from './response-sink.ts';
import type { Roster } from './roster.ts';
import { createSlots } from './slots.ts';
import type { Undertakings } from './undertakings.ts';
import { answerWant, GRACE_MS, type ItemSource } from './want-answer.ts';

/** Wants that one peer may keep open: four per folder it syncs with us, for eight folders at a time. */
const REQUESTS_PER_PEER = 32;
/** Requests open at one time: an office of 100 PCs with a few each; every one costs a few kilobytes while it waits. */
const REQUESTS_TOTAL = 512;
/** Items in the hands of slow readers at one time: with chunks of at most 4 MiB this bounds them to 128 MiB, whoever asks. */
const SENDING_TOTAL = 32;
/** Sockets: every peer keeps a handful. */
const CONNECTIONS_MAX = 2048;
/** Of these, those that have shown no certificate yet: a whole office that is switched on at one moment. */
const UNPROVEN_MAX = 512;

export interface PeerServer {
  /** Binds. @throws {HarpError} `agent.port_in_use` */
  listen(port: number, host?: string): Promise<number>;
  /** Cuts every connection and stops listening. */
  close(): Promise<void>;
}

export interface PeerServerDeps {
  identity: Identity;
  clock: Clock;
  logger: Logger;
  roster: Roster;
  chunks: ChunkStore;
  blobs: BlobStore;
  view: FolderView;
  undertakings: Undertakings;
  meter: TrafficMeter;
  /** What to tell of the folder's origin grant in a have answer. */
  originHint(folder: FolderId): string | undefined;
  /** A member of the office asked something: it is there. */
  onHeard(peer: AgentId): void;
}

const FOLDER_PATH = /^\/peer\/v1\/folders\/(fld-[a-z2-7]{16})\/(have|chunks|blobs)$/;

/** A server that does not listen yet. */
export function createPeerServer(deps: PeerServerDeps): PeerServer {
  const { identity, logger, roster, clock } = deps;
  const sockets = new Map<TLSSocket, AgentId | undefined>();
  const openRequests = new Map<AgentId, number>();
  let openTotal = 0;
  const sending = createSlots(() => SENDING_TOTAL);
  const stopped = new AbortController();

  const { key, certificate, ca } = identity.tls();
  const server = createServer({
    key,
    cert: certificate,
    ca,
    minVersion: 'TLSv1.3',
    requestCert: true,
    rejectUnauthorized: true,
    handshakeTimeout: 10_000,
    headersTimeout: 10_000,
    // For the request alone; answers to wants stay open as long as the want says.
    requestTimeout: 20_000,
    connectionsCheckingInterval: 5_000,
    keepAliveTimeout: 65_000,
    maxHeaderSize: 8192,
  });
  server.maxConnections = CONNECTIONS_MAX;
  const unproven = boundUnproven(server, UNPROVEN_MAX);

  const memberOf = (socket: TLSSocket): AgentId => {
    const agent = sockets.get(socket);
    if (agent === undefined) throw new HarpError('identity.certificate_required', 'only agents may ask');
    if (roster.member(agent) === undefined) {
      throw new HarpError('peer.not_in_roster', 'this office does not list you');
    }
    return agent;
  };

  /** An asker may know of the folder some moments before we do, so a refusal is not hasty. @throws {HarpError} `peer.folder_not_shared` */
  const checkShares = async (agent: AgentId, folder: FolderId, signal: AbortSignal) => {
    const untilMs = clock.monotonicMs() + GRACE_MS;
    while (!roster.shares(agent, folder)) {
      const leftMs = untilMs - clock.monotonicMs();
      if (leftMs <= 0)
        throw new HarpError('peer.folder_not_shared', 'the roster does not list both of us for this folder');
      const changed = new AbortController();
      const listening = roster.onDidChange(() => changed.abort());
      await clock.sleep(leftMs, AbortSignal.any([changed.signal, signal])).catch(() => undefined);
      listening.dispose();
      signal.throwIfAborted();
    }
  };

  const handle = async (request: IncomingMessage, response: ServerResponse, signal: AbortSignal) => {
    const agent = memberOf(request.socket as TLSSocket);
    deps.onHeard(agent);
    const path = request.url ?? '';
    if (request.method === 'GET' && path === '/peer/v1/hello') return sendJson(response, 200, helloFor(agent, deps));
    const [, folderText, what] = FOLDER_PATH.exec(path) ?? [];
    if (request.method !== 'POST' || folderText === undefined) {
      throw new HarpError('peer.bad_request', `there is nothing at ${request.method} ${path.slice(0, 100)}`);
    }
    const folder = FolderId.parse(folderText);
    if (what === 'have') {
      const { ids } = await readBody(request, HaveRequest);
      await checkShares(agent, folder, signal);
      return answerHave(response, folder, ids, deps);
    }
    const { ids, waitMs } = await readBody(request, what === 'chunks' ? ChunkWant : BlobWant);
    await checkShares(agent, folder, signal);
    const source = what === 'chunks' ? chunkSource(folder, deps) : blobSource(folder, deps);
    response.writeHead(200, { 'content-type': FRAMES_CONTENT_TYPE });
    response.flushHeaders();
    // The roster may change while a want is open, an item is read or waits for its turn: nothing more goes to an agent that lost the folder.
    const isShared = () => roster.shares(agent, folder);
    const sink = createResponseSink(response, { clock, sending, signal, isShared });
    const onServed = (bytes: number) => {
      if (what === 'chunks') deps.meter.add(folder, 'served', bytes);
    };
    const { undertakings } = deps;
    const guarded: ItemSource = {
      ...source,
      has: (id) => isShared() && source.has(id),
      read: async (id) => {
        const bytes = await source.read(id);
        return isShared() ? bytes : undefined;
      },
    };
    await answerWant(ids, waitMs, { clock, undertakings, folder, source: guarded, sink, onServed }, signal);
    response.end();
  };

  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const gone = new AbortController();
    response.on('close', () => gone.abort(new HarpError('peer.unreachable', 'the asker is gone')));
    response.on('error', () => gone.abort(new HarpError('peer.unreachable', 'the asker is gone')));
    const signal = AbortSignal.any([gone.signal, stopped.signal]);
    const requestId = randomBytes(8).toString('hex');
    response.setHeader('x-request-id', requestId);
    const agent = sockets.get(request.socket as TLSSocket);
    const mine = agent === undefined ? 0 : (openRequests.get(agent) ?? 0);
    if (mine >= REQUESTS_PER_PEER || openTotal >= REQUESTS_TOTAL) {
      refuse(request, response, new HarpError('peer.busy', 'too many requests are open'), requestId);
      return;
    }
    openTotal++;
    if (agent !== undefined) openRequests.set(agent, mine + 1);
    handle(request, response, signal)
      .catch((error: unknown) => {
        if (signal.aborted) return response.destroy();
        if (!isHarpError(error)) logger.error({ requestId, error }, 'a neighbour’s request failed');
        const known = isHarpError(error) ? error : new HarpError('internal.unexpected', 'it failed here');
        refuse(request, response, known, requestId);
      })
      .finally(() => {
        openTotal--;
        if (agent === undefined) return;
        const left = (openRequests.get(agent) ?? 1) - 1;
        if (left > 0) openRequests.set(agent, left);
        else openRequests.delete(agent);
      });
  });
  /** Below TLS: a handshake under way has no TLS socket yet and would keep the server from closing. */
  const connections = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    connections.add(socket);
    socket.on('close', () => connections.delete(socket));
  });
  server.on('secureConnection', (socket) => {
    const found = identityOf(socket);
    unproven.proven(socket);
    sockets.set(socket, found?.role === 'agent' ? found.agent : undefined);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
  });
  server.on('tlsClientError', (error, socket) => {
    logger.debug({ reason: error.message }, 'a TLS handshake was refused');
    socket.destroy();
  });
  server.on('clientError', refuseUnreadable);

  const renewed = identity.onDidChange(() => {
    const material = identity.tls();
    server.setSecureContext({ key: material.key, cert: material.certificate, ca: material.ca, minVersion: 'TLSv1.3' });
  });
  const rosterChanged = roster.onDidChange(() => {
    for (const [socket, agent] of sockets) {
      // Revoked or moved to another office: what is under way ends now.
      if (agent !== undefined && roster.member(agent) === undefined) socket.destroy();
    }
  });

  return {
    listen: (port, host) =>
      new Promise((resolve, reject) => {
        server.once('error', (error: NodeJS.ErrnoException) =>
          reject(
            error.code === 'EADDRINUSE'
              ? new HarpError('agent.port_in_use', `port ${port} is taken`, { cause: error, facts: { port } })
              : error,
          ),
        );
        server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
      }),
    close: async () => {
      renewed.dispose();
      rosterChanged.dispose();
      stopped.abort(new HarpError('peer.unreachable', 'this agent stops'));
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of [...sockets.keys(), ...connections]) socket.destroy();
      await closed;
    },
  };
}

function helloFor(agent: AgentId, { identity, roster, view }: PeerServerDeps): Hello {
  const folders = roster.sharedFolders(agent).map((id) => ({ id, seq: view.verifiedSeq(id) }));
  return { protocol: PROTOCOL_VERSION, agent: identity.agent, folders };
}

function answerHave(response: ServerResponse, folder: FolderId, ids: HaveRequest['ids'], deps: PeerServerDeps): void {
  const { chunks, view, undertakings, originHint } = deps;
  const holds = toBitmap(ids.length, (index) => chunks.has(ids[index]!) && view.chunkBelongsTo(ids[index]!, folder));
  const fetching = toBitmap(ids.length, (index) => undertakings.has(folder, ids[index]!));
  const hint = originHint(folder);
  response.writeHead(200, {
    'content-type': 'application/octet-stream',
    'content-length': holds.length,
    ...(fetching.some((byte) => byte !== 0) ? { [FETCHING_HEADER]: Buffer.from(fetching).toString('base64') } : {}),
    ...(hint === undefined ? {} : { [ORIGIN_HEADER]: hint }),
  });
  response.end(holds);
}

function chunkSource(folder: FolderId, { chunks, view }: PeerServerDeps): ItemSource {
  return {
    has: (id) => chunks.has(id as never) && view.chunkBelongsTo(id as never, folder),
    read: (id) => chunks.read(id as never),
    onDidStore: (listener) => chunks.onDidStore(listener),
  };
}

function blobSource(folder: FolderId, { blobs, view }: PeerServerDeps): ItemSource {
  return {
    has: (id) => blobs.has(id as never) && view.blobBelongsTo(id as never, folder),
    read: async (id) => blobs.get(id as never),
    onDidStore: (listener) => blobs.onDidStore(listener),
  };
}

/** The request's JSON body. @throws {HarpError} `protocol.too_large`, `peer.bad_request` */
async function readBody<S extends z.ZodType>(request: IncomingMessage, schema: S): Promise<z.infer<S>> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request) {
    size += (part as Buffer).length;
    if (size > limits.requestBodyMaxBytes) throw new HarpError('protocol.too_large', 'the request is too large');
    parts.push(part as Buffer);
  }
  let value: unknown;
  try {
    value = JSON.parse(Buffer.concat(parts).toString('utf8'));
  } catch (error) {
    throw new HarpError('peer.bad_request', 'the request is not JSON', { cause: error });
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success)
    throw new HarpError('peer.bad_request', 'the request does not match its schema', { cause: parsed.error });
  return parsed.data;
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  const text = Buffer.from(JSON.stringify(body));
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': text.length });
  response.end(text);
}

/** Answers with the code; once an answer has begun, breaking it off is the only way to say that it went wrong. */
function refuse(request: IncomingMessage, response: ServerResponse, error: HarpError, requestId: string): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  // What of a small body is still on its way is read away, so the connection serves the next request; a long one is not worth that.
  const announced = Number(request.headers['content-length'] ?? Number.POSITIVE_INFINITY);
  if (!request.complete && announced > limits.requestBodyMaxBytes) response.setHeader('connection', 'close');
  sendJson(response, error.status, { error: { code: error.code, message: error.message, requestId } });
}
