/** A Nextcloud public share that counts: how often each byte of each file was sent. Obeys Range and If-Match as Nextcloud 27 does. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { OriginGrant } from '@harp/broker/protocol';

export interface FakeFile {
  etag: string;
  bytes: Uint8Array;
}

export interface FakeOrigin {
  /** The link that serves. */
  readonly grant: OriginGrant;
  /** Replaces the link: the one before is refused from now on. */
  relink(token: string): void;
  readonly files: Map<string, FakeFile>;
  /** Every request in the order of arrival. */
  readonly requests: { path: string; range: string | undefined; headers: IncomingMessage['headers'] }[];
  /** Bytes of file content handed to the network. */
  readonly bytesSent: number;
  /** Requests being answered now, and the most there were. */
  readonly busiest: number;
  /** Answers instead of the share; return false to let the share answer. */
  intercept: ((request: IncomingMessage, response: ServerResponse) => boolean) | undefined;
  /** Bytes a second over all answers together; no limit when undefined. */
  bytesPerSecond: number | undefined;
  /** Cuts the connection after so many bytes of one answer, once. */
  cutAfterBytes: number | undefined;
  /** Sends nothing from now on, until undefined again; connections stay open. */
  silent: boolean;
  close(): Promise<void>;
}

const SLICE_BYTES = 32 * 1024;

/** Starts on a free port of 127.0.0.1. */
export async function startFakeOrigin(): Promise<FakeOrigin> {
  const files = new Map<string, FakeFile>();
  const requests: FakeOrigin['requests'] = [];
  const sockets = new Set<Socket>();
  let sent = 0;
  let open = 0;
  let busiest = 0;
  let nextSliceMs = 0;
  let token = 'TestToken123456';

  const send = async (response: ServerResponse, body: Uint8Array) => {
    const closed = once(response, 'close');
    for (let at = 0; at < body.length && !response.destroyed; at += SLICE_BYTES) {
      while (origin.silent && !response.destroyed) await delay(10);
      const slice = body.subarray(at, at + SLICE_BYTES);
      if (origin.bytesPerSecond !== undefined) {
        const nowMs = performance.now();
        nextSliceMs = Math.max(nowMs, nextSliceMs) + (slice.length / origin.bytesPerSecond) * 1000;
        if (nextSliceMs > nowMs) await delay(nextSliceMs - nowMs);
      }
      if (origin.cutAfterBytes !== undefined && at >= origin.cutAfterBytes) {
        origin.cutAfterBytes = undefined;
        response.destroy();
        return;
      }
      sent += slice.length;
      if (!response.write(slice)) await Promise.race([once(response, 'drain'), closed]);
    }
    response.end();
  };

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const path = decodeURIComponent(request.url ?? '').replace('/base/public.php/webdav/', '');
    const { range } = request.headers;
    requests.push({ path, range, headers: request.headers });
    if (origin.intercept?.(request, response) === true) return;
    if (request.headers.authorization !== `Basic ${Buffer.from(`${token}:`).toString('base64')}`) {
      return void response.writeHead(401).end();
    }
    const file = files.get(path);
    if (file === undefined) return void response.writeHead(404).end();
    if (request.headers['if-match'] !== `"${file.etag}"`) return void response.writeHead(412).end();
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(range ?? '') ?? [];
    if (from === undefined) {
      response.writeHead(200, { 'content-length': file.bytes.length });
      return send(response, file.bytes);
    }
    const body = file.bytes.subarray(Number(from), Number(to) + 1);
    const last = Number(from) + body.length - 1;
    response.writeHead(206, {
      'content-length': body.length,
      'content-range': `bytes ${from}-${last}/${file.bytes.length}`,
    });
    return send(response, body);
  };

  const server = createServer((request, response) => {
    busiest = Math.max(busiest, ++open);
    response.on('close', () => open--);
    void answer(request, response);
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  const { port } = server.address() as AddressInfo;
  const origin: FakeOrigin = {
    get grant(): OriginGrant {
      const url = `http://127.0.0.1:${port}/base`;
      return { kind: 'nextcloud-share', url, dialect: 'public-webdav', token };
    },
    relink(next) {
      token = next;
    },
    files,
    requests,
    get bytesSent() {
      return sent;
    },
    get busiest() {
      return busiest;
    },
    intercept: undefined,
    bytesPerSecond: undefined,
    cutAfterBytes: undefined,
    silent: false,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return origin;
}
