import { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { toBase32 } from '../bytes.ts';
import type { AgentId } from '../ids.ts';
import { sha256 } from './hashes.ts';

/** The agent id of a public key: base32(SHA-256(SubjectPublicKeyInfo in DER)). */
export function agentIdOfSpki(spki: Uint8Array): AgentId {
  return toBase32(sha256(spki)) as AgentId;
}

/** The agent id a certificate's key has. Says nothing of who issued the certificate: check that first. */
export function agentIdOfCertificate(certificate: X509Certificate): AgentId {
  return agentIdOfSpki(certificate.publicKey.export({ type: 'spki', format: 'der' }));
}

/** What a verified certificate says its holder is. */
export type TlsIdentity = { role: 'agent'; agent: AgentId } | { role: 'service'; service: string };

const AGENT_URI = /(?:^|, )URI:urn:harp:agent:([a-z2-7]{52})(?:,|$)/;
const SERVICE_URI = /(?:^|, )URI:urn:harp:service:([a-z]+)(?:,|$)/;

/** The subject alternative names our CA writes: agents and services cannot be mistaken for each other. */
export const sanUriFor = {
  agent: (agent: AgentId) => `urn:harp:agent:${agent}`,
  service: (service: string) => `urn:harp:service:${service}`,
} as const;

/** The common names our CA writes, which brokers of others take for user names: an agent's has 52 letters and digits, a service's a hyphen. */
export const commonNameFor = {
  agent: (agent: AgentId) => agent,
  service: (service: string) => `harp-${service}`,
} as const;

/**
 * Who is at the other end of a TLS session whose certificate chain OpenSSL has verified (`authorized`); undefined if nobody we know.
 * An agent's id is computed from its key and must match the name the CA wrote.
 */
export function identityOf(socket: TLSSocket): TlsIdentity | undefined {
  if (!socket.authorized) return undefined;
  // Not getPeerX509Certificate: in Node 20 its first call takes the rest of the chain out of the session, which the trust desk looks at.
  const raw: Buffer | undefined = socket.getPeerCertificate()?.raw;
  return raw === undefined ? undefined : identityOfCertificate(new X509Certificate(raw));
}

/** The identity in a certificate whose issuer has been verified by the caller. */
export function identityOfCertificate(certificate: X509Certificate): TlsIdentity | undefined {
  const names = certificate.subjectAltName ?? '';
  const service = SERVICE_URI.exec(names)?.[1];
  if (service !== undefined) return { role: 'service', service };
  const agent = AGENT_URI.exec(names)?.[1];
  if (agent === undefined || agent !== agentIdOfCertificate(certificate)) return undefined;
  return { role: 'agent', agent: agent as AgentId };
}
