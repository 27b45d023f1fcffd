/** What agents ask of the gateway over HTTPS. Enrolment pins the server by the token's CA fingerprint; the rest needs the client certificate. */
import { z } from 'zod';
import { BrokerUrl } from './broker-url.ts';
import { addressBytes } from './cidr.ts';
import { waitingCauses } from './enrolment-decision.ts';
import { AgentId, DisplayName, EnrolmentRequestId, type FolderId, OfficeId } from './ids.ts';
import { SigningKey } from './signing.ts';
import { Via } from './via.ts';

export const gatewayPaths = {
  /** POST EnrolRequest → 200 Enrolment or 202 Waiting. No client certificate. */
  enrol: '/v1/enrol',
  /** POST EnrolWaitRequest → 200 Enrolment or, after up to 20 s, 202 Waiting. No client certificate. */
  enrolWait: '/v1/enrol/wait',
  /** POST RenewRequest → Renewal. Client certificate of the same key. */
  renew: '/v1/renew',
  /** POST BlobWant → frames. Client certificate of an agent whose office has the folder. */
  blobs: (folder: FolderId) => `/v1/folders/${folder}/blobs`,
  /** POST TrustRequest → TrustAnswer. Client certificate of an agent. */
  trust: '/v1/trust',
  /** GET → AuthorityStatus. Client certificate of the console, which `harp` on the server's own machine shows too. */
  authority: '/v1/authority',
  /** POST RotateRequest → AuthorityStatus. As above. */
  rotate: '/v1/authority/rotate',
  /** POST MqttKitRequest → MqttKit. As above. */
  mqttKit: '/v1/authority/mqtt',
  /** GET → 200 `ok`: is the gateway there. */
  health: '/v1/health',
} as const;

const pem = z.string().max(16_384);

/** What a PC says of itself. Shown to people, stored, compared: nothing invisible and nothing that turns a line around. */
const Said = (maxChars: number) =>
  z
    .string()
    .min(1)
    .max(maxChars)
    .regex(/^\P{C}*$/u, 'no control or formatting characters');

const base64Url = (chars: number) => z.string().regex(new RegExp(`^[A-Za-z0-9_-]{${chars}}$`));

const IpAddress = z
  .string()
  .max(45)
  .refine((text) => !text.includes('%') && addressBytes(text) !== undefined, 'an IP address');

/** Claims, all of them. `hardwareId`: a hash, see docs/protocol/gateway-v1.md. `addresses`: of its interfaces. */
export const Machine = z.strictObject({
  hardwareId: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .exactOptional(),
  serial: Said(100).exactOptional(),
  user: Said(100).exactOptional(),
  domain: Said(253).exactOptional(),
  addresses: z.array(IpAddress).max(16),
});
export type Machine = z.infer<typeof Machine>;

/**
 * `secret` is the token's, base64url. `csr` is PKCS#10 in PEM, ECDSA P-256; only its public key and proof of possession are used. Who was pointed to the
 * server by a neighbour or DNS sends the first message of a CPace proof, and no secret: it does not know yet whom it talks to.
 */
export const EnrolRequest = z
  .strictObject({
    protocol: z.int().min(1),
    secret: z.string().min(20).max(200).exactOptional(),
    csr: pem,
    hostname: Said(255),
    platform: Said(50),
    version: Said(50),
    via: Via.default('token'),
    machine: Machine.default({ addresses: [] }),
    proof: base64Url(43).exactOptional(),
  })
  .refine(({ via, secret }) => via !== 'token' || secret !== undefined, {
    path: ['secret'],
    message: 'whoever comes with a token shows its secret',
  })
  .refine(({ via, proof, secret }) => isUnpinned(via) === (proof !== undefined) && !(isUnpinned(via) && secret), {
    path: ['proof'],
    message: 'a proof, and no secret, belongs to what a neighbour or DNS said',
  });
export type EnrolRequest = z.infer<typeof EnrolRequest>;

function isUnpinned(via: z.infer<typeof Via>): boolean {
  return via === 'neighbour' || via === 'dns';
}

/** Asks how the request stands. `confirm` and `machine` (which was held back before) once the PC has checked the server's proof. */
export const EnrolWaitRequest = z.strictObject({
  request: EnrolmentRequestId,
  ticket: base64Url(43),
  confirm: base64Url(86).exactOptional(),
  machine: Machine.exactOptional(),
});
export type EnrolWaitRequest = z.infer<typeof EnrolWaitRequest>;

/** A person decides, or has to. `ticket` opens /v1/enrol/wait. `proof`: the server's, once a person typed a code. */
export const Waiting = z.object({
  request: EnrolmentRequestId,
  ticket: base64Url(43),
  cause: z.enum(waitingCauses),
  /** How long to leave the server alone before the next question; 0: ask at once, it answers when there is news. */
  retryAfterMs: z.int().min(0).max(3_600_000),
  proof: z.object({ answer: base64Url(43), confirm: base64Url(86) }).exactOptional(),
});
export type Waiting = z.infer<typeof Waiting>;

