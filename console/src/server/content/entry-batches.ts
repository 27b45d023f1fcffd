import type { FolderId } from '@harp/broker/protocol';
import type { Tx } from './rows.ts';

/** An entry as stored. */
export interface StoredEntry {
  seq: number;
  body: string;
  link: string;
  path: string;
}

const BATCH_ENTRIES = 2000;
/** Largest value of the column. */
const LARGEST_SEQ = 2 ** 31 - 1;

/** All entries of a folder in order, up to `toSeq` if given, some thousand at a time: memory does not grow with the chain. */
export async function* entryBatches(
  tx: Tx,
  folder: FolderId,
  toSeq: number = LARGEST_SEQ,
): AsyncGenerator<StoredEntry[]> {
  let after = -1;
  for (;;) {
    const batch: StoredEntry[] = await tx.entry.findMany({
      where: { folderId: folder, seq: { gt: after, lte: toSeq } },
      orderBy: { seq: 'asc' },
      take: BATCH_ENTRIES,
      select: { seq: true, body: true, link: true, path: true },
    });
    if (batch.length > 0) yield batch;
    if (batch.length < BATCH_ENTRIES) return;
    after = batch.at(-1)!.seq;
  }
}
