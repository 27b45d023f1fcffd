/** What administrators write: enrolment tokens and the fleet document. */
import { DisplayName } from '@harp/broker/protocol';
import { z } from 'zod';
import { Network, Tag } from './enrolment.ts';
import { instant } from './scalars.ts';

/** Whether this machine's calendar knows the zone. */
function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/**
 * Lives at most 30 days. `expiresInSeconds` default 7 days. Without an office, PCs that no office's subnets claim are unassigned. `expected`: how many PCs
 * the batch has.
 */
export const TokenRequest = z.strictObject({
  name: z.union([DisplayName, z.literal('')]).default(''),
  office: DisplayName.optional(),
  tags: z.array(Tag).max(20).default([]),
  /** Networks it may be used from; none: from everywhere. */
  cidrs: z.array(Network).max(100).default([]),
  approval: z.enum(['automatic', 'manual']).default('automatic'),
  expected: z.int().min(1).max(10_000).optional(),
  uses: z.int().min(1).max(10_000).default(1),
  expiresInSeconds: z
    .int()
    .min(60)
    .max(30 * 86_400)
    .default(7 * 86_400),
});
export type TokenRequest = z.infer<typeof TokenRequest>;
/** A request as programs write it, defaults left out. */
export type TokenWish = z.input<typeof TokenRequest>;
export const TokenCreated = z.object({
  id: z.string(),
  token: z.string(),
  office: z.string().nullable(),
  uses: z.int(),
  expiresAtMs: instant,
});
export type TokenCreated = z.infer<typeof TokenCreated>;

/** A token without its secret, which is shown once and never stored. */
export const TokenSummary = z.object({
  id: z.string(),
  name: z.string(),
  /** The office's name. */
  office: z.string().nullable(),
  officeId: z.string().nullable(),
  tags: z.array(z.string()),
  cidrs: z.array(z.string()),
  approval: z.enum(['automatic', 'manual']),
  expected: z.int().nullable(),
  uses: z.int(),
  used: z.int(),
  state: z.enum(['usable', 'used-up', 'expired', 'revoked']),
  createdAtMs: instant,
  expiresAtMs: instant,
});
export type TokenSummary = z.infer<typeof TokenSummary>;
export const TokenList = z.object({ tokens: z.array(TokenSummary) });
export type TokenList = z.infer<typeof TokenList>;
/** A batch that is not complete at its end goes on for so long from now; at most 30 days. */
export const TokenExtension = z.strictObject({
  expiresInSeconds: z
    .int()
    .min(60)
    .max(30 * 86_400),
});
export type TokenExtension = z.infer<typeof TokenExtension>;

/** A fleet as `harp apply` sends it: what fleet.yaml declares, secrets resolved by the CLI. */
export const FleetDocument = z.strictObject({
  nextclouds: z
    .array(
      z.strictObject({
        name: DisplayName,
        url: z
          .url({ protocol: /^https?$/, error: 'must be an http or https address such as https://cloud.example.com' })
          .refine((url) => !/[?#@]/.test(url), 'must not hold a user name, a query or a fragment'),
        user: z.string().min(1).max(200),
        password: z.string().min(1).max(500),
        caPem: z.string().max(65_536).optional(),
      }),
    )
    .max(100)
    .default([]),
  offices: z
    .array(
      z.strictObject({
        name: DisplayName,
        subnets: z
          .array(z.union([z.cidrv4(), z.cidrv6()], { error: 'must be a subnet such as 10.1.0.0/16 or fd00:1::/64' }))
          .max(100)
          .default([]),
        /** Offices of one region stand together. */
        region: z.string().trim().min(1).max(60).optional(),
        timeZone: z.string().max(60).refine(isTimeZone, 'must be an IANA time zone such as Europe/Paris').optional(),
      }),
    )
    .max(10_000)
    .default([]),
  folders: z
    .array(
      z.strictObject({
        name: DisplayName,
        nextcloud: DisplayName,
        path: z.string().min(1).max(4096),
        offices: z.array(DisplayName).max(10_000).default([]),
      }),
    )
    .max(1000)
    .default([]),
});
export type FleetDocument = z.infer<typeof FleetDocument>;

export const FleetChange = z.object({
  action: z.enum(['create', 'update', 'delete']),
  kind: z.enum(['nextcloud', 'office', 'folder', 'assignment']),
  name: z.string(),
  detail: z.string().optional(),
});
export type FleetChange = z.infer<typeof FleetChange>;
/** `unlisted`: what exists but does not stand in the document, and therefore stays; with `prune` it stands in `changes` instead. */
export const FleetResult = z.object({ changes: z.array(FleetChange), unlisted: z.array(FleetChange) });
export type FleetResult = z.infer<typeof FleetResult>;
