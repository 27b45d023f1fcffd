import { Prisma, type PrismaClient } from '@harp/prisma';

type Resolution = 'minute' | 'hour';

/** Ages at which rows go, in milliseconds. */
interface RetentionAges {
  sampleMs: number;
  sampleMinuteMs: number;
  sampleHourMs: number;
  deliveryMs: number;
  agentEventMs: number;
  reportReceiptMs: number;
}

/** What jobs do to the tables. */
export interface UpkeepStore {
  /**
   * Sums samples into minutes, or minutes into hours, anew for everything since the last run and at least the last `lateMs`. Sums replace what was
   * there, so a run may be repeated, and a broker that was down catches up.
   */
  rollUp(resolution: Resolution, at: { nowMs: number; lateMs: number }): Promise<void>;
  /** Marks agents offline that were last heard before `heardBeforeMs`. Resolves to how many. */
  markSilentOffline(heardBeforeMs: number): Promise<number>;
  /** Deletes what is older than its age, but no sample that has not been rolled up. Resolves to how many rows went. */
  deleteOld(ages: RetentionAges, nowMs: number): Promise<number>;
}

const rollUps = {
  minute: { from: Prisma.raw('"Sample"'), into: Prisma.raw('"SampleMinute"'), lengthMs: 60_000 },
  hour: { from: Prisma.raw('"SampleMinute"'), into: Prisma.raw('"SampleHour"'), lengthMs: 3_600_000 },
} as const;

/** Rows one DELETE takes: short transactions, so that ingest never waits long behind one. */
const DELETE_ROWS = 10_000;

/** Roll-ups, retention and offline marks in PostgreSQL. */
export function createUpkeepStore(prisma: PrismaClient): UpkeepStore {
  const deleteBefore = async (table: string, column: string, before: Date): Promise<number> => {
    const [name, at] = [Prisma.raw(`"${table}"`), Prisma.raw(`"${column}"`)];
    let total = 0;
    for (;;) {
      const deleted = await prisma.$executeRaw`
        DELETE FROM ${name} WHERE ctid = ANY (ARRAY(SELECT ctid FROM ${name} WHERE ${at} < ${before} LIMIT ${DELETE_ROWS}))`;
      total += deleted;
      if (deleted < DELETE_ROWS) return total;
    }
  };

  return {
    async rollUp(resolution, { nowMs, lateMs }) {
      const { from, into } = rollUps[resolution];
      await prisma.$transaction(
        async (tx) => {
          const mark = await tx.rollupMark.findUnique({ where: { name: resolution } });
          const sinceMs = Math.min(mark?.at.getTime() ?? 0, nowMs - lateMs);
          const since = new Date(Math.max(0, sinceMs));
          await tx.$executeRaw`
            INSERT INTO ${into} AS old ("agentId", "folderId", "at", "fromPeers", "fromOrigin", "fromLocal", "served", "wasted")
            SELECT "agentId", "folderId", date_trunc(${resolution}, "at") AS "start",
              sum("fromPeers"), sum("fromOrigin"), sum("fromLocal"), sum("served"), sum("wasted")
            FROM ${from} WHERE "at" >= date_trunc(${resolution}, ${since}::timestamp)
            GROUP BY "agentId", "folderId", "start"
            ON CONFLICT ("agentId", "folderId", "at") DO UPDATE SET
              "fromPeers" = excluded."fromPeers", "fromOrigin" = excluded."fromOrigin", "fromLocal" = excluded."fromLocal",
              "served" = excluded."served", "wasted" = excluded."wasted"
            WHERE (old."fromPeers", old."fromOrigin", old."fromLocal", old."served", old."wasted")
              IS DISTINCT FROM
              (excluded."fromPeers", excluded."fromOrigin", excluded."fromLocal", excluded."served", excluded."wasted")`;
          const at = new Date(nowMs);
          await tx.rollupMark.upsert({ where: { name: resolution }, create: { name: resolution, at }, update: { at } });
        },
        { maxWait: 10_000, timeout: 120_000 },
      );
    },

    async markSilentOffline(heardBeforeMs) {
      const { count } = await prisma.agent.updateMany({
        where: { online: true, OR: [{ lastSeenAt: null }, { lastSeenAt: { lt: new Date(heardBeforeMs) } }] },
        data: { online: false },
      });
      return count;
    },

    async deleteOld(ages, nowMs) {
      const marks = await prisma.rollupMark.findMany();
      // The interval in which the last run fell is summed again by the next one, so all of it has to stay.
      const rolledUpTo = (name: Resolution): number =>
        (marks.find((mark) => mark.name === name)?.at.getTime() ?? 0) - rollUps[name].lengthMs;
      const before = (ageMs: number, rolledUpToMs = nowMs): Date => new Date(Math.min(nowMs - ageMs, rolledUpToMs));
      return (
        (await deleteBefore('Sample', 'at', before(ages.sampleMs, rolledUpTo('minute')))) +
        (await deleteBefore('SampleMinute', 'at', before(ages.sampleMinuteMs, rolledUpTo('hour')))) +
        (await deleteBefore('SampleHour', 'at', before(ages.sampleHourMs))) +
        (await deleteBefore('Delivery', 'at', before(ages.deliveryMs))) +
        (await deleteBefore('AgentEvent', 'at', before(ages.agentEventMs))) +
        (await deleteBefore('ReportReceipt', 'receivedAt', before(ages.reportReceiptMs)))
      );
    },
  };
}
