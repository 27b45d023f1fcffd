/** Enrolment: PCs that ask to be let in, what people decide of them, the rules that decide without them, and who is kept out. */
import { DisplayName, Via } from '@harp/broker/protocol';
import { z } from 'zod';
import { count, instant } from './scalars.ts';

/** `approved` until it has its certificate; `refused`: its token was not good. */
export const EnrolmentState = z.enum(['waiting', 'approved', 'enrolled', 'rejected', 'blocked', 'refused']);
export type EnrolmentState = z.infer<typeof EnrolmentState>;

/** A network such as `10.4.0.0/16`. */
export const Network = z.union([z.cidrv4(), z.cidrv6()], {
  error: 'must be a network such as 10.1.0.0/16 or fd00:1::/64',
});

/** A word that PCs are marked with. */
export const Tag = z
  .string()
  .trim()
  .min(1)
  .max(40)
  .regex(/^[\p{L}\p{N}._-]+$/u, 'letters, digits, dots, dashes and underscores');
const tags = z.array(Tag).max(20).default([]);
const networks = z.array(Network).max(100).default([]);

/** A PC that asked. What it says of itself (host name, serial, user, domain, own addresses) is a claim. */
export const EnrolmentSummary = z.object({
  id: z.string(),
  agentId: z.string(),
  hostname: z.string(),
  platform: z.string(),
  version: z.string(),
  /** A hash. */
  hardwareId: z.string().nullable(),
  serial: z.string().nullable(),
  userName: z.string().nullable(),
  domain: z.string().nullable(),
  addresses: z.array(z.string()),
  /** Where it came from, as the gateway saw it. */
  seenAddress: z.string(),
  via: Via,
  tokenId: z.string().nullable(),
  tokenName: z.string().nullable(),
  state: EnrolmentState,
  /** An error code: why it waits, or was refused. */
  cause: z.string().nullable(),
  officeId: z.string().nullable(),
  officeName: z.string().nullable(),
  /** subnet, rule, token, person, none */
  officeBy: z.string(),
  officeWhy: z.string().nullable(),
  ruleId: z.string().nullable(),
  tags: z.array(z.string()),
  /** The agent with the same hardware. */
  duplicateOf: z.object({ id: z.string(), hostname: z.string(), online: z.boolean() }).nullable(),
  /** Whoever lets it in types the code that it shows. */
  needsCode: z.boolean(),
  decidedBy: z.string().nullable(),
  decidedAtMs: instant.nullable(),
  /** Until then the decision can be undone. */
  effectiveAtMs: instant.nullable(),
  createdAtMs: instant,
  lastSeenAtMs: instant,
});
export type EnrolmentSummary = z.infer<typeof EnrolmentSummary>;

/** The longest waiting first; others newest first. `total`: all that match, on any page. */
export const EnrolmentPage = z.object({
  enrolments: z.array(EnrolmentSummary),
  total: count,
  nextCursor: z.string().nullable(),
});
export type EnrolmentPage = z.infer<typeof EnrolmentPage>;

/** How long a decision can be undone before it takes effect. */
export const UNDO_MS = 10_000;

const ids = z.array(z.string().min(1).max(100)).min(1).max(1000);

/**
 * What a person decides of PCs that wait. `officeId` is where they go; it is required to `assign`, which leaves them waiting. `code` is what the PC shows:
 * needed to approve one that a neighbour or DNS pointed here, and then there is one id only.
 */
export const DecisionRequest = z
  .strictObject({
    ids,
    decision: z.enum(['approve', 'assign', 'reject', 'block']),
    officeId: z.string().max(100).optional(),
    code: z.string().max(40).optional(),
  })
  .refine(({ decision, officeId }) => decision !== 'assign' || officeId !== undefined, {
    path: ['officeId'],
    message: 'say to which office',
  })
  .refine(({ code, ids: { length } }) => code === undefined || length === 1, {
    path: ['code'],
    message: 'a code belongs to one PC',
  });
export type DecisionRequest = z.infer<typeof DecisionRequest>;

/**
 * `skipped`: those that do not wait any more, whose code is missing (`enrolment.code_needed`), or that would take the place of an agent in an office that
 * is not the decider's (`enrolment.duplicate`).
 */
export const DecisionResult = z.object({
  decided: z.array(z.string()),
  skipped: z.array(z.object({ id: z.string(), cause: z.string() })),
  effectiveAtMs: instant.nullable(),
});
export type DecisionResult = z.infer<typeof DecisionResult>;

