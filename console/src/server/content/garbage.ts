/** Removes blobs that no head, segment list or file names any more, a week after they were first seen so: agents may still be at an older head. */
import { Prisma, type PrismaClient } from '@harp/prisma';
import { z } from 'zod';
import type { Clock } from '../ports.ts';
import type { Tx } from './rows.ts';

/** How long agents may take to get past a head they hold. */
const GRACE_MS = 7 * 86_400_000;
/** Blobs of one round; the next round takes the rest. */
const ROUND_MAX_BLOBS = 20_000;
const SETTING = 'content.gc';
const TRANSACTION_TIMEOUT_MS = 300_000;

/** The blobs nobody named when the round began. */
const Round = z.object({ sinceMs: z.int(), ids: z.array(z.string()) });

/**
 * Ends the round under way if its week is over: deletes those of its blobs that are still unreferenced; then begins the next. Returns how many were
 * deleted. Waits for appends under way and holds the others off for as long as it takes.
 */
export async function collectGarbage(prisma: PrismaClient, clock: Pick<Clock, 'nowMs'>): Promise<number> {
  return prisma.$transaction(
    async (tx) => {
      const row = await tx.setting.findUnique({ where: { key: SETTING } });
      const round = Round.safeParse(row?.value);
      const nowMs = clock.nowMs();
      if (round.success && nowMs - round.data.sinceMs < GRACE_MS) return 0;
      await tx.$queryRaw`SELECT "id" FROM "Folder" ORDER BY "id" FOR UPDATE`;
      const doomed = round.success ? await unreferencedAmong(tx, round.data.ids) : [];
      await tx.folderBlob.deleteMany({ where: { blobId: { in: doomed } } });
      await tx.blob.deleteMany({ where: { id: { in: doomed } } });
      const next = await unreferencedBlobs(tx);
      const value = { sinceMs: nowMs, ids: next };
      await tx.setting.upsert({ where: { key: SETTING }, create: { key: SETTING, value }, update: { value } });
      return doomed.length;
    },
    { timeout: TRANSACTION_TIMEOUT_MS, maxWait: 30_000 },
  );
}

/** What nothing names: no segment list, no file, no head's snapshot. */
const unreferenced = Prisma.sql`
  NOT EXISTS (SELECT 1 FROM "SegmentRow" s WHERE s."blobId" = b."id")
  AND NOT EXISTS (SELECT 1 FROM "FileVersion" f WHERE f."manifestId" = b."id")
  AND NOT EXISTS (SELECT 1 FROM "HeadRow" h WHERE h."text"::jsonb -> 'snapshot' ->> 'blob' = b."id")`;

async function unreferencedBlobs(tx: Tx): Promise<string[]> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    SELECT b."id" FROM "Blob" b WHERE ${unreferenced} LIMIT ${ROUND_MAX_BLOBS}`;
  return rows.map(({ id }) => id);
}

async function unreferencedAmong(tx: Tx, ids: string[]): Promise<string[]> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    SELECT b."id" FROM "Blob" b WHERE b."id" = ANY(${ids}) AND ${unreferenced}`;
  return rows.map(({ id }) => id);
}
