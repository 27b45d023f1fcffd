/**
 * The audit log's only writer. A change and its entries are one transaction; a change that records nothing is undone. Writers take one row, so entries
 * come in one order without a gap, whoever writes at the same time.
 */
import {
  AUDIT_SIGN_EVERY,
  type AuditActor,
  AuditEntry,
  type AuditHead,
  type AuditObject,
  auditHeadText,
  auditRows,
  HarpError,
  type LinkHex,
  type SignedText,
} from '@harp/broker/protocol';
import { type Signer, sha3 } from '@harp/broker/protocol/node';
import type { PrismaClient } from '@harp/prisma';
import type { Tx } from '../content/rows.ts';
import type { Clock, Logger } from '../ports.ts';
import type { HeadAnchor } from './head-anchor.ts';
import { type Fields, withoutSecrets } from './secrets-out.ts';
import { soundSinceSigned } from './tail.ts';

/** `object.verb`; the known ones have words of their own in the workbench. */
export type AuditAction = `${string}.${string}`;

/** Who asks for a change, and in which request. */
export interface AuditOrigin {
  actor: AuditActor;
  requestId: string | null;
  address: string | null;
}

/** The server by itself. */
export const systemOrigin: AuditOrigin = {
  actor: { kind: 'system', id: null, name: 'Harp', operator: null },
  requestId: null,
  address: null,
};

/** One thing that was done to one object. */
export interface AuditedChange {
  action: AuditAction;
  object: AuditObject;
  /** The office it concerns, if it is one. */
  office?: string | null;
  before?: Fields | null;
  after?: Fields | null;
}

/** How the work of a change says what it did. */
export interface AuditRecord {
  add(change: AuditedChange): void;
  /** Says who it turned out to be: whoever signs in is nobody when the request begins. */
  by(actor: AuditActor): void;
  /** Says that nothing had to be done: the object is already as it was wanted. */
  nothing(): void;
}

export interface ChangeOptions {
  timeout?: number;
  maxWait?: number;
}

/** A change waits while somebody else writes many entries (`harp apply` of a large fleet). */
const PATIENCE: ChangeOptions = { timeout: 30_000, maxWait: 10_000 };

export interface AuditTrail {
  /**
   * Does `work` in a transaction and writes what it recorded in the same one.
   *
   * @throws {HarpError} `internal.unexpected`, everything undone, if the work recorded nothing and did not say that there was nothing
   */
  change<T>(
    origin: AuditOrigin,
    work: (tx: Tx, record: AuditRecord) => Promise<T>,
    options?: ChangeOptions,
  ): Promise<T>;
  /** Signs the newest link if it is not signed yet. Call it at start and before the process ends. */
  sign(): Promise<void>;
}

export interface TrailPorts {
  database: PrismaClient;
  signer: Signer;
  anchor: HeadAnchor;
  clock: Clock;
  logger: Logger;
  /** Entries were added and committed. */
  onEntries(): void;
}

/** The row that writers take. */
export interface StateRow {
  seq: number;
  link: string;
  signedSeq: number;
}

/** Entries in one statement: some megabytes. */
const ROWS_PER_INSERT = 5000;

