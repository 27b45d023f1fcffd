/**
 * The REST API's data, declared once: the server validates and documents with these (OpenAPI 3.1), the browser and the CLI parse with them.
 * Browser-safe. Instants are UTC epoch milliseconds; byte counts are plain numbers (below 2^53).
 */
import { DisplayName } from '@harp/broker/protocol';
import { z } from 'zod';

const bytes = z.int().min(0);
const instant = z.int().min(0);

export const SessionInfo = z.object({
  /** No administrator exists yet: the set-up page is shown. */
  setupNeeded: z.boolean(),
  user: z.object({ name: z.string(), role: z.string() }).nullable(),
});
export type SessionInfo = z.infer<typeof SessionInfo>;

export const Password = z.string().min(12, 'at least 12 characters').max(200);
export const SetupRequest = z.strictObject({
  code: z.string().min(1).max(40),
  name: z.string().min(1).max(60),
  password: Password,
});
export const LoginRequest = z.strictObject({ name: z.string().min(1).max(60), password: z.string().min(1).max(200) });

/** What an agent looks like from outside. `overdue`: it should have reported but has not. */
export const AgentState = z.enum(['online', 'offline', 'revoked']);

export const AgentSummary = z.object({
  id: z.string(),
  officeId: z.string(),
  hostname: z.string(),
  platform: z.string(),
  version: z.string(),
  state: AgentState,
  lastSeenAtMs: instant.nullable(),
  enrolledAtMs: instant,
  addresses: z.array(z.string()),
  /** Live peers it reports; null when it has not reported. */
  peers: z.int().nullable(),
  folders: z.array(
    z.object({
      id: z.string(),
      state: z.enum(['starting', 'syncing', 'complete', 'blocked']),
      reason: z.string().nullable(),
      seq: z.int(),
      filesTotal: z.int(),
      filesDone: z.int(),
      bytesTotal: bytes,
      bytesDone: bytes,
    }),
  ),
});
export type AgentSummary = z.infer<typeof AgentSummary>;

/** Agents ordered by id. Pass `nextCursor` as `cursor` for the rest; null when this was the last page. */
export const AgentPage = z.object({ agents: z.array(AgentSummary), nextCursor: z.string().nullable() });
export type AgentPage = z.infer<typeof AgentPage>;

export const OfficeSummary = z.object({
  id: z.string(),
  name: z.string(),
  subnets: z.array(z.string()),
  agentsTotal: z.int(),
  agentsOnline: z.int(),
  folderIds: z.array(z.string()),
  /** Verified content delivered in the last 24 h, by source. */
  last24h: z.object({ fromPeers: bytes, fromOrigin: bytes, fromLocal: bytes }),
});
export type OfficeSummary = z.infer<typeof OfficeSummary>;
export const OfficeList = z.object({ offices: z.array(OfficeSummary) });
export type OfficeList = z.infer<typeof OfficeList>;

export const FolderSummary = z.object({
  id: z.string(),
  name: z.string(),
  path: z.string(),
  nextcloud: z.object({
    id: z.string(),
    name: z.string(),
    url: z.string(),
    version: z.string().nullable(),
    error: z.string().nullable(),
  }),
  seq: z.int(),
  link: z.string(),
  fileCount: z.int(),
  byteCount: bytes,
  indexedAtMs: instant.nullable(),
  /** Error code and words when indexing does not work. */
  error: z.object({ code: z.string(), detail: z.string() }).nullable(),
  problems: z.int(),
  officeIds: z.array(z.string()),
});
export type FolderSummary = z.infer<typeof FolderSummary>;
export const FolderList = z.object({ folders: z.array(FolderSummary) });
export type FolderList = z.infer<typeof FolderList>;

