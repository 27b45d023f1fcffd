/** Somebody in the middle: a TLS server with a certificate of its own that hands every byte of the requests on to the real gateway and its answers back. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer, type TLSSocket } from 'node:tls';
import { selfSigned } from '../stand-in/testing/self-signed.ts';

export interface Relay {
  readonly port: number;
  /** What passed it in clear, both directions. */
  readonly heard: string[];
  close(): void;
}

/** Relays to `gatewayPort` of this machine. */
export async function startRelay(gatewayPort: number): Promise<Relay> {
  const heard: string[] = [];
  const open = new Set<TLSSocket>();
  const server = createServer({ ...selfSigned(['localhost', '127.0.0.1'], Date.now()) }, (inside) => {
    const outside = connect({ host: '127.0.0.1', port: gatewayPort, rejectUnauthorized: false });
    for (const [from, to] of [
      [inside, outside],
      [outside, inside],
    ] as const) {
      open.add(from);
      from.on('data', (bytes: Buffer) => {
        heard.push(bytes.toString('latin1'));
        to.write(bytes);
      });
      from.on('error', () => to.destroy());
      from.on('close', () => {
        open.delete(from);
        to.end();
      });
    }
  });
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    heard,
    close() {
      for (const socket of open) socket.destroy();
      server.close();
    },
  };
}
