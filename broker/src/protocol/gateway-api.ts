/** What agents ask of the gateway over HTTPS. Enrolment pins the server by the token's CA fingerprint; the rest needs the client certificate. */
import { z } from 'zod';
import { AgentId, DisplayName, type FolderId, OfficeId } from './ids.ts';
import { SigningKey } from './signing.ts';

export const gatewayPaths = {
  /** POST EnrolRequest → Enrolment. No client certificate. */
  enrol: '/v1/enrol',
  /** POST RenewRequest → Renewal. Client certificate of the same key or of the key it replaces. */
  renew: '/v1/renew',
  /** POST BlobWant → frames. Client certificate of an agent whose office has the folder. */
  blobs: (folder: FolderId) => `/v1/folders/${folder}/blobs`,
  /** GET → 200 `ok`: is the gateway there. */
  health: '/v1/health',
} as const;

const pem = z.string().max(16_384);

/** `secret` is the token's, base64url. `csr` is PKCS#10 in PEM, ECDSA P-256; only its public key and proof of possession are used. */
export const EnrolRequest = z.strictObject({
  protocol: z.int().min(1),
  secret: z.string().min(20).max(200),
  csr: pem,
  hostname: z.string().min(1).max(255),
  platform: z.string().min(1).max(50),
  version: z.string().min(1).max(50),
});
export type EnrolRequest = z.infer<typeof EnrolRequest>;

/** Everything an agent needs from then on. `ca` and `signingKeys` are what it pins. */
export const Enrolment = z.object({
  agent: AgentId,
  office: z.object({ id: OfficeId, name: DisplayName }),
  certificate: pem,
  ca: pem,
  signingKeys: z.array(SigningKey).min(1),
  /** `mqtts://host:port` */
  mqttUrl: z.string().max(300),
  /** `https://host:port` */
  gatewayUrl: z.string().max(300),
});
export type Enrolment = z.infer<typeof Enrolment>;

export const RenewRequest = z.strictObject({ csr: pem });
export type RenewRequest = z.infer<typeof RenewRequest>;

export const Renewal = z.object({ certificate: pem, ca: pem, signingKeys: z.array(SigningKey).min(1) });
export type Renewal = z.infer<typeof Renewal>;
