import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Cloud } from '../cloud/cloud.ts';
import { bufferContent, concatContent, seededContent, sliceContent } from '../cloud/content.ts';
import { type Area, areaOf } from './area.ts';
import { crashReply, dispatch, faultReply } from './dispatch.ts';
import type { Exchange } from './exchange.ts';
import { FairRate } from './fair-rate.ts';
import { type Fault, type Faults, faultOf } from './faults.ts';
import { type Identity, identify, ownerPathOf } from './identity.ts';
import type { Ledger } from './ledger.ts';
import type { OfficeLines } from './office-lines.ts';
import { type FileBody, htmlReply, type Reply } from './reply.ts';
import { type Route, send } from './send.ts';

/** Everything a request passes through. */
export interface Gate {
  readonly cloud: Cloud;
  /** Empty or a path such as `/nextcloud`. */
  readonly basePath: string;
  readonly faults: Faults;
  readonly ledger: Ledger;
  readonly lines: OfficeLines;
  /** Told of errors that are the stand-in's own. */
  readonly onError: (error: unknown) => void;
}

/** Long enough for a client's pool to reuse a connection between two polls. */
const keepAliveMs = 65_000;

/** A server, not yet listening, that answers through the gate. */
export function createGateServer(gate: Gate, tls: { key: string | Buffer; cert: string | Buffer } | undefined): Server {
  const listener = (request: IncomingMessage, response: ServerResponse) => {
    serve(gate, request, response).catch((error: unknown) => {
      gate.onError(error);
      response.destroy();
    });
  };
  const server: Server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  server.keepAliveTimeout = keepAliveMs;
  server.requestTimeout = 0; // uploads over a thin line take as long as they take
  return server;
}

async function serve(gate: Gate, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const url = new URL(`http://host${request.url ?? '/'}`);
  const { basePath, cloud } = gate;
  let area: Area;
  try {
    area = url.pathname.startsWith(`${basePath}/`) ? areaOf(url.pathname.slice(basePath.length)) : { kind: 'unknown' };
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
    area = { kind: 'unknown' };
  }
  const identity = identify(cloud, area, request.headers.authorization);
  const method = request.method ?? 'GET';
  const faults = gate.faults.strike({
    method,
    urlPath: readablePath(url.pathname.slice(basePath.length)),
    ownerPath: ownerPathOf(cloud, area, identity),
    label: labelOf(identity),
  });
  const exchange = exchangeOf(gate, request, { method, area, identity, query: url.searchParams, faults });
  const delay = faultOf(faults, 'delay');
  if (delay !== undefined && !(await waited(cloud, delay.ms, gone.signal))) return;

  const reply = await replyTo(exchange, gate, faults);
  const slow = faultOf(faults, 'slow');
  const office = identity.kind === 'share' ? gate.lines.lineOf(identity.share.label) : undefined;
  const lines = [office, slow && new FairRate(slow.bytesPerSecond, cloud.clock)].filter((line) => line !== undefined);
  const onFirstPiece: Route['onFirstPiece'] = faultOf(faults, 'changed-mid-read')
    ? (body) => replaceVersion(cloud, body)
    : () => {};
  await send(response, reply, { account: gate.ledger.accountOf(identity), lines, faults, onFirstPiece });
  request.resume(); // a body nobody read must not block the connection
}

async function replyTo(exchange: Exchange, gate: Gate, faults: readonly Fault[]): Promise<Reply> {
  const status = faultOf(faults, 'status');
  if (status !== undefined) return faultReply(exchange, status);
  try {
    return await dispatch(exchange, gate.cloud);
  } catch (error) {
    if (exchange.request.destroyed && !exchange.request.complete) return htmlReply(400, ''); // the client hung up while sending
    gate.onError(error);
    return crashReply(exchange);
  }
}

function exchangeOf(
  gate: Gate,
  request: IncomingMessage,
  facts: Pick<Exchange, 'method' | 'area' | 'identity' | 'query'> & { faults: readonly Fault[] },
): Exchange {
  const { faults, ...rest } = facts;
  const scheme = 'encrypted' in request.socket ? 'https' : 'http';
  return {
    ...rest,
    request,
    remoteAddress: request.socket.remoteAddress ?? '',
    basePath: gate.basePath,
    baseUrl: `${scheme}://${request.headers.host ?? 'localhost'}${gate.basePath}`,
    ignoreRange: faultOf(faults, 'ignore-range') !== undefined,
    header(name) {
      const value = request.headers[name];
      return Array.isArray(value) ? value.join(', ') : value;
    },
  };
}

function labelOf(identity: Identity): string | undefined {
  return identity.kind === 'share' ? identity.share.label : undefined;
}

function readablePath(pathname: string): string {
  try {
    return decodeURIComponent(pathname).normalize('NFC');
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
    return pathname;
  }
}

/** False when the client left meanwhile. */
async function waited(cloud: Cloud, ms: number, signal: AbortSignal): Promise<boolean> {
  try {
    await cloud.clock.sleep(ms, signal);
    return true;
  } catch (error) {
    if (!signal.aborted) throw error;
    return false;
  }
}

const replacedHeadBytes = 4096;

/** A new version of the same size whose first 4 KiB are different: the hardest one to notice. Does nothing to a file already replaced. */
function replaceVersion(cloud: Cloud, { file, etag, content }: FileBody): void {
  if (file.parent === undefined || file.etag !== etag) return;
  const headBytes = Math.min(replacedHeadBytes, content.sizeBytes);
  content.retain();
  const head = headBytes === 0 ? bufferContent(Buffer.from('new')) : seededContent(`instead of ${etag}`, headBytes);
  const next = concatContent([head, sliceContent(content, headBytes, content.sizeBytes)]);
  cloud.tree.writeFile(file.parent, file.name, next, {});
}
