/** Rows of the audit log in order, some thousand at a time: memory does not grow with the log. */
import type { AuditRow } from '@harp/broker/protocol';
import type { Tx } from '../content/rows.ts';

/** A row with the columns that repeat parts of it. */
export interface StoredAuditRow extends AuditRow {
  at: Date;
  actorKind: string;
  actorId: string | null;
  actorName: string;
  action: string;
  objectKind: string;
  objectId: string;
  objectName: string;
  officeId: string | null;
  requestId: string | null;
}

const BATCH_ROWS = 1000;
/** Largest value of the column. */
const LARGEST_SEQ = 2 ** 31 - 1;

/** Rows after number `after`, up to `toSeq` if given. */
export async function* auditBatches(
  tx: Pick<Tx, 'auditEntry'>,
  after = 0,
  toSeq = LARGEST_SEQ,
): AsyncGenerator<StoredAuditRow[]> {
  // A row that somebody put before the first one is read too: it then stands where entry 1 belongs.
  let last = after === 0 ? -LARGEST_SEQ : after;
  for (;;) {
    const batch: StoredAuditRow[] = await tx.auditEntry.findMany({
      where: { seq: { gt: last, lte: toSeq } },
      orderBy: { seq: 'asc' },
      take: BATCH_ROWS,
    });
    if (batch.length > 0) yield batch;
    if (batch.length < BATCH_ROWS) return;
    last = batch.at(-1)!.seq;
  }
}
