/** Requests as an attacker writes them: any body, any certificate, any bytes. */
import { request } from 'node:https';
import { connect as connectTcp } from 'node:net';
import { type ConnectionOptions, connect } from 'node:tls';

export interface RawRequest {
  method?: string;
  path: string;
  body?: string | Buffer;
  headers?: Record<string, string>;
  tls: ConnectionOptions;
}

export interface RawAnswer {
  status: number;
  /** The code of a refusal; undefined when the body is none. */
  code: string | undefined;
  body: Buffer;
}

/** One HTTPS request to 127.0.0.1, on a connection of its own. Rejects when TLS or the connection is refused. */
export function ask(port: number, { method = 'POST', path, body, headers = {}, tls }: RawRequest): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      { host: '127.0.0.1', port, path, method, agent: false, headers, checkServerIdentity: () => undefined, ...tls },
      (incoming) => {
        const parts: Buffer[] = [];
        incoming.on('data', (part: Buffer) => parts.push(part));
        incoming.on('error', reject);
        incoming.on('end', () => {
          const whole = Buffer.concat(parts);
          resolve({ status: incoming.statusCode ?? 0, code: codeIn(whole), body: whole });
        });
      },
    );
    // A refusal may come while the body is still on its way: it counts, the broken pipe does not.
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

function codeIn(body: Buffer): string | undefined {
  try {
    return (JSON.parse(body.toString('utf8')) as { error?: { code?: string } }).error?.code;
  } catch {
    return undefined;
  }
}

/**
 * Sends bytes to a port and waits until the other side closes; with `tls`, after a handshake.
 * Resolves with what came back, at the latest after `timeoutMs`; undefined if the other side never closed.
 */
export function sendRaw(
  port: number,
  bytes: Buffer | string,
  options: { tls?: ConnectionOptions; timeoutMs?: number } = {},
): Promise<Buffer | undefined> {
  const { tls, timeoutMs = 20_000 } = options;
  return new Promise((resolve) => {
    const parts: Buffer[] = [];
    const target = { host: '127.0.0.1', port };
    const socket =
      tls === undefined ? connectTcp(target) : connect({ ...target, checkServerIdentity: () => undefined, ...tls });
    const timer = setTimeout(() => {
      resolve(undefined);
      socket.destroy();
    }, timeoutMs);
    socket.on(tls === undefined ? 'connect' : 'secureConnect', () => socket.write(bytes));
    socket.on('data', (part: Buffer) => parts.push(part));
    // A reset is one way to close.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(Buffer.concat(parts));
    });
  });
}
