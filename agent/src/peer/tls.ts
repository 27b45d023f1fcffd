/**
 * TLS 1.3 with both certificates. Who the other side is comes from its certificate's key; host names mean nothing between peers, because a PC's
 * address changes and its key does not.
 */
import { X509Certificate } from 'node:crypto';
import { createSecureContext, type SecureContext } from 'node:tls';
import { type AgentId, HarpError } from '@harp/broker/protocol';
import { identityOfCertificate } from '@harp/broker/protocol/node';
import { buildConnector } from 'undici';
import type { Identity, TlsMaterial } from '../ports.ts';

/** A neighbour on the LAN answers within milliseconds; five seconds leave room for a PC under full load and two lost SYNs (1 s, then 2 s). */
const CONNECT_TIMEOUT_MS = 5000;

/** Makes connectors that prove who is at the other end. */
export interface PeerTls {
  /** Connects only to `expected`. */
  connectorTo(expected: AgentId): buildConnector.connector;
  /** Connects to any agent of our CA and tells which before the first byte is sent. */
  connectorToAnyone(onIdentity: (agent: AgentId) => void): buildConnector.connector;
}

/** Uses the certificate that `identity` has at the time of each connection. */
export function createPeerTls(identity: Identity): PeerTls {
  let cached: { material: TlsMaterial; context: SecureContext } | undefined;
  const context = (): SecureContext => {
    const material = identity.tls();
    if (cached?.material.certificate !== material.certificate || cached.material.ca !== material.ca) {
      const { key, certificate, ca } = material;
      cached = { material, context: createSecureContext({ key, cert: certificate, ca, minVersion: 'TLSv1.3' }) };
    }
    return cached.context;
  };
  const connector = (accept: (agent: AgentId) => Error | undefined): buildConnector.connector => {
    return (options, callback) =>
      buildConnector({
        secureContext: context(),
        minVersion: 'TLSv1.3',
        rejectUnauthorized: true,
        checkServerIdentity: (_host, { raw }) => {
          const found = identityOfCertificate(new X509Certificate(raw));
          return found?.role === 'agent'
            ? accept(found.agent)
            : new HarpError('peer.unreachable', 'the other side is no agent');
        },
        // A resumed session would skip the check of who is there.
        maxCachedSessions: 0,
        timeout: CONNECT_TIMEOUT_MS,
      })(options, callback);
  };
  return {
    connectorTo: (expected) =>
      connector((agent) =>
        agent === expected
          ? undefined
          : new HarpError('peer.unreachable', 'another agent answers at this address', {
              facts: { expected: expected.slice(0, 8), found: agent.slice(0, 8) },
            }),
      ),
    connectorToAnyone: (onIdentity) =>
      connector((agent) => {
        onIdentity(agent);
        return undefined;
      }),
  };
}