/** How far each office and PC is with a folder. Agents that never reported have null progress: unknown is not zero. */
export const FolderCoverage = z.object({
  folder: FolderSummary,
  offices: z.array(
    z.object({
      officeId: z.string(),
      officeName: z.string(),
      shareError: z.string().nullable(),
      /** The office's own read-only share exists in Nextcloud. */
      shareReady: z.boolean(),
      agentsTotal: z.int(),
      agentsComplete: z.int(),
      agentsReporting: z.int(),
      bytesTotal: bytes,
      bytesDone: bytes,
      /** Those that are not complete come first. At most the request's `agents` (default 200) an office; `agentsTotal` counts all. */
      agents: z.array(
        z.object({
          agentId: z.string(),
          hostname: z.string(),
          state: AgentState,
          sync: z.enum(['starting', 'syncing', 'complete', 'blocked']).nullable(),
          reason: z.string().nullable(),
          seq: z.int().nullable(),
          filesDone: z.int().nullable(),
          filesTotal: z.int().nullable(),
          bytesDone: bytes.nullable(),
          bytesTotal: bytes.nullable(),
          reportedAtMs: instant.nullable(),
        }),
      ),
    }),
  ),
});
export type FolderCoverage = z.infer<typeof FolderCoverage>;

export const FileRow = z.object({
  path: z.string(),
  sizeBytes: bytes,
  mtimeMs: instant,
  seq: z.int(),
  chunksInline: z.boolean(),
});
export const FilePage = z.object({ files: z.array(FileRow), nextCursor: z.string().nullable() });
export type FilePage = z.infer<typeof FilePage>;

/** One file delivered to one office: bytes by source summed over its PCs. */
export const TransferRow = z.object({
  folderId: z.string(),
  folderName: z.string(),
  officeId: z.string(),
  officeName: z.string(),
  path: z.string(),
  seq: z.int(),
  sizeBytes: bytes,
  agentsDone: z.int(),
  agentsTotal: z.int(),
  fromPeers: bytes,
  fromOrigin: bytes,
  fromLocal: bytes,
  firstAtMs: instant,
  lastAtMs: instant,
  tookMsMax: z.int(),
});
export type TransferRow = z.infer<typeof TransferRow>;
export const TransferPage = z.object({ transfers: z.array(TransferRow) });
export type TransferPage = z.infer<typeof TransferPage>;

/** Verified bytes per step. `wan` = fromOrigin. A step without any report is absent: draw a gap, not a zero. */
export const TrafficSeries = z.object({
  fromMs: instant,
  toMs: instant,
  stepMs: z.int(),
  points: z.array(z.object({ atMs: instant, fromPeers: bytes, fromOrigin: bytes, fromLocal: bytes })),
  /** Totals of all deliveries in the range. Without Harp every PC would have pulled all of it over the WAN. */
  totals: z.object({ fromPeers: bytes, fromOrigin: bytes, fromLocal: bytes }),
});
export type TrafficSeries = z.infer<typeof TrafficSeries>;

export const EventRow = z.object({
  id: z.string(),
  atMs: instant,
  agentId: z.string(),
  hostname: z.string(),
  officeId: z.string(),
  kind: z.string(),
  folderId: z.string().nullable(),
  body: z.record(z.string(), z.unknown()),
});
export const EventPage = z.object({ events: z.array(EventRow) });
export type EventPage = z.infer<typeof EventPage>;

export const StatusInfo = z.object({
  version: z.string(),
  atMs: instant,
  offices: z.array(OfficeSummary),
  folders: z.array(FolderSummary),
  agentsTotal: z.int(),
  agentsOnline: z.int(),
  broker: z.object({ connected: z.boolean() }),
});
export type StatusInfo = z.infer<typeof StatusInfo>;

/** Lives at most 30 days. `expiresInSeconds` default 7 days. */
export const TokenRequest = z.strictObject({
  office: DisplayName,
  uses: z.int().min(1).max(10_000).default(1),
  expiresInSeconds: z
    .int()
    .min(60)
    .max(30 * 86_400)
    .default(7 * 86_400),
});
export type TokenRequest = z.infer<typeof TokenRequest>;
export const TokenCreated = z.object({
  id: z.string(),
  token: z.string(),
  office: z.string(),
  uses: z.int(),
  expiresAtMs: instant,
});
export type TokenCreated = z.infer<typeof TokenCreated>;

