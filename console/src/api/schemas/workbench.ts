/** What the workbench shows besides the fleet itself: search, problems, jobs, logs. */
import { z } from 'zod';
import { count, instant } from './scalars.ts';

export const SearchKind = z.enum(['office', 'agent', 'folder', 'file', 'user']);
export type SearchKind = z.infer<typeof SearchKind>;

/** Something that was found. `id` is unique among all items of an answer. */
export const SearchItem = z.object({
  kind: SearchKind,
  id: z.string(),
  label: z.string(),
  /** Where it belongs: the office of an agent, the directory of a file. */
  description: z.string(),
  officeId: z.string().optional(),
  folderId: z.string().optional(),
  path: z.string().optional(),
});
export type SearchItem = z.infer<typeof SearchItem>;
/** Best first. `complete` is false when there is more than the limit. */
export const SearchResult = z.object({ items: z.array(SearchItem), complete: z.boolean() });
export type SearchResult = z.infer<typeof SearchResult>;

export const Severity = z.enum(['error', 'warning', 'info']);
export type Severity = z.infer<typeof Severity>;

/** What a problem is about. */
export const Subject = z.object({
  kind: z.enum(['server', 'nextcloud', 'office', 'agent', 'folder', 'rule', 'batch', 'enrolment', 'person']),
  id: z.string(),
  name: z.string(),
});
export type Subject = z.infer<typeof Subject>;

/** Something that is not right now, worked out from the data. The page says it in words: `code` chooses the sentence, `params` fill it in. */
export const Problem = z.object({
  /** The same for as long as it lasts. */
  id: z.string(),
  severity: Severity,
  /**
   * A code of the error table where one is behind it, else one of `broker.disconnected`, `broker.external_unreachable`, `broker.rights_behind`, `agent.certificate_ending`, `agent.silent`,
   * `office.nobody_online`, `folder.files_skipped`, `agent.chain_rejected`, `agent.peer_distrusted`, `enrolment.waiting_long`, `enrolment.batch_incomplete`.
   */
  code: z.string(),
  params: z.record(z.string(), z.union([z.string(), z.number()])),
  subject: Subject,
  /** A second thing it is about: the folder of a blocked agent. */
  related: Subject.nullable(),
  /** Null when nobody noted when it began. */
  sinceMs: instant.nullable(),
});
export type Problem = z.infer<typeof Problem>;
/** Worst and newest first, at most 1000; the counts are of all. */
export const ProblemList = z.object({
  problems: z.array(Problem),
  errors: count,
  warnings: count,
  infos: count,
});
export type ProblemList = z.infer<typeof ProblemList>;

export const JobKind = z.enum(['verify-folder', 'index-folder']);
export type JobKind = z.infer<typeof JobKind>;
export const JobState = z.enum(['running', 'done', 'failed', 'cancelled']);
export type JobState = z.infer<typeof JobState>;

/** Work that takes a while. Jobs live in the server's memory: a restart forgets them. */
export const Job = z.object({
  id: z.string(),
  kind: JobKind,
  state: JobState,
  subject: Subject,
  /** Who asked for it; null when the server did by itself. */
  startedBy: z.string().nullable(),
  startedAtMs: instant,
  endedAtMs: instant.nullable(),
  /** `total` is null while unknown. Entries for a verification, files for indexing. */
  progress: z.object({ done: count, total: count.nullable() }),
  cancellable: z.boolean(),
  /** Outcome in a word or two of data: a VerifyResult, counts of an indexing run; null while running. */
  result: z.record(z.string(), z.unknown()).nullable(),
  /** Why it failed. */
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
});
export type Job = z.infer<typeof Job>;
/** Running ones first, then the newest that ended; at most 200. */
export const JobList = z.object({ jobs: z.array(Job) });
export type JobList = z.infer<typeof JobList>;
export const JobRequest = z.strictObject({ kind: z.literal('verify-folder'), folderId: z.string().min(1).max(100) });
export type JobRequest = z.infer<typeof JobRequest>;

export const LogLevel = z.enum(['debug', 'info', 'warn', 'error']);
export type LogLevel = z.infer<typeof LogLevel>;

/** One line, English, for people. `seq` rises within its channel and is what `after` takes. `dropped` lines are missing before this one. */
export const LogLine = z.object({
  seq: count,
  atMs: instant,
  level: LogLevel,
  /** Which part of the program speaks. */
  part: z.string().optional(),
  message: z.string(),
  facts: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])).optional(),
  dropped: count.optional(),
});
export type LogLine = z.infer<typeof LogLine>;

/** `live`: lines come by themselves. Agents only: `asked`, not answered yet; `silent`, does not answer; `closed`, nobody watches. */
export const LogChannelState = z.enum(['live', 'asked', 'silent', 'closed']);
export type LogChannelState = z.infer<typeof LogChannelState>;

/** A source of lines: `server`, `indexer`, `broker`, or `agent:ID`. Every agent has one, listed or not: it opens when it is read. */
export const LogChannel = z.object({
  id: z.string(),
  /** The host name of an agent, else the id. */
  name: z.string(),
  state: LogChannelState,
  lines: count,
  lastSeq: count,
});
export type LogChannel = z.infer<typeof LogChannel>;
export const LogChannelList = z.object({ channels: z.array(LogChannel) });
export type LogChannelList = z.infer<typeof LogChannelList>;

/** Lines after `after`, oldest first. `gap`: lines between have fallen out of the ring of 10 000 already. */
export const LogPage = z.object({ channel: z.string(), lines: z.array(LogLine), gap: z.boolean(), nextAfter: count });
export type LogPage = z.infer<typeof LogPage>;
/** What the stream of a channel carries in events named `log`; without lines when only the state changed. */
export const LogBatch = z.object({ lines: z.array(LogLine), gap: z.boolean(), state: LogChannelState });
export type LogBatch = z.infer<typeof LogBatch>;
