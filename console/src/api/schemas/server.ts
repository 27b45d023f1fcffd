/** The server itself: its state, its health, its refusals, and the live stream. */
import { z } from 'zod';
import { AgentSummary } from './agents.ts';
import { FolderSummary } from './folders.ts';
import { OfficeSummary } from './offices.ts';
import { instant } from './scalars.ts';

const BrokerKind = z.enum(['embedded', 'external']);

export const StatusInfo = z.object({
  version: z.string(),
  atMs: instant,
  offices: z.array(OfficeSummary),
  folders: z.array(FolderSummary),
  agentsTotal: z.int(),
  agentsOnline: z.int(),
  /** Whether the server is connected to the fleet’s MQTT broker, its own or one that others run, and where agents find it. */
  broker: z.object({ connected: z.boolean(), kind: BrokerKind, url: z.string() }),
});
export type StatusInfo = z.infer<typeof StatusInfo>;

/** What the live stream (`GET /api/v1/stream`, server-sent events named `change`) carries: which data to ask for again. */
export const StreamChange = z.object({
  keys: z.array(
    z.enum(['offices', 'agents', 'folders', 'transfers', 'traffic', 'events', 'jobs', 'audit', 'enrolments']),
  ),
});
export type StreamChange = z.infer<typeof StreamChange>;

/** The stream's events named `agents`: rows that changed, whole, and ids of agents that are gone. Put them over what `GET /agents` gave. */
export const AgentsDelta = z.object({ changed: z.array(AgentSummary), removed: z.array(z.string()) });
export type AgentsDelta = z.infer<typeof AgentsDelta>;

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
  brokerKind: BrokerKind,
  version: z.string(),
});
export type HealthInfo = z.infer<typeof HealthInfo>;