export function createAuditTrail(ports: TrailPorts): AuditTrail {
  const { database, signer, anchor, clock, logger, onEntries } = ports;

  const lockState = async (tx: Tx): Promise<StateRow> => {
    const [state] = await tx.$queryRaw<StateRow[]>`
      SELECT "seq", "link", "signedSeq" FROM "AuditState" WHERE "id" = 1 FOR UPDATE`;
    if (state === undefined) throw new HarpError('internal.unexpected', 'the audit log has lost its state row');
    return state;
  };

  /** Whether what was written since the last signed place follows from it. If not, it is said, and nothing is signed any more. */
  const isSound = async (tx: Tx, state: StateRow): Promise<boolean> => {
    const problem = await soundSinceSigned(tx, state, [signer.key]);
    if (problem !== undefined)
      logger.error({ problem }, 'the audit log was changed and is not signed any more: run harp verify audit');
    return problem === undefined;
  };

  const signPlace = async (tx: Tx, { seq, link }: Pick<StateRow, 'seq' | 'link'>): Promise<SignedText> => {
    const head: AuditHead = { v: 1, seq, link: link as LinkHex, atMs: clock.nowMs() };
    const signed = signer.sign('harp/audit/v1', auditHeadText(head));
    await tx.auditHead.create({ data: { seq, ...signed } });
    await tx.auditState.update({ where: { id: 1 }, data: { signedSeq: seq } });
    return signed;
  };

  const append = async (
    tx: Tx,
    origin: AuditOrigin,
    changes: readonly AuditedChange[],
  ): Promise<SignedText | undefined> => {
    const state = await lockState(tx);
    // Read with the row in hand, so that later entries are not older.
    const atMs = clock.nowMs();
    const entries = changes.map((change, index) => entryOf(origin, change, state.seq + index + 1, atMs));
    const rows = auditRows(entries, state.link, sha3);
    const last = rows.at(-1)!;
    // Steps since the last signed place, so that a log that cannot be signed any more is looked at once in 64 entries, not at each.
    const stepsTo = (seq: number) => Math.floor((seq - state.signedSeq) / AUDIT_SIGN_EVERY);
    const signs = stepsTo(last.seq) !== stepsTo(state.seq) && (await isSound(tx, state));
    await insertRows(
      tx,
      entries.map((entry, index) => ({ entry, body: rows[index]!.body, link: rows[index]!.link })),
    );
    await tx.auditState.update({ where: { id: 1 }, data: { seq: last.seq, link: last.link } });
    return signs ? signPlace(tx, last) : undefined;
  };

  const keepAnchor = async (signed: SignedText | undefined): Promise<void> => {
    if (signed !== undefined) await anchor.keep(signed, (seq) => linkAt(database, seq));
  };

  return {
    async change(origin, work, options = PATIENCE) {
      const changes: AuditedChange[] = [];
      let actor = origin.actor;
      let signed: SignedText | undefined;
      const result = await database.$transaction(async (tx) => {
        let isNothing = false;
        const done = await work(tx, {
          add: (change) => void changes.push(change),
          by(found) {
            actor = found;
          },
          nothing() {
            isNothing = true;
          },
        });
        if (changes.length > 0) signed = await append(tx, { ...origin, actor }, changes);
        else if (!isNothing)
          throw new HarpError('internal.unexpected', 'a change recorded nothing for the audit log, so it was undone');
        return done;
      }, options);
      if (changes.length > 0) onEntries();
      await keepAnchor(signed);
      return result;
    },

    async sign() {
      const signed = await database.$transaction(async (tx) => {
        const state = await lockState(tx);
        return state.seq > state.signedSeq && (await isSound(tx, state)) ? signPlace(tx, state) : undefined;
      });
      await keepAnchor(signed);
    },
  };
}

/** As one value instead of thirteen for each row: ten thousand offices at once are ten thousand entries. */
async function insertRows(tx: Tx, rows: readonly { entry: AuditEntry; body: string; link: string }[]): Promise<void> {
  for (let from = 0; from < rows.length; from += ROWS_PER_INSERT) {
    const batch = rows.slice(from, from + ROWS_PER_INSERT).map(({ entry, body, link }) => ({
      seq: entry.seq,
      at: new Date(entry.atMs).toISOString(),
      ...columnsOf(entry),
      body,
      link,
    }));
    await tx.$executeRaw`
      INSERT INTO "AuditEntry" ("seq", "at", "actorKind", "actorId", "actorName", "action", "objectKind", "objectId", "objectName", "officeId",
        "requestId", "body", "link")
      SELECT * FROM jsonb_to_recordset(${JSON.stringify(batch)}::jsonb) AS r("seq" int, "at" timestamp(3), "actorKind" text, "actorId" text,
        "actorName" text, "action" text, "objectKind" text, "objectId" text, "objectName" text, "officeId" text, "requestId" text, "body" text,
        "link" text)`;
  }
}

async function linkAt(database: PrismaClient, seq: number): Promise<string | undefined> {
  const row = await database.auditEntry.findUnique({ where: { seq }, select: { link: true } });
  return row?.link;
}

function entryOf(origin: AuditOrigin, change: AuditedChange, seq: number, atMs: number): AuditEntry {
  const { action, object, office = null, before = null, after = null } = change;
  return AuditEntry.parse({
    v: 1,
    seq,
    atMs,
    ...origin,
    action,
    object,
    office,
    ...withoutSecrets(before, after),
  });
}

/** What of an entry is repeated in columns, to be looked for. */
export function columnsOf({ actor, action, object, office, requestId }: AuditEntry) {
  return {
    actorKind: actor.kind,
    actorId: actor.id,
    actorName: actor.name,
    action,
    objectKind: object.kind,
    objectId: object.id,
    objectName: object.name,
    officeId: office,
    requestId,
  };
}