/** Everything an agent needs from then on. `certificate` is its own and the intermediate's; `ca` (roots) and `signingKeys` are what it pins. */
export const Enrolment = z.object({
  agent: AgentId,
  office: z.object({ id: OfficeId, name: DisplayName }),
  certificate: pem,
  ca: pem,
  /** There while roots are replaced: either root's key, certified by the other, so that a trusted one vouches for the other. */
  cross: pem.exactOptional(),
  signingKeys: z.array(SigningKey).min(1),
  /** `mqtts://host:port` */
  mqttUrl: z.string().max(300),
  /** `https://host:port` */
  gatewayUrl: z.string().max(300),
});
export type Enrolment = z.infer<typeof Enrolment>;

export const RenewRequest = z.strictObject({ csr: pem });
export type RenewRequest = z.infer<typeof RenewRequest>;

/** As in Enrolment. */
export const Renewal = z.object({
  certificate: pem,
  ca: pem,
  cross: pem.exactOptional(),
  signingKeys: z.array(SigningKey).min(1),
});
export type Renewal = z.infer<typeof Renewal>;

/** SHA-256 of a certificate (DER), hexadecimal. */
const Fingerprint = z.string().regex(/^[0-9a-f]{64}$/);

/** The roots that the agent has stored and trusts. */
export const TrustRequest = z.strictObject({ roots: z.array(Fingerprint).max(8) });
export type TrustRequest = z.infer<typeof TrustRequest>;

/**
 * The roots to trust and where the broker is, as in Enrolment. `renew`: the agent's certificate hangs below a root on its way out, so it is to ask for
 * another one now.
 */
export const TrustAnswer = z.object({
  ca: pem,
  cross: pem.exactOptional(),
  renew: z.boolean(),
  mqttUrl: BrokerUrl.exactOptional(),
});
export type TrustAnswer = z.infer<typeof TrustAnswer>;

/** A new intermediate, or a new root. `force`: the next step of replacing the root is taken although agents are behind; they have to enrol again. */
export const RotateRequest = z.strictObject({
  what: z.enum(['issuing', 'root']),
  force: z.boolean(),
  /** Who sits at the command line, as that machine says; stands in the audit log. */
  operator: Said(200).exactOptional(),
});
export type RotateRequest = z.infer<typeof RotateRequest>;

/** The certificate authority, and which agents are how far. Agents that are revoked or whose certificate has ended are not counted. */
export const AuthorityStatus = z.object({
  roots: z.array(
    z.object({
      fingerprint: Fingerprint,
      state: z.enum(['present', 'next', 'old']),
      name: z.string(),
      endsAtMs: z.int(),
      /** Agents that have said they trust it. */
      trustedBy: z.int(),
      /** Agents that were last seen with a certificate below it. */
      agentsBelow: z.int(),
    }),
  ),
  rootKeyHere: z.boolean(),
  issuing: z.object({
    fingerprint: Fingerprint,
    name: z.string(),
    endsAtMs: z.int(),
    /** Agents that were last seen with a certificate of this intermediate. */
    agents: z.int(),
  }),
  agents: z.int(),
  /** What the replacement of the root waits for; null if none is under way. */
  waiting: z
    .object({
      for: z.enum(['trust', 'renewal']),
      agents: z.int(),
      some: z.array(z.object({ id: AgentId, hostname: z.string() })),
    })
    .nullable(),
});
export type AuthorityStatus = z.infer<typeof AuthorityStatus>;

/** Files go into lines of a configuration: nothing in a path may end one, and Mosquitto takes what follows a blank for another word. */
const PlainPath = z
  .string()
  .min(1)
  .max(1024)
  .regex(/^\/[\w./@+-]*$/, 'an absolute path of letters, digits and ._@+-');

/** What a broker that others run needs. `names`: host names and addresses for its certificate; none: the host in HARP_MQTT_URL. */
export const MqttKitRequest = z.strictObject({
  names: z
    .array(
      z
        .string()
        .max(253)
        .regex(/^[A-Za-z0-9.:-]+$/, 'a host name or an IP address'),
    )
    .max(20),
  /** Who sits at the command line, as that machine says; stands in the audit log. */
  operator: Said(200).exactOptional(),
  /** For Mosquitto: the port it listens on, and where it finds the files and keeps its own. Null: the certificate alone. */
  mosquitto: z.strictObject({ listen: z.int().min(1).max(65_535), place: PlainPath, data: PlainPath }).nullable(),
});
export type MqttKitRequest = z.infer<typeof MqttKitRequest>;

/** Files to be written as they are. */
export const MqttKit = z.object({
  names: z.array(z.string()),
  files: z.array(z.object({ name: z.string().regex(/^[a-z]+(\.[a-z]+)?$/), text: z.string(), isSecret: z.boolean() })),
});
export type MqttKit = z.infer<typeof MqttKit>;