export const UndoRequest = z.strictObject({ ids });
export type UndoRequest = z.infer<typeof UndoRequest>;
/** `late`: what had taken effect already. */
export const UndoResult = z.object({ undone: z.array(z.string()), late: z.array(z.string()) });
export type UndoResult = z.infer<typeof UndoResult>;

/** What a PC passes on its way in, in this order. */
export const funnelSteps = ['contacted', 'token', 'identity', 'approved', 'policy', 'lan'] as const;

/** How far the PCs of a batch, or all, are. `stuck`: those that reached this step and not the next, the longest stuck first, at most 100. */
export const EnrolmentFunnel = z.object({
  expected: count.nullable(),
  steps: z.array(
    z.object({
      step: z.enum(funnelSteps),
      reached: count,
      stuck: count,
      some: z.array(z.object({ id: z.string(), hostname: z.string(), cause: z.string(), sinceMs: instant.nullable() })),
    }),
  ),
});
export type EnrolmentFunnel = z.infer<typeof EnrolmentFunnel>;

/** Where PCs reach this server, and the SHA-256 of its root certificate: what `enrol.json` says. No secrets. */
export const EnrolmentServer = z.object({ gatewayUrl: z.string(), fingerprint: z.string(), mqttUrl: z.string() });
export type EnrolmentServer = z.infer<typeof EnrolmentServer>;

/** A rule as people write it. Conditions that are null or empty are none. */
export const RuleRequest = z
  .strictObject({
    name: DisplayName,
    enabled: z.boolean().default(true),
    tokenId: z.string().max(100).nullable().default(null),
    cidrs: networks,
    hostname: z
      .string()
      .trim()
      .min(1)
      .max(255)
      .regex(/^\P{C}*$/u)
      .nullable()
      .default(null),
    domain: z
      .string()
      .trim()
      .min(1)
      .max(253)
      .regex(/^\P{C}*$/u)
      .nullable()
      .default(null),
    officeId: z.string().max(100).nullable().default(null),
    tags,
    cap: z.int().min(1).max(100_000).nullable().default(null),
    perMinute: z.int().min(1).max(1000).default(20),
    validFromMs: instant.nullable().default(null),
    validUntilMs: instant.nullable().default(null),
  })
  .refine(({ validFromMs, validUntilMs }) => (validFromMs ?? 0) < (validUntilMs ?? Number.POSITIVE_INFINITY), {
    path: ['validUntilMs'],
    message: 'must be later than the beginning',
  });
export type RuleRequest = z.infer<typeof RuleRequest>;

/** `used`: PCs it has let in. Paused: the brake took hold, because of its `cap` or its `rate`. */
export const RuleSummary = z.object({
  id: z.string(),
  position: count,
  name: z.string(),
  enabled: z.boolean(),
  tokenId: z.string().nullable(),
  cidrs: z.array(z.string()),
  hostname: z.string().nullable(),
  domain: z.string().nullable(),
  officeId: z.string().nullable(),
  officeName: z.string().nullable(),
  tags: z.array(z.string()),
  cap: z.int().nullable(),
  perMinute: z.int(),
  used: count,
  validFromMs: instant.nullable(),
  validUntilMs: instant.nullable(),
  pausedAtMs: instant.nullable(),
  pausedCause: z.string().nullable(),
});
export type RuleSummary = z.infer<typeof RuleSummary>;
/** In the order they are tried. */
export const RuleList = z.object({ rules: z.array(RuleSummary) });
export type RuleList = z.infer<typeof RuleList>;
/** Every rule, in the order they shall be tried. */
export const RuleOrder = z.strictObject({ ids: z.array(z.string().max(100)).max(1000) });
export type RuleOrder = z.infer<typeof RuleOrder>;

/** What may not enrol, one row a PC: by its key, its hardware, or both. */
export const BlockSummary = z.object({
  id: z.string(),
  kinds: z.array(z.enum(['key', 'hardware'])),
  hostname: z.string(),
  reason: z.string(),
  createdBy: z.string(),
  createdAtMs: instant,
});
export type BlockSummary = z.infer<typeof BlockSummary>;
/** The newest first. */
export const BlockList = z.object({ blocks: z.array(BlockSummary) });
export type BlockList = z.infer<typeof BlockList>;

/** Moves an agent; it then stays there wherever its PC goes. */
export const AgentOfficeRequest = z.strictObject({ officeId: z.string().min(1).max(100) });
export type AgentOfficeRequest = z.infer<typeof AgentOfficeRequest>;
