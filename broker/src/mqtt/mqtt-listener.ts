import { constants } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type TLSSocket } from 'node:tls';
import type { ServerTls } from '../enrolment/pki.ts';
import type { Logger } from '../ports.ts';
import { boundUnproven, identityOf } from '../protocol/node/index.ts';
import type { MqttBroker } from './mqtt-broker.ts';

/** A client gets this long for its TLS handshake: three round trips on the slowest line, and then some. */
const HANDSHAKE_TIMEOUT_MS = 15_000;

/** Open connections of the whole fleet; above, the newest are refused. Peers report 65 kB of memory a connection. */
const MAX_CONNECTIONS = 10_000;

/** Of these, those that have shown no certificate yet. */
const MAX_UNPROVEN = 2_000;

export interface MqttListenerOptions {
  broker: MqttBroker;
  tls: ServerTls;
  host: string;
  /** 0: any free port. */
  port: number;
  logger: Logger;
}

export interface TlsListener {
  readonly port: number;
  /** Uses renewed certificates and other roots for new connections. */
  setTls(tls: ServerTls): void;
  /** Takes no more connections. */
  close(): Promise<void>;
}

/** Listens for MQTT over TLS 1.3 with client certificates. */
export async function listenMqtt({ broker, tls, host, port, logger }: MqttListenerOptions): Promise<TlsListener> {
  const contextOf = ({ key, certificate, ca }: ServerTls) => ({
    key,
    cert: certificate,
    ca,
    minVersion: 'TLSv1.3' as const,
    // Without tickets every connection proves its certificate anew: a resumed session would outlive it.
    secureOptions: constants.SSL_OP_NO_TICKET,
  });
  const server = createServer(
    { ...contextOf(tls), requestCert: true, rejectUnauthorized: true, handshakeTimeout: HANDSHAKE_TIMEOUT_MS },
    (socket: TLSSocket) => {
      const identity = identityOf(socket);
      if (identity === undefined) {
        logger.warn({ code: 'identity.certificate_required' }, 'mqtt client with a certificate of no agent or service');
        socket.destroy();
        return;
      }
      unproven.proven(socket);
      socket.setNoDelay(true);
      broker.attach(socket, identity, (socket.remoteAddress ?? '').replace(/^::ffff:(?=\d+\.)/, ''));
    },
  );
  server.maxConnections = MAX_CONNECTIONS;
  const unproven = boundUnproven(server, MAX_UNPROVEN);
  server.on('tlsClientError', (error, socket) => {
    logger.debug({ error: error.message }, 'tls handshake failed');
    // Node tells that the time for a handshake is over, and leaves the connection as it is.
    socket.destroy();
  });
  server.listen(port, host);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    setTls: (next) => server.setSecureContext(contextOf(next)),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
