/**
 * Logs as the API offers them: one bounded ring of lines per channel. `server`, `indexer` and `broker` always exist; an agent's channel exists from
 * the moment somebody first watches it. Lines are text for people and never hold secrets; their English is not translated.
 */
import { type AgentId, AgentId as AgentIdSchema, type LogFacts, type LogLevel } from '@harp/broker/protocol';

export type { LogFacts, LogLevel } from '@harp/broker/protocol';

/** What writes logs in the data centre. */
export const serverChannels = ['server', 'indexer', 'broker'] as const;
export type ServerChannel = (typeof serverChannels)[number];

/** `server`, `indexer`, `broker` or `agent:ID`. */
export type LogChannelId = ServerChannel | `agent:${AgentId}`;

export interface LogLine {
  /** Grows by at least one from line to line of a channel and goes on growing when the server is started again: what `after` takes. */
  readonly seq: number;
  readonly atMs: number;
  readonly level: LogLevel;
  /** Which part of the program speaks. */
  readonly part?: string;
  readonly message: string;
  readonly facts?: LogFacts;
  /** Set where lines are missing before this one: how many. Such a line has level `warn`. */
  readonly dropped?: number;
}

/**
 * `live`: lines come by themselves. For agents only: `asked`: it was asked and has not answered yet; `silent`: it does not answer (offline, or too old
 * to know how); `closed`: nobody watches, so nothing new comes.
 */
export type LogChannelState = 'live' | 'asked' | 'silent' | 'closed';

export interface LogChannelInfo {
  readonly id: LogChannelId;
  readonly state: LogChannelState;
  /** Lines that can be read now. */
  readonly lines: number;
  /** The newest line's; 0 while there is none. */
  readonly lastSeq: number;
}

export interface LogPage {
  /** Oldest first. */
  readonly lines: readonly LogLine[];
  /** What to pass as `afterSeq` to go on. */
  readonly nextSeq: number;
  /** Lines newer than `afterSeq` have left the ring already. Never set when `afterSeq` is 0. */
  readonly gap: boolean;
}

export interface Disposable {
  dispose(): void;
}

/** Hears lines right after they were stored, in order, and changes of the channel's state. Must not block; a listener that throws is cut off. */
export interface LogListener {
  lines(lines: readonly LogLine[]): void;
  state?(state: LogChannelState): void;
}

export interface LogChannels {
  /** Every channel there is, the server's own first. */
  list(): readonly LogChannelInfo[];
  /** One channel; undefined if there is none. An agent's is there once it has been opened. */
  find(channel: LogChannelId): LogChannelInfo | undefined;
  /**
   * Lines after `afterSeq`, at most `limit` of them. 0 reads the newest `limit` lines there are; so does a number that the channel has never given out.
   * A channel that does not exist has no lines.
   */
  read(channel: LogChannelId, afterSeq: number, limit: number): LogPage;
  /** Nothing between a `read` and a `subscribe` in the same turn is lost. */
  subscribe(channel: LogChannelId, listener: LogListener): Disposable;
  /**
   * Makes the agent send its log for as long as the result is not disposed: asks at once, whenever the agent comes back, and again before time runs
   * out. Many may watch one agent; the lowest level wanted is what is asked for (`info` unless told). The caller has checked that the agent exists.
   * @throws {HarpError} `api.rate_limited` when more agents are watched at once than the limit
   */
  openAgent(agent: AgentId, level?: LogLevel): Disposable;
}

/** Lines one channel keeps. */
export const RING_LINES = 10_000;

/** Reads a channel's id as it stands in a URL; undefined if it is none. */
export function parseChannel(text: string): LogChannelId | undefined {
  if ((serverChannels as readonly string[]).includes(text)) return text as ServerChannel;
  if (!text.startsWith('agent:')) return undefined;
  const agent = AgentIdSchema.safeParse(text.slice('agent:'.length));
  return agent.success ? `agent:${agent.data}` : undefined;
}

/** The channel of an agent. */
export function agentChannel(agent: AgentId): LogChannelId {
  return `agent:${agent}`;
}

/** The agent whose channel this is; undefined for the server's own. */
export function agentOf(channel: LogChannelId): AgentId | undefined {
  return channel.startsWith('agent:') ? (channel.slice('agent:'.length) as AgentId) : undefined;
}
