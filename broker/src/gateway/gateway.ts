/**
 * The HTTPS side of the fleet's front door: enrolment, renewal, blobs. Turns requests into calls and errors into `ErrorBody`; decides nothing but
 * who may come in. Whether a client needs a certificate is each route's own business, because enrolment is for those who have none yet.
 */
import { constants, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Membership } from '../acl/acl.ts';
import type { Answer, Enroller } from '../enrolment/enrol.ts';
import type { ServerTls } from '../enrolment/pki.ts';
import type { TrustDesk } from '../enrolment/trust.ts';
import type { MakeMqttKit } from '../mqtt/mqtt-kit.ts';
import type { TlsListener } from '../mqtt/mqtt-listener.ts';
import { type Clock, type Logger, shortId } from '../ports.ts';
import {
  type AgentId,
  BlobWant,
  EnrolRequest,
  EnrolWaitRequest,
  type ErrorBody,
  type ErrorCode,
  FolderId,
  FRAMES_CONTENT_TYPE,
  gatewayPaths,
  HarpError,
  isHarpError,
  MqttKitRequest,
  RenewRequest,
  RotateRequest,
  siteOf,
  TrustRequest,
} from '../protocol/index.ts';
import { boundUnproven, identityOf, refuseUnreadable, type TlsIdentity } from '../protocol/node/index.ts';
import type { BlobFrames } from './blob-frames.ts';
import { createFailureLimit, type FailureLimit } from './failure-limit.ts';
import { addressOf, chainOf, readJson, tlsOf } from './request.ts';
import { createRequestPlaces, type Place } from './request-places.ts';

/** Caps on what clients can make the gateway hold. */
export const gatewayLimits = {
  /** From the first byte of a request to the end of its headers, and of its body. */
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  /** A connection on which nothing moves in either direction, an answer that nobody reads included. */
  idleTimeoutMs: 60_000,
  handshakeTimeoutMs: 15_000,
  /** Requests under way get this long to end when the gateway closes. */
  drainMs: 5_000,
  headerBytes: 8 * 1024,
  connections: 5_000,
  /** Connections of those who show no certificate: PCs that are being enrolled, up to a thousand that wait to be let in, and whoever means no good. */
  unprovenConnections: 2_000,
  /** Requests being answered at one time, of agents, and as many of strangers. Each holds at most one blob in memory. */
  concurrentRequests: 64,
  /** What a refused client is told to wait, in seconds. */
  busyRetrySeconds: 2,
} as const;

/** Failures of enrolment that count against an address: the caller had something wrong, not we. */
const countedFailures: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'enrolment.token_unknown',
  'enrolment.token_expired',
  'enrolment.token_used_up',
  'enrolment.token_revoked',
  'enrolment.csr_invalid',
  'enrolment.token_network',
  'enrolment.request_unknown',
  'protocol.invalid_message',
  'protocol.too_large',
]);

/** Questions of one site in a minute that come without a token: anybody may ask, and each is a row and an eye of a person. */
const UNVOUCHED_A_MINUTE = 300;

export interface GatewayOptions {
  enroller: Enroller;
  trust: TrustDesk;
  blobs: BlobFrames;
  membership: Membership & { reread(): Promise<void> };
  mqttKit: MakeMqttKit;
  /** Called with agents that ask something, and where they ask from. */
  onArrival?: (agent: AgentId, address: string) => void;
  tls: ServerTls;
  host: string;
  /** 0: any free port. */
  port: number;
  clock: Clock;
  logger: Logger;
}

interface Route {
  methods: readonly string[];
  handle(request: IncomingMessage, response: ServerResponse, place: Place): Promise<void>;
}

