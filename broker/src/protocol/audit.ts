/**
 * Audit: who changed what, when and from where, as a chain of entries of its own. Each entry is hashed with the link before it, and the newest link is
 * signed now and then, so what is changed, removed, moved or cut off afterwards shows. Pure; runs in browsers and Node.
 */
import { z } from 'zod';
import { fromHex, toHex, utf8 } from './bytes.ts';
import { canonicalJson } from './canonical.ts';
import { GENESIS_LINK } from './chain.ts';
import { HarpError } from './errors.ts';
import type { Sha3 } from './hashing.ts';
import { LinkHex } from './ids.ts';

/** Entries after which the link is signed anew. */
export const AUDIT_SIGN_EVERY = 64;

/** Who did it. `system`: the server by itself. */
export const AuditActor = z.strictObject({
  kind: z.enum(['user', 'api-key', 'system']),
  id: z.string().max(200).nullable(),
  name: z.string().max(300),
  /** Who sat at the command line, as the command line says (`user@host`): a claim beside an API key, no proof. */
  operator: z.string().max(300).nullable(),
});
export type AuditActor = z.infer<typeof AuditActor>;

/** What it was done to. The name is the one at that time. */
export const AuditObject = z.strictObject({
  kind: z.string().regex(/^[a-z][a-z-]{0,39}$/),
  id: z.string().max(300),
  name: z.string().max(1000),
});
export type AuditObject = z.infer<typeof AuditObject>;

/** Fields of an object before or after the change; null where it did not exist, or where nothing of it changed that could be shown. */
const AuditState = z.record(z.string(), z.unknown()).nullable();

export const AuditEntry = z.strictObject({
  v: z.literal(1),
  /** 1 for the first entry, then one more each time. */
  seq: z.int().min(1),
  atMs: z.int().min(0),
  actor: AuditActor,
  /** `object.verb`: `office.update`. */
  action: z.string().regex(/^[a-z][a-z-]{0,39}\.[a-z][a-z-]{0,39}$/),
  object: AuditObject,
  /** The office it concerns; null when it concerns several or none. */
  office: z.string().max(100).nullable(),
  /** Secrets are never in here: `{"$secret":"set"}` or `{"$secret":"changed"}` stands in their place. */
  before: AuditState,
  after: AuditState,
  /** The number in the answer's `X-Request-Id` and in the server's log. */
  requestId: z.string().max(100).nullable(),
  /** Where the request came from. */
  address: z.string().max(100).nullable(),
});
export type AuditEntry = z.infer<typeof AuditEntry>;

/** What the signature of context `harp/audit/v1` covers: so far goes the log, and this is its link. */
export const AuditHead = z.strictObject({ v: z.literal(1), seq: z.int().min(1), link: LinkHex, atMs: z.int().min(0) });
export type AuditHead = z.infer<typeof AuditHead>;

/** An entry as it is stored and travels: the canonical text that goes into the link, and the link after it. */
export interface AuditRow {
  seq: number;
  body: string;
  link: string;
}

/**
 * The link an entry adds: SHA3-256("harp/audit-entry/v1" LF body ‖ previous), 32 bytes. `body` is the entry's canonical JSON.
 *
 * @see docs/protocol/audit.md, section 2
 */
export function auditLink(body: string, previous: Uint8Array, sha3: Sha3): Uint8Array {
  if (previous.length !== 32) throw new HarpError('chain.bad_previous', `a link has 32 bytes, not ${previous.length}`);
  return sha3(utf8(`harp/audit-entry/v1\n${body}`), previous);
}

/** Rows for `entries`, which continue `previous` (hexadecimal link). */
export function auditRows(entries: readonly AuditEntry[], previous: string, sha3: Sha3): AuditRow[] {
  let before = fromHex(previous);
  return entries.map((entry) => {
    const body = canonicalJson(entry);
    before = auditLink(body, before, sha3);
    return { seq: entry.seq, body, link: toHex(before) };
  });
}

/** The canonical text of a head, which is what gets signed. */
export function auditHeadText(head: AuditHead): string {
  return canonicalJson(head);
}

