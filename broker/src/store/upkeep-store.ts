import { Prisma, type PrismaClient } from '@harp/prisma';
import type { AgentId } from '../protocol/index.ts';

type Resolution = 'minute' | 'hour';

/** Ages at which rows go, in milliseconds. */
interface RetentionAges {
  sampleMs: number;
  sampleMinuteMs: number;
  sampleHourMs: number;
  censusMs: number;
  deliveryMs: number;
  agentEventMs: number;
  reportReceiptMs: number;
  enrolmentRequestMs: number;
}

/** What jobs do to the tables. */
export interface UpkeepStore {
  /**
   * Sums samples into minutes, or minutes into hours, anew for everything since the last run and at least the last `lateMs`. Sums replace what was
   * there, so a run may be repeated, and a broker that was down catches up.
   */
  rollUp(resolution: Resolution, at: { nowMs: number; lateMs: number }): Promise<void>;
  /**
   * Sums minutes of offices and of the whole fleet into steps of 5, 60, 360 and 1440 minutes, anew for the same time; first adds what minutes of agents
   * say and the trigger on Sample did not see. Call it after `rollUp('minute')`.
   */
  rollUpOffices(at: { nowMs: number; lateMs: number }): Promise<void>;
  /** Counts agents by office and by version, as of the slots that hold `nowMs`; of two counts in one slot the larger stays. */
  takeCensus(nowMs: number): Promise<void>;
  /** Marks agents offline that were last heard before `heardBeforeMs`. Resolves to who they are. */
  markSilentOffline(heardBeforeMs: number): Promise<AgentId[]>;
  /** Deletes what is older than its age, but no sample that has not been rolled up. Resolves to how many rows went. */
  deleteOld(ages: RetentionAges, nowMs: number): Promise<number>;
}

const rollUps = {
  minute: { from: Prisma.raw('"Sample"'), into: Prisma.raw('"SampleMinute"'), lengthMs: 60_000 },
  hour: { from: Prisma.raw('"SampleMinute"'), into: Prisma.raw('"SampleHour"'), lengthMs: 3_600_000 },
} as const;

/** Steps of OfficeTraffic in minutes, each summed from the one before; a trigger keeps the first. */
const officeSteps = [1, 5, 60, 360, 1440] as const;

/** Steps of OfficeCensus in minutes. Versions are counted in the first. */
const censusSteps = [5, 60, 360] as const;
const CENSUS_MS = censusSteps[0] * 60_000;

/** Steps that are only of use while minutes are. */
const shortSteps = [1, 5];
const longSteps = [60, 360, 1440];

/** Sums stop here: what one agent claims must not make a roll-up fail for ever. */
const SUM_MAX = Prisma.raw(String(Number.MAX_SAFE_INTEGER));

/** Rows one DELETE takes: short transactions, so that ingest never waits long behind one. */
const DELETE_ROWS = 10_000;

