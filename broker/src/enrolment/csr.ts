/** Reading a certificate request from a PC that nobody knows yet. Only the key is taken from it; every name and extension is ignored. */
import 'reflect-metadata';
import { createPublicKey, type KeyObject } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { type AgentId, HarpError } from '../protocol/index.ts';
import { agentIdOfSpki } from '../protocol/node/index.ts';

/** A public key whose holder has proven to have the private half. */
export interface ProvenKey {
  agent: AgentId;
  /** SubjectPublicKeyInfo, DER, in OpenSSL's form: the one an agent id is computed from. */
  spki: Uint8Array;
}

const PEM = /^\s*-----BEGIN CERTIFICATE REQUEST-----\r?\n([A-Za-z0-9+/=\r\n]+)-----END CERTIFICATE REQUEST-----\s*$/;

/** Hashes that a proof of possession may use. */
const HASHES: ReadonlySet<string> = new Set(['SHA-256', 'SHA-384', 'SHA-512']);

/**
 * The key of a PKCS#10 request in PEM, after its signature has been checked.
 *
 * @throws {HarpError} `enrolment.csr_invalid` if it is malformed, its key is not ECDSA P-256, or it is not signed by that key.
 */
export async function openCsr(pem: string): Promise<ProvenKey> {
  const body = PEM.exec(pem)?.[1];
  if (body === undefined) throw invalid('it is not one PKCS#10 request in PEM');
  const request = parse(Buffer.from(body, 'base64'));
  const key = publicKeyOf(request);
  if (key.asymmetricKeyType !== 'ec' || key.asymmetricKeyDetails?.namedCurve !== 'prime256v1') {
    throw invalid('the key is not ECDSA P-256');
  }
  if (!HASHES.has(request.signatureAlgorithm.hash?.name)) throw invalid('the signature does not use SHA-2');
  if (!(await isSigned(request))) throw invalid('it is not signed by the key it names');
  const spki = key.export({ type: 'spki', format: 'der' });
  // A point in compressed form is the same key with other bytes, and would give one key two agent ids.
  if (!spki.equals(Buffer.from(request.publicKey.rawData))) throw invalid('the key is not in uncompressed form');
  return { agent: agentIdOfSpki(spki), spki };
}

function parse(der: Uint8Array<ArrayBuffer>): x509.Pkcs10CertificateRequest {
  try {
    return new x509.Pkcs10CertificateRequest(der);
  } catch (cause) {
    throw invalid('it is not a PKCS#10 request', cause);
  }
}

function publicKeyOf(request: x509.Pkcs10CertificateRequest): KeyObject {
  try {
    return createPublicKey({ key: Buffer.from(request.publicKey.rawData), format: 'der', type: 'spki' });
  } catch (cause) {
    throw invalid('its key cannot be read', cause);
  }
}

async function isSigned(request: x509.Pkcs10CertificateRequest): Promise<boolean> {
  try {
    return await request.verify();
  } catch (cause) {
    throw invalid('its signature cannot be checked', cause);
  }
}

function invalid(why: string, cause?: unknown): HarpError {
  return new HarpError('enrolment.csr_invalid', `the certificate request is not acceptable: ${why}`, { cause });
}
