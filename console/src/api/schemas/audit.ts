/** The audit log: who changed what, as a list, one by one with before and after, and raw for whoever wants to check the chain. */
import { z } from 'zod';
import { count, instant } from './scalars.ts';

export const AuditActorKind = z.enum(['user', 'api-key', 'system']);
export type AuditActorKind = z.infer<typeof AuditActorKind>;

/** Who did it. `operator` is who sat at the command line, as it says itself. */
export const AuditBy = z.object({
  kind: AuditActorKind,
  id: z.string().nullable(),
  name: z.string(),
  operator: z.string().nullable(),
});
export type AuditBy = z.infer<typeof AuditBy>;

/** One line of the list. */
export const AuditItem = z.object({
  seq: count,
  atMs: instant,
  by: AuditBy,
  /** `object.verb`, such as `office.update`. */
  action: z.string(),
  object: z.object({ kind: z.string(), id: z.string(), name: z.string() }),
  officeId: z.string().nullable(),
  requestId: z.string().nullable(),
});
export type AuditItem = z.infer<typeof AuditItem>;

/** Newest first. `signedSeq`: up to there the log is signed. */
export const AuditPage = z.object({
  items: z.array(AuditItem),
  /** `cursor` of the next page; null when this was the last. */
  nextCursor: count.nullable(),
  entries: count,
  signedSeq: count,
});
export type AuditPage = z.infer<typeof AuditPage>;

/** An entry in full. Secrets in `before` and `after` are `{"$secret":"set"}` or `{"$secret":"changed"}`. */
export const AuditDetail = AuditItem.extend({
  address: z.string().nullable(),
  before: z.record(z.string(), z.unknown()).nullable(),
  after: z.record(z.string(), z.unknown()).nullable(),
  link: z.string(),
});
export type AuditDetail = z.infer<typeof AuditDetail>;

export const AuditGrouping = z.enum(['day', 'actor', 'object']);
export type AuditGrouping = z.infer<typeof AuditGrouping>;

/** Entries counted by day (UTC), actor or object; the 500 with the newest entries first. */
export const AuditGroups = z.object({
  groups: z.array(
    z.object({
      /** What the list takes as a filter: a day such as 2026-11-23, the actor's name, the object's id. */
      key: z.string(),
      label: z.string(),
      /** Of the object or the actor; null for days. */
      kind: z.string().nullable(),
      entries: count,
      lastAtMs: instant,
    }),
  ),
});
export type AuditGroups = z.infer<typeof AuditGroups>;

/** Raw entries in order. `body` is the canonical text that goes into the link; `link` is the one after it (hexadecimal). */
export const AuditChainPage = z.object({
  entries: z.array(z.object({ seq: count, body: z.string(), link: z.string() })),
  /** Signed heads (SignedText of @harp/broker/protocol) of these entries, and with the first page the newest of all. */
  heads: z.array(z.object({ text: z.string(), key: z.string(), signature: z.string() })),
  /** `from` of the next page; null when this was the last. */
  nextFrom: count.nullable(),
  /** Entries of the whole log. */
  total: count,
  /** Public keys that sign now. */
  keys: z.array(z.object({ key: z.string(), publicKey: z.string() })),
});
export type AuditChainPage = z.infer<typeof AuditChainPage>;

/** What `harp verify audit` says. `firstBad` names the entry, or the first and last of those, where the log stops being right. */
export const AuditVerifyResult = z.object({
  ok: z.boolean(),
  entries: count,
  /** Up to there the log is signed; later entries are only linked. */
  signedSeq: count,
  heads: count,
  firstBad: z
    .object({ seq: z.int().nullable(), toSeq: z.int().nullable(), what: z.string(), code: z.string() })
    .nullable(),
});
export type AuditVerifyResult = z.infer<typeof AuditVerifyResult>;
