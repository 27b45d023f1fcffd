/** One connection to an HTTP server on which any bytes can be sent, and which is used again as long as the server keeps it. */
import { connect as connectTcp, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { inTime, nextAddress } from './run.ts';

interface HttpAnswer {
  status: number;
  requestId: string | undefined;
  body: string;
}

/** `closed`: the server hung up without an answer. `silent`: it did neither in time. */
export type Outcome = HttpAnswer | 'closed' | 'silent';

export interface HttpBytes {
  bytes: Uint8Array;
  /** A whole request, as far as its length goes: an answer is due. Otherwise the sending side is closed behind it, and an end is due. */
  whole: boolean;
  isHead: boolean;
}

export interface HttpLine {
  send(request: HttpBytes): Promise<Outcome>;
  /** The next request goes over a new connection, from another address. */
  renew(): void;
}

/** A line that connects when it is first used. Without `tls` it speaks plainly. */
export function openLine(port: number, tls?: ConnectionOptions): HttpLine {
  let socket: Socket | undefined;
  const renew = () => {
    socket?.destroy();
    socket = undefined;
  };
  return {
    renew,
    async send(request) {
      if (socket === undefined || socket.destroyed || socket.readableEnded) socket = await dial(port, tls);
      const answer = (await inTime(exchange(socket, request))) ?? 'silent';
      if (!request.whole || typeof answer === 'string' || !answer.mayGoOn) renew();
      return answer;
    },
  };
}

/** Connects to this machine. Never waits for more than a connection takes; a server that refuses it is found by who asks next. */
export function dial(port: number, tls: ConnectionOptions | undefined): Promise<Socket> {
  const localAddress = nextAddress();
  const target = {
    host: '127.0.0.1',
    port,
    allowHalfOpen: true,
    ...(localAddress === undefined ? {} : { localAddress }),
  };
  const socket =
    tls === undefined ? connectTcp(target) : connectTls({ ...target, checkServerIdentity: () => undefined, ...tls });
  // A reset is one way to close: `close` follows and is what counts.
  socket.on('error', () => undefined);
  return new Promise((resolve, reject) => {
    socket.once(tls === undefined ? 'connect' : 'secureConnect', () => resolve(socket));
    socket.once('close', () => reject(new Error(`no connection to port ${port}`)));
  });
}

function exchange(socket: Socket, { bytes, whole, isHead }: HttpBytes): Promise<(HttpAnswer & Going) | 'closed'> {
  return new Promise((resolve) => {
    let received: Buffer = Buffer.alloc(0);
    let first: (HttpAnswer & Going) | undefined;
    const settle = (outcome: (HttpAnswer & Going) | 'closed') => {
      socket.off('data', hear).off('close', end).off('end', end);
      resolve(outcome);
    };
    const hear = (part: Buffer) => {
      received = Buffer.concat([received, part]);
      first ??= answerIn(received, isHead);
      // What is no whole request may be answered, or several times: its end is what is waited for.
      if (first !== undefined && (whole || received.length > 4 * 1024 * 1024)) settle(first);
    };
    const end = () => settle(first ?? answerIn(received, isHead, true) ?? 'closed');
    socket.on('data', hear).on('close', end).on('end', end);
    if (whole) socket.write(bytes);
    else socket.end(bytes);
  });
}

interface Going {
  /** Another request may follow on this connection. */
  mayGoOn: boolean;
}

/** The first answer in these bytes, once it is all there. */
function answerIn(bytes: Buffer, isHead: boolean, hasEnded = false): (HttpAnswer & Going) | undefined {
  const headEnd = bytes.indexOf('\r\n\r\n');
  if (headEnd < 0) return undefined;
  const [statusLine = '', ...lines] = bytes.subarray(0, headEnd).toString('latin1').split('\r\n');
  const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(statusLine)?.[1] ?? 0);
  const rest = bytes.subarray(headEnd + 4);
  if (status >= 100 && status < 200) return answerIn(rest, isHead, hasEnded);
  const headers = new Map(lines.map((line) => splitHeader(line)));
  const isStream = headers.get('content-type')?.startsWith('text/event-stream') === true;
  const taken =
    isStream || isHead || status === 204 || status === 304 ? Buffer.alloc(0) : bodyIn(rest, headers, hasEnded);
  if (taken === undefined) return undefined;
  const isAll =
    isHead || status === 204 || status === 304 || headers.has('content-length') || headers.has('transfer-encoding');
  return {
    status,
    requestId: headers.get('x-request-id'),
    body: taken.toString('utf8'),
    mayGoOn: isAll && !isStream && headers.get('connection')?.toLowerCase() !== 'close',
  };
}

function splitHeader(line: string): [string, string] {
  const colon = line.indexOf(':');
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
}

function bodyIn(rest: Buffer, headers: ReadonlyMap<string, string>, hasEnded: boolean): Buffer | undefined {
  const length = headers.get('content-length');
  if (length !== undefined)
    return rest.length >= Number(length) || hasEnded ? rest.subarray(0, Number(length)) : undefined;
  if (headers.get('transfer-encoding') !== undefined) return unchunked(rest);
  return hasEnded ? rest : undefined;
}

/** The body that was sent in chunks; undefined while its last is missing. */
function unchunked(rest: Buffer): Buffer | undefined {
  const parts: Buffer[] = [];
  let position = 0;
  for (;;) {
    const lineEnd = rest.indexOf('\r\n', position);
    if (lineEnd < 0) return undefined;
    const size = Number.parseInt(rest.subarray(position, lineEnd).toString('latin1'), 16);
    position = lineEnd + 2 + size + 2;
    if (!(position <= rest.length)) return undefined;
    if (size === 0) return Buffer.concat(parts);
    parts.push(rest.subarray(lineEnd + 2, position - 2));
  }
}