/** Listens for agents over HTTPS, TLS 1.3 only. */
export async function listenGateway(options: GatewayOptions): Promise<TlsListener> {
  const { enroller, trust, blobs, membership, mqttKit, onArrival, clock, logger } = options;
  const failureLimit = createFailureLimit(clock);
  const unvouchedLimit = createFailureLimit(clock, UNVOUCHED_A_MINUTE);
  const places = createRequestPlaces(gatewayLimits.concurrentRequests);

  /** @throws {HarpError} `identity.certificate_required`, `identity.revoked` */
  const agentOf = async (request: IncomingMessage): Promise<AgentId> => {
    const socket = tlsOf(request);
    const identity = identityOf(socket);
    if (identity?.role !== 'agent') {
      const hasExpired = String(socket.authorizationError) === 'CERT_HAS_EXPIRED';
      const why = hasExpired ? 'the client certificate has expired: enrol again' : "an agent's certificate is needed";
      throw new HarpError('identity.certificate_required', why);
    }
    if (!membership.isActive(identity.agent)) await membership.reread();
    if (!membership.isActive(identity.agent)) throw new HarpError('identity.revoked', 'this agent was revoked');
    onArrival?.(identity.agent, addressOf(request));
    return identity.agent;
  };

  /** @throws {HarpError} `gateway.rate_limited` */
  const requireRoom = (limit: FailureLimit, address: string, response: ServerResponse): void => {
    const waitSeconds = limit.waitSeconds(address);
    if (waitSeconds === 0) return;
    response.setHeader('retry-after', waitSeconds);
    throw new HarpError('gateway.rate_limited', `too many enrolments from there; try again in ${waitSeconds} s`);
  };

  /** Answers somebody who has no certificate yet. Failures are counted by address. */
  const answerStranger = async (
    request: IncomingMessage,
    response: ServerResponse,
    ask: (address: string) => Promise<Answer>,
  ): Promise<void> => {
    const address = addressOf(request);
    requireRoom(failureLimit, address, response);
    try {
      const answer = await ask(address);
      if ('waiting' in answer) return sendJson(response, 202, answer.waiting);
      const { agent, office } = answer.enrolment;
      logger.info({ agent: shortId(agent), office: office.name, address }, 'agent enrolled');
      sendJson(response, 200, answer.enrolment);
    } catch (error) {
      if (isHarpError(error) && countedFailures.has(error.code)) failureLimit.failed(address);
      throw error;
    }
  };

  const enrol: Route = {
    methods: ['POST'],
    handle: (request, response) =>
      answerStranger(request, response, async (address) => {
        const asked = await readJson(request, EnrolRequest);
        if (asked.secret === undefined) {
          requireRoom(unvouchedLimit, address, response);
          unvouchedLimit.failed(address);
        }
        return enroller.enrol(asked, address);
      }),
  };

  const enrolWait: Route = {
    methods: ['POST'],
    handle: (request, response, place) =>
      answerStranger(request, response, async (address) => {
        const question = await readJson(request, EnrolWaitRequest);
        // Kept open, it is bounded by the waiting room and takes no place from requests that are answered at once.
        place.leave();
        return enroller.wait(question, siteOf(address));
      }),
  };

  const renew: Route = {
    methods: ['POST'],
    async handle(request, response) {
      const agent = await agentOf(request);
      const { csr } = await readJson(request, RenewRequest);
      sendJson(response, 200, await enroller.renew(agent, csr));
      logger.info({ agent: shortId(agent) }, 'certificate renewed');
    },
  };

  const agentsTrust: Route = {
    methods: ['POST'],
    async handle(request, response) {
      const agent = await agentOf(request);
      sendJson(response, 200, await trust.hear(agent, await readJson(request, TrustRequest), chainOf(tlsOf(request))));
    },
  };

  /** Of the authority, whoever may read the server's own files: the console, and `harp` on this machine. @throws {HarpError} `identity.certificate_required` */
  const requireConsole = (request: IncomingMessage): void => {
    const identity = identityOf(tlsOf(request));
    if (identity?.role === 'service' && identity.service === 'console') return;
    throw new HarpError('identity.certificate_required', "the console's certificate is needed");
  };

  const authority: Route = {
    methods: ['GET'],
    async handle(request, response) {
      requireConsole(request);
      sendJson(response, 200, await trust.status());
    },
  };

  const rotate: Route = {
    methods: ['POST'],
    async handle(request, response) {
      requireConsole(request);
      const order = await readJson(request, RotateRequest);
      const status = await trust.rotate(order);
      logger.info({ ...order }, 'certificate authority rotated');
      sendJson(response, 200, status);
    },
  };

  const authorityMqtt: Route = {
    methods: ['POST'],
    async handle(request, response) {
      requireConsole(request);
      const kit = await mqttKit(await readJson(request, MqttKitRequest));
      logger.info({ names: kit.names }, 'certificate for an external broker issued');
      sendJson(response, 200, kit);
    },
  };

  const folderBlobs = (folder: FolderId): Route => ({
    methods: ['POST'],
    async handle(request, response) {
      const agent = await agentOf(request);
      if (!membership.hasFolder(agent, folder)) await membership.reread();
      if (!membership.hasFolder(agent, folder)) {
        throw new HarpError('peer.folder_not_shared', "the agent's office does not have this folder");
      }
      const { ids } = await readJson(request, BlobWant);
      const frames = blobs.answer(folder, ids);
      // The first frame before the status: a database that does not answer is then an error the client can read.
      const first = await frames.next();
      response.writeHead(200, { 'content-type': FRAMES_CONTENT_TYPE });
      await pipeline(Readable.from(after(first, frames), { objectMode: false }), response);
    },
  });

  const health: Route = {
    methods: ['GET', 'HEAD'],
    async handle(request, response) {
      response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8', 'content-length': 2 });
      response.end(request.method === 'HEAD' ? undefined : 'ok');
    },
  };

  const routeOf = (path: string): Route | undefined => {
    if (path === gatewayPaths.enrol) return enrol;
    if (path === gatewayPaths.enrolWait) return enrolWait;
    if (path === gatewayPaths.renew) return renew;
    if (path === gatewayPaths.trust) return agentsTrust;
    if (path === gatewayPaths.authority) return authority;
    if (path === gatewayPaths.rotate) return rotate;
    if (path === gatewayPaths.mqttKit) return authorityMqtt;
    if (path === gatewayPaths.health) return health;
    const folder = FolderId.safeParse(path.split('/')[3]);
    return folder.success && path === gatewayPaths.blobs(folder.data) ? folderBlobs(folder.data) : undefined;
  };

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const route = routeOf((request.url ?? '').split('?', 1)[0]!);
    if (route === undefined) throw new HarpError('api.not_found', 'there is nothing at this path');
    if (!route.methods.includes(request.method ?? '')) {
      response.setHeader('allow', route.methods.join(', '));
      throw new HarpError('gateway.method_not_allowed', `this path takes ${route.methods.join(', ')}`);
    }
    const place = places.enter(request, callerOf(identityOf(tlsOf(request))));
    if (place === undefined) {
      response.setHeader('retry-after', gatewayLimits.busyRetrySeconds);
      throw new HarpError('gateway.busy', 'too many requests at one time');
    }
    await route.handle(request, response, place).finally(place.leave);
  };

  const refuse = (request: IncomingMessage, response: ServerResponse, error: unknown, requestId: string): void => {
    const known = isHarpError(error)
      ? error
      : new HarpError('internal.unexpected', 'something unexpected happened', { cause: error });
    const facts = { requestId, code: known.code, method: request.method, address: addressOf(request) };
    if (known.code === 'internal.unexpected') logger.error({ ...facts, err: error }, 'gateway request failed');
    else logger.info({ ...facts, reason: known.message }, 'gateway request refused');
    // What the client still sends is not read: the answer goes out and the connection ends with it.
    if (!request.complete) response.setHeader('connection', 'close');
    sendJson(response, known.status, errorBody(known.code, known.message, requestId), request.method === 'HEAD');
  };

  const contextOf = ({ key, certificate, ca }: ServerTls) => ({
    key,
    cert: certificate,
    ca,
    minVersion: 'TLSv1.3' as const,
    // Without tickets every connection proves its certificate anew: a resumed session would outlive it.
    secureOptions: constants.SSL_OP_NO_TICKET,
  });

  const server = createServer(
    {
      ...contextOf(options.tls),
      requestCert: true,
      rejectUnauthorized: false,
      handshakeTimeout: gatewayLimits.handshakeTimeoutMs,
      headersTimeout: gatewayLimits.headersTimeoutMs,
      requestTimeout: gatewayLimits.requestTimeoutMs,
      connectionsCheckingInterval: 5_000,
      maxHeaderSize: gatewayLimits.headerBytes,
    },
    (request, response) => {
      const requestId = randomBytes(8).toString('hex');
      response.setHeader('x-request-id', requestId);
      serve(request, response).catch((error: unknown) => {
        if (request.socket.destroyed) return logger.debug({ requestId, err: error }, 'gateway client went away');
        if (!response.headersSent) return refuse(request, response, error, requestId);
        // Too late for a status: the missing end frame tells the client that the answer broke off.
        logger.debug({ requestId, err: error }, 'gateway answer broke off');
        response.destroy();
      });
    },
  );
  server.maxConnections = gatewayLimits.connections;
  const unproven = boundUnproven(server, gatewayLimits.unprovenConnections);
  server.on('secureConnection', (socket) => {
    if (socket.authorized) unproven.proven(socket);
  });
  server.timeout = gatewayLimits.idleTimeoutMs;
  server.keepAliveTimeout = gatewayLimits.idleTimeoutMs;
  server.on('tlsClientError', (error) => logger.debug({ error: error.message }, 'tls handshake failed'));
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    logger.debug({ error: error.message }, 'not an http request');
    refuseUnreadable(error, socket);
  });
  server.listen(options.port, options.host);
  await once(server, 'listening');

  return {
    port: (server.address() as AddressInfo).port,
    setTls: (next) => server.setSecureContext(contextOf(next)),
    close: () =>
      new Promise((resolve) => {
        const cancel = clock.after(gatewayLimits.drainMs, () => server.closeAllConnections());
        server.close(() => {
          cancel();
          resolve();
        });
        server.closeIdleConnections();
      }),
  };
}

async function* after(first: IteratorResult<Uint8Array>, rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (first.done) return;
  yield first.value;
  yield* rest;
}

/** Whose requests count together. */
function callerOf(identity: TlsIdentity | undefined): string | undefined {
  return identity?.role === 'agent' ? identity.agent : identity?.service;
}

function errorBody(code: ErrorCode, message: string, requestId: string): ErrorBody {
  return { error: { code, message, requestId } };
}

function sendJson(response: ServerResponse, status: number, body: unknown, headOnly = false): void {
  const text = JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  response.end(headOnly ? undefined : text);
}