/** A token without its secret, which is shown once and never stored. */
export const TokenSummary = z.object({
  id: z.string(),
  office: z.string(),
  uses: z.int(),
  used: z.int(),
  state: z.enum(['usable', 'used-up', 'expired', 'revoked']),
  createdAtMs: instant,
  expiresAtMs: instant,
});
export type TokenSummary = z.infer<typeof TokenSummary>;
export const TokenList = z.object({ tokens: z.array(TokenSummary) });
export type TokenList = z.infer<typeof TokenList>;

/** A fleet as `harp apply` sends it: what fleet.yaml declares, secrets resolved by the CLI. */
export const FleetDocument = z.strictObject({
  nextclouds: z
    .array(
      z.strictObject({
        name: DisplayName,
        url: z
          .url({ protocol: /^https?$/, error: 'must be an http or https address such as https://cloud.example.com' })
          .refine((url) => !/[?#@]/.test(url), 'must not hold a user name, a query or a fragment'),
        user: z.string().min(1).max(200),
        password: z.string().min(1).max(500),
        caPem: z.string().max(65_536).optional(),
      }),
    )
    .max(100)
    .default([]),
  offices: z
    .array(
      z.strictObject({
        name: DisplayName,
        subnets: z
          .array(z.union([z.cidrv4(), z.cidrv6()], { error: 'must be a subnet such as 10.1.0.0/16 or fd00:1::/64' }))
          .max(100)
          .default([]),
      }),
    )
    .max(10_000)
    .default([]),
  folders: z
    .array(
      z.strictObject({
        name: DisplayName,
        nextcloud: DisplayName,
        path: z.string().min(1).max(4096),
        offices: z.array(DisplayName).max(10_000).default([]),
      }),
    )
    .max(1000)
    .default([]),
});
export type FleetDocument = z.infer<typeof FleetDocument>;

export const FleetChange = z.object({
  action: z.enum(['create', 'update', 'delete']),
  kind: z.enum(['nextcloud', 'office', 'folder', 'assignment']),
  name: z.string(),
  detail: z.string().optional(),
});
export type FleetChange = z.infer<typeof FleetChange>;
/** `unlisted`: what exists but does not stand in the document, and therefore stays; with `prune` it stands in `changes` instead. */
export const FleetResult = z.object({ changes: z.array(FleetChange), unlisted: z.array(FleetChange) });
export type FleetResult = z.infer<typeof FleetResult>;

/** What `harp verify FOLDER` says. `firstBad` names the entry where the chain, a snapshot or the head stops being right. */
export const VerifyResult = z.object({
  folder: z.string(),
  ok: z.boolean(),
  entries: z.int(),
  manifests: z.int(),
  snapshots: z.int(),
  headSeq: z.int(),
  firstBad: z.object({ seq: z.int().nullable(), what: z.string(), code: z.string() }).nullable(),
});
export type VerifyResult = z.infer<typeof VerifyResult>;

/** What the live stream (`GET /api/v1/stream`, server-sent events named `change`) carries: which data to ask for again. */
export const StreamChange = z.object({
  keys: z.array(z.enum(['offices', 'agents', 'folders', 'transfers', 'traffic', 'events'])),
});
export type StreamChange = z.infer<typeof StreamChange>;

/** How every refusal looks. Branch on `code` (the table in @harp/broker/protocol), show `message`, quote `requestId` to whoever has the log. */
export const ErrorBody = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    requestId: z.string(),
    /** Where the request is wrong, if it is: a path into its body such as `folders[0].offices[1]`. */
    problems: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
  }),
});
export type ErrorBody = z.infer<typeof ErrorBody>;

/** Whether the server works. `database` is asked at each request. */
export const HealthInfo = z.object({
  ok: z.boolean(),
  database: z.boolean(),
  broker: z.boolean(),
  version: z.string(),
});
export type HealthInfo = z.infer<typeof HealthInfo>;