/** Roll-ups, retention and offline marks in PostgreSQL. */
export function createUpkeepStore(prisma: PrismaClient): UpkeepStore {
  const ofSteps = (steps: readonly number[]) => Prisma.sql`"stepMinutes" = ANY (${[...steps]}::integer[])`;
  const deleteBefore = async (
    table: string,
    column: string,
    before: Date,
    which = Prisma.sql`true`,
  ): Promise<number> => {
    const [name, at] = [Prisma.raw(`"${table}"`), Prisma.raw(`"${column}"`)];
    let total = 0;
    for (;;) {
      const deleted = await prisma.$executeRaw`
        DELETE FROM ${name} WHERE ctid = ANY (ARRAY(SELECT ctid FROM ${name} WHERE ${at} < ${before} AND ${which} LIMIT ${DELETE_ROWS}))`;
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
              least(sum("fromPeers"), ${SUM_MAX}), least(sum("fromOrigin"), ${SUM_MAX}), least(sum("fromLocal"), ${SUM_MAX}), least(sum("served"), ${SUM_MAX}), least(sum("wasted"), ${SUM_MAX})
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

    async rollUpOffices({ nowMs, lateMs }) {
      const name = 'office';
      const mark = await prisma.rollupMark.findUnique({ where: { name } });
      const since = new Date(Math.max(0, Math.min(mark?.at.getTime() ?? 0, nowMs - lateMs)));
      // A statement of its own, in the order of the trigger on Sample: ingest waits for these rows. A sum only grows, so the larger one is whole.
      await prisma.$executeRaw`
        INSERT INTO "OfficeTraffic" AS old
          ("officeId", "stepMinutes", "at", "fromPeers", "fromOrigin", "fromLocal", "served", "wasted")
        SELECT coalesce(a."officeId", ''), 1, s."at", least(sum(s."fromPeers"), ${SUM_MAX}), least(sum(s."fromOrigin"), ${SUM_MAX}), least(sum(s."fromLocal"), ${SUM_MAX}), least(sum(s."served"), ${SUM_MAX}),
          least(sum(s."wasted"), ${SUM_MAX})
        FROM "SampleMinute" s JOIN "Agent" a ON a."id" = s."agentId"
        WHERE s."at" >= date_trunc('minute', ${since}::timestamp)
        GROUP BY GROUPING SETS ((a."officeId", s."at"), (s."at")) ORDER BY 1, 3
        ON CONFLICT ("stepMinutes", "officeId", "at") DO UPDATE SET
          "fromPeers" = greatest(old."fromPeers", excluded."fromPeers"), "fromOrigin" = greatest(old."fromOrigin", excluded."fromOrigin"),
          "fromLocal" = greatest(old."fromLocal", excluded."fromLocal"), "served" = greatest(old."served", excluded."served"),
          "wasted" = greatest(old."wasted", excluded."wasted")
        WHERE excluded."fromPeers" > old."fromPeers" OR excluded."fromOrigin" > old."fromOrigin"
          OR excluded."fromLocal" > old."fromLocal" OR excluded."served" > old."served" OR excluded."wasted" > old."wasted"`;
      await prisma.$transaction(
        async (tx) => {
          for (const [index, minutes] of officeSteps.entries()) {
            if (index === 0) continue;
            await tx.$executeRaw`
              INSERT INTO "OfficeTraffic" AS old
                ("officeId", "stepMinutes", "at", "fromPeers", "fromOrigin", "fromLocal", "served", "wasted")
              SELECT s."officeId", ${minutes}::integer, date_bin(make_interval(mins => ${minutes}::integer), s."at", 'epoch') AS start,
                least(sum(s."fromPeers"), ${SUM_MAX}), least(sum(s."fromOrigin"), ${SUM_MAX}), least(sum(s."fromLocal"), ${SUM_MAX}), least(sum(s."served"), ${SUM_MAX}), least(sum(s."wasted"), ${SUM_MAX})
              FROM "OfficeTraffic" s
              WHERE s."stepMinutes" = ${officeSteps[index - 1]}
                AND s."at" >= date_bin(make_interval(mins => ${minutes}::integer), ${since}::timestamp, 'epoch')
              GROUP BY 1, start
              ON CONFLICT ("stepMinutes", "officeId", "at") DO UPDATE SET
                "fromPeers" = excluded."fromPeers", "fromOrigin" = excluded."fromOrigin", "fromLocal" = excluded."fromLocal",
                "served" = excluded."served", "wasted" = excluded."wasted"
              WHERE (old."fromPeers", old."fromOrigin", old."fromLocal", old."served", old."wasted")
                IS DISTINCT FROM
                (excluded."fromPeers", excluded."fromOrigin", excluded."fromLocal", excluded."served", excluded."wasted")`;
          }
          const at = new Date(nowMs);
          await tx.rollupMark.upsert({ where: { name }, create: { name, at }, update: { at } });
        },
        { maxWait: 10_000, timeout: 120_000 },
      );
    },

    async takeCensus(nowMs) {
      const slots = censusSteps.map((minutes) => {
        const lengthMs = minutes * 60_000;
        return Prisma.sql`(${minutes}::integer, ${new Date(Math.floor(nowMs / lengthMs) * lengthMs)}::timestamp)`;
      });
      await prisma.$executeRaw`
        INSERT INTO "OfficeCensus" AS old ("officeId", "stepMinutes", "at", "agents", "online")
        SELECT a."officeId", slot.minutes, slot."at", a.agents, a.online
        FROM (
          SELECT "officeId", count(*) AS agents, count(*) FILTER (WHERE "online") AS online
          FROM "Agent" WHERE "revokedAt" IS NULL GROUP BY 1
        ) a CROSS JOIN (VALUES ${Prisma.join(slots)}) AS slot(minutes, "at")
        ON CONFLICT ("stepMinutes", "officeId", "at") DO UPDATE SET
          "agents" = greatest(old."agents", excluded."agents"), "online" = greatest(old."online", excluded."online")
        WHERE excluded."agents" > old."agents" OR excluded."online" > old."online"`;
      const at = new Date(Math.floor(nowMs / CENSUS_MS) * CENSUS_MS);
      await prisma.$executeRaw`
        INSERT INTO "VersionCensus" AS old ("at", "version", "agents", "online")
        SELECT ${at}::timestamp, "version", count(*), count(*) FILTER (WHERE "online")
        FROM "Agent" WHERE "revokedAt" IS NULL GROUP BY 2
        ON CONFLICT ("at", "version") DO UPDATE SET
          "agents" = greatest(old."agents", excluded."agents"), "online" = greatest(old."online", excluded."online")`;
    },

    async markSilentOffline(heardBeforeMs) {
      const rows = await prisma.agent.updateManyAndReturn({
        where: { online: true, OR: [{ lastSeenAt: null }, { lastSeenAt: { lt: new Date(heardBeforeMs) } }] },
        data: { online: false },
        select: { id: true },
      });
      return rows.map(({ id }) => id as AgentId);
    },

    async deleteOld(ages, nowMs) {
      const marks = await prisma.rollupMark.findMany();
      // The interval in which the last run fell is summed again by the next one, so all of it has to stay.
      const rolledUpTo = (name: Resolution): number =>
        (marks.find((mark) => mark.name === name)?.at.getTime() ?? 0) - rollUps[name].lengthMs;
      const officesRolledUpTo =
        (marks.find(({ name }) => name === 'office')?.at.getTime() ?? 0) - longSteps.at(-1)! * 60_000;
      const before = (ageMs: number, rolledUpToMs = nowMs): Date => new Date(Math.min(nowMs - ageMs, rolledUpToMs));
      return (
        (await deleteBefore('Sample', 'at', before(ages.sampleMs, rolledUpTo('minute')))) +
        (await deleteBefore('SampleMinute', 'at', before(ages.sampleMinuteMs, rolledUpTo('hour')))) +
        (await deleteBefore('SampleHour', 'at', before(ages.sampleHourMs))) +
        (await deleteBefore(
          'OfficeTraffic',
          'at',
          before(ages.sampleMinuteMs, officesRolledUpTo),
          ofSteps(shortSteps),
        )) +
        (await deleteBefore('OfficeTraffic', 'at', before(ages.sampleHourMs), ofSteps(longSteps))) +
        (await deleteBefore('OfficeCensus', 'at', before(ages.sampleMinuteMs), ofSteps(shortSteps))) +
        (await deleteBefore('OfficeCensus', 'at', before(ages.sampleHourMs), ofSteps(longSteps))) +
        (await deleteBefore('VersionCensus', 'at', before(ages.censusMs))) +
        (await deleteBefore('Delivery', 'at', before(ages.deliveryMs))) +
        (await deleteBefore('OfficeFile', 'lastAt', before(ages.deliveryMs))) +
        (await deleteBefore('OfficeDelivered', 'at', before(ages.deliveryMs), ofSteps(shortSteps))) +
        (await deleteBefore('OfficeDelivered', 'at', before(ages.sampleHourMs), ofSteps(longSteps))) +
        (await deleteBefore('AgentEvent', 'at', before(ages.agentEventMs))) +
        (await deleteBefore('ReportReceipt', 'receivedAt', before(ages.reportReceiptMs))) +
        (await deleteBefore('EnrolmentRequest', 'lastSeenAt', before(ages.enrolmentRequestMs)))
      );
    },
  };
}