/** Checks an audit log row by row. Whoever has the rows and the signed heads needs nothing else. */
export interface AuditCheck {
  /**
   * Names a signed place, whose signature the caller has checked: say it before the rows up to there are taken.
   *
   * @throws {HarpError} `chain.fork` if two heads contradict each other
   */
  expect(head: AuditHead): void;
  /** Takes the next row. @throws {HarpError} with `facts.seq`: the entry that is not right */
  take(row: AuditRow): AuditEntry;
  /** Says that there are no more rows. @throws {HarpError} with `facts.seq`, `facts.to`: entries that are missing at the end */
  end(): void;
  /** How far it got. */
  readonly seq: number;
  readonly link: string;
  /** The newest signed place that was passed; 0 before the first. */
  readonly signedSeq: number;
}

/** A check that begins before entry 1, or after `start`, which the caller has checked to be signed. */
export function createAuditCheck(sha3: Sha3, start?: { seq: number; link: string }): AuditCheck {
  const heads = new Map<number, AuditHead>();
  let previous = fromHex(start?.link ?? GENESIS_LINK);
  let seq = start?.seq ?? 0;
  let signedSeq = seq;
  return {
    get seq() {
      return seq;
    },
    get link() {
      return toHex(previous);
    },
    get signedSeq() {
      return signedSeq;
    },
    expect(head) {
      const other = heads.get(head.seq);
      if (other !== undefined && other.link !== head.link)
        throw new HarpError('chain.fork', `two signed links for entry ${head.seq}`, { facts: { seq: head.seq } });
      if (head.seq > seq) heads.set(head.seq, head);
      else if (head.seq === seq) {
        if (head.link !== toHex(previous)) throw unlikeSigned(signedSeq, seq);
        signedSeq = seq;
      }
    },
    take(row) {
      const entry = readAuditRow(row, seq + 1);
      const next = auditLink(row.body, previous, sha3);
      const linkHex = toHex(next);
      if (linkHex !== row.link)
        throw new HarpError('chain.link_mismatch', `entry ${seq + 1} does not lead to its link: it was changed`, {
          facts: { seq: seq + 1 },
        });
      previous = next;
      seq += 1;
      const head = heads.get(seq);
      if (head !== undefined) {
        if (head.link !== linkHex) throw unlikeSigned(signedSeq, seq);
        heads.delete(seq);
        signedSeq = seq;
      }
      return entry;
    },
    end() {
      const last = Math.max(0, ...heads.keys());
      if (last > seq) throw auditEndMissing(seq + 1, last);
    },
  };
}

/** The end of the log is not there: somebody cut it off. */
export function auditEndMissing(from: number, to: number): HarpError {
  const what = from === to ? `entry ${from} is` : `entries ${from}–${to} are`;
  return new HarpError('chain.sequence_gap', `${what} missing at the end`, { facts: { seq: from, to } });
}

/** Every link follows, but not to what was signed: somebody changed an entry and made the later links anew. */
function unlikeSigned(from: number, to: number): HarpError {
  return new HarpError(
    'chain.link_mismatch',
    `entries ${from + 1}–${to} do not lead to the link that was signed: one of them was changed`,
    { facts: { seq: from + 1, to } },
  );
}

/**
 * The entry in a row that must have number `expected`.
 *
 * @throws {HarpError} `chain.sequence_gap` if another one stands there, `chain.malformed` if its text is not an entry's canonical form
 */
export function readAuditRow(row: Pick<AuditRow, 'seq' | 'body'>, expected: number): AuditEntry {
  if (row.seq !== expected)
    throw new HarpError('chain.sequence_gap', `entry ${expected} is missing`, {
      facts: { seq: expected, found: row.seq },
    });
  const bad = (why: string) =>
    new HarpError('chain.malformed', `entry ${expected} ${why}`, { facts: { seq: expected } });
  const parsed = AuditEntry.safeParse(parseJson(row.body));
  if (!parsed.success) throw bad('does not follow its format');
  if (parsed.data.seq !== expected) throw bad(`carries the number ${parsed.data.seq}`);
  if (canonicalOf(parsed.data) !== row.body) throw bad('is not in canonical form');
  return parsed.data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Undefined for what has no canonical form. */
function canonicalOf(entry: AuditEntry): string | undefined {
  try {
    return canonicalJson(entry);
  } catch {
    return undefined;
  }
}
