/**
 * How a PC becomes an agent: key, certificate, the pinned CA and keys, and their renewal. Talks to the gateway only; the CLI enrols, the running
 * agent loads and renews. Identity is the key pair: it never leaves the state folder and survives every renewal.
 */
import { createPrivateKey, createPublicKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { AgentId, DisplayName, HarpError, OfficeId, SigningKey } from '@harp/broker/protocol';
import { agentIdOfSpki } from '@harp/broker/protocol/node';
import { z } from 'zod';
import type { TlsMaterial } from '../ports.ts';
import { readFileIfPresent, writeFileAtomic } from '../state/atomic-file.ts';
import { parseJson } from '../state/json.ts';
import type { StateLayout } from '../state/layout.ts';
import { type KeyStore, openKeyStore } from './key-store.ts';

/** `enrolment.json`. Written last, so its presence says that the other identity files are complete. */
export const EnrolmentRecord = z.object({
  v: z.literal(1),
  agent: AgentId,
  office: z.object({ id: OfficeId, name: DisplayName }),
  mqttUrl: z.string(),
  gatewayUrl: z.string(),
  signingKeys: z.array(SigningKey).min(1),
  enrolledAtMs: z.int(),
});
export type EnrolmentRecord = z.infer<typeof EnrolmentRecord>;

/** What the state folder says of who we are. */
export interface StoredIdentity {
  record: EnrolmentRecord;
  tls: TlsMaterial;
}

/** Reads the identity; undefined if the state folder is not enrolled (a half-finished enrolment counts as not). @throws {HarpError} `agent.state_damaged` */
export async function readIdentity(
  layout: StateLayout,
  keys: KeyStore = openKeyStore(layout.key),
): Promise<StoredIdentity | undefined> {
  const recordText = await readFileIfPresent(layout.enrolment);
  if (recordText === undefined) return undefined;
  const [key, certificate, ca] = await Promise.all([
    keys.read(),
    readFileIfPresent(layout.certificate),
    readFileIfPresent(layout.ca),
  ]);
  const record = EnrolmentRecord.safeParse(parseJson(recordText)).data;
  if (record === undefined || key === undefined || certificate === undefined || ca === undefined) {
    throw damaged('a file of the identity is missing or cannot be read');
  }
  const stored = { record, tls: { key, certificate, ca } };
  checkBelongTogether(stored);
  return stored;
}

/** Reads the identity. @throws {HarpError} `agent.not_enrolled`, `agent.state_damaged` */
export async function requireIdentity(layout: StateLayout): Promise<StoredIdentity> {
  const stored = await readIdentity(layout);
  if (stored === undefined) throw new HarpError('agent.not_enrolled', `${layout.root} holds no enrolment`);
  return stored;
}

/** Writes certificate, CA and record, the record last. The key is there already. */
export async function storeIdentity(layout: StateLayout, { record, tls }: StoredIdentity): Promise<void> {
  await writeFileAtomic(layout.certificate, tls.certificate);
  await writeFileAtomic(layout.ca, tls.ca);
  await writeFileAtomic(layout.enrolment, `${JSON.stringify(record, null, 2)}\n`);
}

/** The private key (PKCS#8 PEM, P-256) in `keys`, made if there is none: an interrupted enrolment goes on as the same agent. */
export async function ensureKey(keys: KeyStore): Promise<string> {
  const present = await keys.read();
  if (present !== undefined) return present;
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  await keys.write(pem);
  return pem;
}

/** The agent id of a private key. @throws {HarpError} `agent.state_damaged` if it is none */
export function agentIdOfKey(keyPem: string): AgentId {
  try {
    return agentIdOfSpki(createPublicKey(createPrivateKey(keyPem)).export({ type: 'spki', format: 'der' }));
  } catch (error) {
    throw damaged('identity/agent.key is not a private key', error);
  }
}

/** From when to when a certificate is valid (UTC epoch, milliseconds), and when it is renewed: at half of its life. */
export function lifeOf(certificatePem: string): { fromMs: number; toMs: number; renewAtMs: number } {
  const certificate = new X509Certificate(certificatePem);
  const fromMs = Date.parse(certificate.validFrom);
  const toMs = Date.parse(certificate.validTo);
  return { fromMs, toMs, renewAtMs: fromMs + (toMs - fromMs) / 2 };
}

/**
 * Checks what an issuer sent before it is stored: the certificate carries our key, and it and those after it lead to a root in `tls.ca`.
 *
 * @throws {HarpError} `agent.state_damaged`
 */
export function checkBelongTogether({ record, tls }: StoredIdentity): void {
  if (agentIdOfKey(tls.key) !== record.agent) throw damaged('the key is not the one that was enrolled');
  try {
    const [certificate, ...intermediates] = certificatesIn(tls.certificate);
    if (certificate?.checkPrivateKey(createPrivateKey(tls.key)) !== true)
      throw damaged('the certificate is for another key');
    if (!leadsTo(certificatesIn(tls.ca), certificate, intermediates))
      throw damaged('the certificate is not issued by the pinned CA');
  } catch (error) {
    throw error instanceof HarpError ? error : damaged('a certificate cannot be read', error);
  }
}

function leadsTo(
  roots: readonly X509Certificate[],
  certificate: X509Certificate,
  [above, ...rest]: readonly X509Certificate[],
): boolean {
  if (roots.some((root) => certificate.verify(root.publicKey))) return true;
  return above !== undefined && certificate.verify(above.publicKey) && leadsTo(roots, above, rest);
}

/** The certificates of a PEM bundle. */
export function certificatesIn(pem: string): X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return blocks.map((block) => new X509Certificate(block));
}

function damaged(what: string, cause?: unknown): HarpError {
  return new HarpError('agent.state_damaged', what, { cause });
}
