/** What a server says of itself: status.php, capabilities, the account. Unknown members are ignored, absent ones have Nextcloud's defaults. */
import { HarpError } from '@harp/broker/protocol';
import { z } from 'zod';

const StatusDocument = z.object({
  installed: z.boolean(),
  maintenance: z.boolean(),
  needsDbUpgrade: z.boolean().default(false),
  version: z.string().max(50),
  versionstring: z.string().max(50).default(''),
});

/** `pause`: maintenance, or an upgrade that waits: nothing may be asked of the server. */
export interface ServerStatus {
  major: number;
  version: string;
  pause: boolean;
}

/** Reads status.php. @throws {HarpError} `origin.unexpected` if this is no Nextcloud. */
export function parseStatus(text: string): ServerStatus {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new HarpError('origin.unexpected', 'there is no Nextcloud at this address: status.php is no JSON', { cause });
  }
  const parsed = StatusDocument.safeParse(value);
  const major = parsed.success ? Number.parseInt(parsed.data.version, 10) : Number.NaN;
  if (!parsed.success || !parsed.data.installed || Number.isNaN(major)) {
    throw new HarpError('origin.unexpected', 'there is no installed Nextcloud at this address');
  }
  const { version, versionstring, maintenance, needsDbUpgrade } = parsed.data;
  return { major, version: versionstring || version, pause: maintenance || needsDbUpgrade };
}

/** Empty objects come as `[]` from PHP. */
const orEmpty = <S extends z.ZodType>(schema: S) =>
  z.preprocess((value) => (Array.isArray(value) || value === null ? undefined : value), schema);

const PublicSharing = z.object({
  enabled: z.boolean().default(false),
  password: orEmpty(z.object({ enforced: z.boolean().default(false) }).default({ enforced: false })),
  expire_date: orEmpty(
    z
      .object({
        enabled: z.boolean().default(false),
        enforced: z.boolean().default(false),
        days: z.coerce.number().int().positive().optional().catch(undefined),
      })
      .default({ enabled: false, enforced: false }),
  ),
});

/** `ocs.data` of the capabilities call. */
export const CapabilitiesDocument = z.object({
  version: z.object({ major: z.int(), string: z.string().max(50) }),
  capabilities: z.object({
    bruteforce: orEmpty(z.object({ delay: z.number().default(0) }).default({ delay: 0 })),
    files_sharing: orEmpty(
      z
        .object({
          api_enabled: z.boolean().default(false),
          public: orEmpty(PublicSharing.default(PublicSharing.parse({}))),
          federation: orEmpty(z.object({ outgoing: z.boolean().default(true) }).default({ outgoing: true })),
        })
        .optional(),
    ),
  }),
});

/** What Harp needs to know of a server and its rules for public links. */
export interface Capabilities {
  major: number;
  version: string;
  /** Milliseconds by which the server delays answers to this address now: failed logins. */
  bruteForceDelayMs: number;
  sharing: SharePolicy;
}

/** The administrator's rules for public links. */
export interface SharePolicy {
  /** Links may be created. */
  allowed: boolean;
  passwordEnforced: boolean;
  /** Longest life in days when an expiry is enforced; null when it is not. */
  expiresWithinDays: number | null;
  /** Without outgoing federation, public DAV wants `X-Requested-With` on every request (api.md 5.1). */
  federationOutgoing: boolean;
}

/** Nextcloud's default when an enforced expiry names no days. */
const DEFAULT_EXPIRY_DAYS = 7;

/** The capabilities Harp uses. */
export function capabilitiesOf(document: z.infer<typeof CapabilitiesDocument>): Capabilities {
  const { version, capabilities } = document;
  const sharing = capabilities.files_sharing;
  const links = sharing?.public;
  return {
    major: version.major,
    version: version.string,
    bruteForceDelayMs: capabilities.bruteforce.delay,
    sharing: {
      allowed: sharing?.api_enabled === true && links?.enabled === true,
      passwordEnforced: links?.password.enforced ?? false,
      expiresWithinDays: links?.expire_date.enforced ? (links.expire_date.days ?? DEFAULT_EXPIRY_DAYS) : null,
      federationOutgoing: sharing?.federation.outgoing ?? true,
    },
  };
}

/** `ocs.data` of `/cloud/user`: the canonical user id, which the DAV path uses (the login may be an e-mail address). */
export const CurrentUser = z.object({ id: z.string().min(1).max(64) });
