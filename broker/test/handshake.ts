import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer, type TLSSocket } from 'node:tls';
import { identityOf, type TlsIdentity } from '../src/protocol/node/index.ts';

/** Key and chain, and what the other side's chain must hang below; all PEM. */
export interface Party {
  key: string;
  certificate: string;
  ca: string;
}

/**
 * One TLS 1.3 handshake as the broker does it; resolves to what the server learned of the client. Without `servername`, the address is checked.
 *
 * @throws what either side has against the other
 */
export async function handshake(
  server: Party,
  client: Party | { ca: string },
  options: { servername?: string; anyName?: boolean } = {},
): Promise<TlsIdentity | undefined> {
  const listener = createServer({
    key: server.key,
    cert: server.certificate,
    ca: server.ca,
    requestCert: true,
    rejectUnauthorized: true,
    minVersion: 'TLSv1.3',
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const greeted = new Promise<TlsIdentity | undefined>((resolve, reject) => {
    listener.once('secureConnection', (socket: TLSSocket) => {
      socket.on('error', () => undefined);
      resolve(identityOf(socket));
    });
    listener.once('tlsClientError', reject);
  });
  greeted.catch(() => undefined);
  const socket = connect({
    host: '127.0.0.1',
    port: (listener.address() as AddressInfo).port,
    ca: client.ca,
    ...('key' in client ? { key: client.key, cert: client.certificate } : {}),
    ...(options.servername === undefined ? {} : { servername: options.servername }),
    ...(options.anyName ? { checkServerIdentity: () => undefined } : {}),
  });
  try {
    const content = new Promise<void>((resolve, reject) => {
      socket.once('secureConnect', resolve);
      socket.once('error', reject);
    });
    content.catch(() => undefined);
    // The client is content before the server has seen its certificate: both have to be. Whoever objects first says why.
    const [, identity] = await Promise.all([content, greeted]);
    return identity;
  } finally {
    socket.destroy();
    listener.close();
  }
}
