import { Prisma, type PrismaClient } from '@harp/prisma';
import { z } from 'zod';
import type { AgentId, FolderId, Reported, ReportId } from '../protocol/index.ts';

/** What is newly known of an agent's presence. */
export interface PresenceRow {
  agent: AgentId;
  online: boolean;
  /** When it was last heard; absent if this says nothing of it. */
  seenAtMs?: number;
}

export interface ReportedRow {
  agent: AgentId;
  reported: Reported;
  receivedAtMs: number;
}

/** One folder's traffic on one agent in one interval, bytes. */
export interface SampleRow {
  agent: AgentId;
  folder: FolderId;
  atMs: number;
  intervalMs: number;
  fromPeers: number;
  fromOrigin: number;
  fromLocal: number;
  served: number;
  wasted: number;
}

export interface DeliveryRow {
  agent: AgentId;
  folder: FolderId;
  seq: number;
  atMs: number;
  fromPeers: number;
  fromOrigin: number;
  fromLocal: number;
  tookMs: number;
}

export interface EventRow {
  id: string;
  agent: AgentId;
  atMs: number;
  kind: string;
  folder: FolderId | null;
  body: object;
}

export interface ReportRow {
  id: ReportId;
  agent: AgentId;
  receivedAtMs: number;
  deliveries: readonly DeliveryRow[];
  events: readonly EventRow[];
}

/** A batch may be large and the database busy: Prisma's own limits (2 s to begin, 5 s to end) would fail it for that alone. */
const patientTransaction = { maxWait: 10_000, timeout: 30_000 };

/** Writes what agents report. Every call is one transaction and may be repeated: the second time changes nothing. */
export interface IngestStore {
  savePresence(rows: readonly PresenceRow[]): Promise<void>;
  saveReported(rows: readonly ReportedRow[]): Promise<void>;
  saveSamples(rows: readonly SampleRow[]): Promise<void>;
  saveReports(rows: readonly ReportRow[]): Promise<void>;
  /** Whether an error of these calls is about the rows themselves, so that the same rows would fail again. */
  isRefusal(error: unknown): boolean;
}

/**
 * Ingest tables in PostgreSQL. Rows travel as one JSON parameter a statement: no limit on their number, one round trip. `onAgents` is told, after the
 * commit, whose row people see another way now: who came or went, and who reported. Being heard again is no news.
 */
