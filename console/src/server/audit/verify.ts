/**
 * `harp verify audit`: checks the whole audit log as a stranger would, with the keys of the key file, and names the first entry that is not right.
 * Reads one consistent moment; changes nothing.
 */
import {
  AuditHead,
  type AuditRow,
  auditEndMissing,
  createAuditCheck,
  HarpError,
  isHarpError,
  openSigned,
  readAuditRow,
  type SignedText,
  type SigningKey,
} from '@harp/broker/protocol';
import { sha3, verifyEd25519 } from '@harp/broker/protocol/node';
import type { PrismaClient } from '@harp/prisma';
import type { AuditVerifyResult } from '../../api/schemas.ts';
import { signedOf, type Tx } from '../content/rows.ts';
import { auditBatches, type StoredAuditRow } from './batches.ts';
import type { HeadAnchor } from './head-anchor.ts';
import { columnsOf } from './trail.ts';

/** A log of ten million entries takes some minutes. */
const TRANSACTION_TIMEOUT_MS = 3_600_000;

export interface AuditVerifyPorts {
  database: PrismaClient;
  /** Public halves of the keys that sign, from the key file, never from the database that is being checked. */
  keys: readonly SigningKey[];
  anchor: Pick<HeadAnchor, 'read'>;
}

/** Verifies the log. @throws the signal's reason if aborted */
export async function verifyAudit(
  { database, keys, anchor }: AuditVerifyPorts,
  signal?: AbortSignal,
): Promise<AuditVerifyResult> {
  return database.$transaction(
    async (tx) => {
      const check = createAuditCheck(sha3);
      const counts = { heads: 0 };
      let firstBad: AuditVerifyResult['firstBad'] = null;
      try {
        // Before the first query, whose moment all others share: so it is never newer than the entries.
        const kept = await anchor.read();
        await expectHeads(tx, check, keys, counts);
        if (kept !== undefined) check.expect(openKept(kept, keys));
        for await (const batch of auditBatches(tx)) {
          signal?.throwIfAborted();
          for (const row of batch) {
            check.take(row);
            compareColumns(row);
          }
        }
        check.end();
        await compareState(tx, check);
      } catch (error) {
        signal?.throwIfAborted();
        if (!isHarpError(error)) throw error;
        const { seq, to } = error.facts;
        firstBad = {
          seq: typeof seq === 'number' ? seq : null,
          toSeq: typeof to === 'number' ? to : null,
          what: error.message,
          code: error.code,
        };
      }
      return { ok: firstBad === null, entries: check.seq, signedSeq: check.signedSeq, heads: counts.heads, firstBad };
    },
    { isolationLevel: 'RepeatableRead', timeout: TRANSACTION_TIMEOUT_MS, maxWait: 30_000 },
  );
}

async function expectHeads(
  tx: Tx,
  check: ReturnType<typeof createAuditCheck>,
  keys: readonly SigningKey[],
  counts: { heads: number },
): Promise<void> {
  for (const row of await tx.auditHead.findMany({ orderBy: { seq: 'asc' } })) {
    check.expect(openHead(signedOf(row), keys, row.seq));
    counts.heads += 1;
  }
}

/** @throws {HarpError} `chain.signature_invalid`, `protocol.invalid_message`, each with the entry it stands for */
function openHead(signed: SignedText, keys: readonly SigningKey[], seq: number): AuditHead {
  try {
    const head = openSigned('harp/audit/v1', signed, AuditHead, keys, verifyEd25519);
    if (head.seq === seq) return head;
  } catch (cause) {
    if (!isHarpError(cause)) throw cause;
    throw new HarpError(cause.code, `the signed head of entry ${seq}: ${cause.message}`, { cause, facts: { seq } });
  }
  throw new HarpError('chain.signature_invalid', `the signed head of entry ${seq} is of another entry`, {
    facts: { seq },
  });
}

function openKept(kept: SignedText, keys: readonly SigningKey[]): AuditHead {
  return openSigned('harp/audit/v1', kept, AuditHead, keys, verifyEd25519);
}

/** Searches read the columns, so they must say what the entry says. */
function compareColumns(row: StoredAuditRow): void {
  const entry = readAuditRow(row as AuditRow, row.seq);
  const wanted = columnsOf(entry);
  const wrong = (Object.keys(wanted) as (keyof typeof wanted)[]).find((name) => wanted[name] !== row[name]);
  if (wrong === undefined && row.at.getTime() === entry.atMs) return;
  throw new HarpError('chain.malformed', `entry ${row.seq} is filed under another ${wrong ?? 'time'}`, {
    facts: { seq: row.seq },
  });
}

/** What writers continue from must be the end of what is there. */
async function compareState(tx: Tx, check: { seq: number; link: string; signedSeq: number }): Promise<void> {
  const state = await tx.auditState.findUnique({ where: { id: 1 } });
  if (state === null) throw new HarpError('chain.sequence_gap', 'the row that writers continue from is gone');
  if (state.seq > check.seq) throw auditEndMissing(check.seq + 1, state.seq);
  if (state.seq < check.seq || state.link !== check.link)
    throw new HarpError('chain.link_mismatch', `entry ${state.seq + 1} was not written by this server`, {
      facts: { seq: Math.min(state.seq + 1, check.seq) },
    });
  if (state.signedSeq > check.signedSeq)
    throw new HarpError('chain.signature_invalid', `the signed head of entry ${state.signedSeq} is gone`, {
      facts: { seq: state.signedSeq },
    });
}