export function createIngestStore(
  prisma: PrismaClient,
  onAgents: (agents: readonly AgentId[]) => void = () => {},
): IngestStore {
  const tell = (rows: readonly { id: string }[]) => {
    if (rows.length > 0) onAgents(rows.map(({ id }) => id as AgentId));
  };
  return {
    async savePresence(items) {
      const records = items.map(({ agent, online, seenAtMs }) => ({
        id: agent,
        online,
        seenAt: seenAtMs && iso(seenAtMs),
      }));
      const rows = await prisma.$queryRaw<{ id: string; isNews: boolean }[]>`
        UPDATE "Agent" SET "online" = row."online", "lastSeenAt" = GREATEST("Agent"."lastSeenAt", row."seenAt")
        FROM jsonb_to_recordset(${JSON.stringify(records)}::jsonb) AS row("id" text, "online" boolean, "seenAt" timestamp(3))
          JOIN "Agent" old USING ("id")
        WHERE "Agent"."id" = row."id" RETURNING "Agent"."id", old."online" <> row."online" AS "isNews"`;
      tell(rows.filter(({ isNews }) => isNews));
    },

    async saveReported(rows) {
      const records = rows.map(({ agent, reported, receivedAtMs }) => ({
        id: agent,
        reported,
        at: iso(receivedAtMs),
        hostname: reported.hostname,
        platform: reported.platform,
        version: reported.version,
      }));
      const saved = await prisma.$queryRaw<{ id: string }[]>`
        UPDATE "Agent" SET "reported" = row."reported", "reportedAt" = row."at",
          "hostname" = row."hostname", "platform" = row."platform", "version" = row."version"
        FROM jsonb_to_recordset(${JSON.stringify(records)}::jsonb)
          AS row("id" text, "reported" jsonb, "at" timestamp(3), "hostname" text, "platform" text, "version" text)
        WHERE "Agent"."id" = row."id" RETURNING "Agent"."id"`;
      tell(saved);
    },

    async saveSamples(rows) {
      const records = rows.map(({ agent, folder, atMs, ...rest }) => ({
        ...rest,
        agentId: agent,
        folderId: folder,
        at: iso(atMs),
      }));
      await prisma.$executeRaw`
        INSERT INTO "Sample"
          ("agentId", "folderId", "at", "intervalMs", "fromPeers", "fromOrigin", "fromLocal", "served", "wasted")
        SELECT * FROM jsonb_to_recordset(${JSON.stringify(records)}::jsonb)
          AS row("agentId" text, "folderId" text, "at" timestamp(3), "intervalMs" integer, "fromPeers" bigint,
                 "fromOrigin" bigint, "fromLocal" bigint, "served" bigint, "wasted" bigint)
        ON CONFLICT DO NOTHING`;
    },

    async saveReports(rows) {
      const receipts = rows.map(({ id, agent, receivedAtMs }) => ({
        id,
        agentId: agent,
        receivedAt: iso(receivedAtMs),
      }));
      await prisma.$transaction(async (tx) => {
        const fresh = await tx.$queryRaw<{ id: string }[]>`
          INSERT INTO "ReportReceipt" ("id", "agentId", "receivedAt")
          SELECT * FROM jsonb_to_recordset(${JSON.stringify(receipts)}::jsonb)
            AS row("id" text, "agentId" text, "receivedAt" timestamp(3))
          ON CONFLICT DO NOTHING RETURNING "id"`;
        const isFresh = new Set(fresh.map(({ id }) => id));
        const reports = [...new Map(rows.map((row) => [row.id as string, row])).values()].filter(({ id }) =>
          isFresh.has(id),
        );
        const deliveries = reports.flatMap((report) =>
          report.deliveries.map(({ agent, folder, atMs, ...rest }) => ({
            ...rest,
            agentId: agent,
            folderId: folder,
            at: iso(atMs),
          })),
        );
        if (deliveries.length > 0) {
          await tx.$executeRaw`
            INSERT INTO "Delivery" ("agentId", "folderId", "seq", "at", "fromPeers", "fromOrigin", "fromLocal", "tookMs")
            SELECT * FROM jsonb_to_recordset(${JSON.stringify(deliveries)}::jsonb)
              AS row("agentId" text, "folderId" text, "seq" integer, "at" timestamp(3), "fromPeers" bigint,
                     "fromOrigin" bigint, "fromLocal" bigint, "tookMs" integer)
            ON CONFLICT DO NOTHING`;
        }
        const events = reports.flatMap((report) =>
          report.events.map(({ id, agent, atMs, kind, folder, body }) => ({
            id,
            agentId: agent,
            at: iso(atMs),
            kind,
            folderId: folder,
            body,
          })),
        );
        if (events.length > 0) {
          await tx.$executeRaw`
            INSERT INTO "AgentEvent" ("id", "agentId", "at", "kind", "folderId", "body")
            SELECT * FROM jsonb_to_recordset(${JSON.stringify(events)}::jsonb)
              AS row("id" text, "agentId" text, "at" timestamp(3), "kind" text, "folderId" text, "body" jsonb)
            ON CONFLICT DO NOTHING`;
        }
      }, patientTransaction);
    },

    isRefusal: (error) => REFUSAL.test(sqlStateOf(error) ?? ''),
  };
}

/** PostgreSQL's `timestamp` in UTC: it ignores the zone letter. */
function iso(atMs: number): string {
  return new Date(atMs).toISOString();
}

/** SQLSTATE classes of data exceptions, violated constraints and exceeded program limits (PostgreSQL manual, appendix A). */
const REFUSAL = /^(22|23|54)/;

/** Where Prisma's adapter for pg puts the server's own code. */
const AdapterFailure = z.object({ driverAdapterError: z.object({ cause: z.object({ originalCode: z.string() }) }) });

function sqlStateOf(error: unknown): string | undefined {
  if (!(error instanceof Prisma.PrismaClientKnownRequestError)) return undefined;
  return AdapterFailure.safeParse(error.meta).data?.driverAdapterError.cause.originalCode;
}
