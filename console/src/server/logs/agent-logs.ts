/**
 * Agents' logs over MQTT: asks an agent for its log while somebody watches, takes what it answers, and tells it to stop when the last watcher has
 * gone. Nothing crosses an office's line for an agent that nobody watches.
 */
import {
  type AgentId,
  type CommandId,
  HarpError,
  LogBatch,
  type LogCommand,
  type LogPlace,
  logLevels,
  messages,
  type ParsedTopic,
  Presence,
  topicFor,
} from '@harp/broker/protocol';
import { newId } from '../auth/secrets.ts';
import type { Clock, Logger, RandomBytes } from '../ports.ts';
import type { MqttLink, MqttLinkEvents } from '../publisher/mqtt-link.ts';
import type { NewLine } from './line-ring.ts';
import type { Disposable, LogChannelState, LogLevel } from './port.ts';

export const agentLogTimes = {
  /** What an agent is asked for at once: it outlives two lost renewals, and ends soon after a console that died. */
  askForMs: 180_000,
  renewEveryMs: 60_000,
  /** An agent that hears answers at once; a slow line takes a moment. */
  answerWithinMs: 10_000,
} as const;

/** Agents watched at the same time: more than a helpdesk has screens. */
export const MAX_WATCHED = 50;

/** Commands whose answers may still be under way. */
const IDS_KEPT = 4;

export interface AgentLogs {
  /** @throws {HarpError} `api.rate_limited` */
  open(agent: AgentId, level: LogLevel): Disposable;
  state(agent: AgentId): LogChannelState;
  /** Speaks through this connection from now on; what it hears has to be passed on. */
  use(link: Pick<MqttLink, 'connected' | 'publish'>): MqttLinkEvents;
  /** Forgets which line of an agent came last: its channel was emptied. */
  forget(agent: AgentId): void;
  stop(): void;
}

export interface AgentLogsOptions {
  clock: Clock;
  randomBytes: RandomBytes;
  logger: Logger;
  onLines(agent: AgentId, lines: readonly NewLine[]): void;
  onState(agent: AgentId, state: LogChannelState): void;
}

/** One agent that somebody watches. */
interface Watch {
  levels: Map<symbol, LogLevel>;
  /** The newest last. */
  ids: CommandId[];
  state: LogChannelState;
  cancelRenewal(): void;
  cancelPatience(): void;
  badBatches: number;
}

export function createAgentLogs(options: AgentLogsOptions): AgentLogs {
  const { clock, randomBytes, logger } = options;
  const watches = new Map<AgentId, Watch>();
  /** The last line of each agent whose channel is kept. */
  const places = new Map<AgentId, LogPlace>();
  let link: Pick<MqttLink, 'connected' | 'publish'> | undefined;

  const setState = (agent: AgentId, watch: Watch, state: LogChannelState) => {
    if (watch.state === state) return;
    watch.state = state;
    options.onState(agent, state);
  };

  const send = (agent: AgentId, command: LogCommand) => {
    link
      ?.publish(topicFor(messages.command.topic, { agentId: agent }), 'command', JSON.stringify(command))
      .catch((error: unknown) => logger.debug({ agent, error: String(error) }, 'a command was not sent'));
  };

  const commandOf = (agent: AgentId, forMs: number, level: LogLevel): LogCommand => {
    const after = places.get(agent);
    return {
      v: 1,
      id: newId('cmd-', randomBytes) as CommandId,
      kind: 'log',
      forMs,
      level,
      ...(after === undefined ? {} : { after }),
    };
  };

  /** Asks now and again in time; whoever does not answer is silent. */
  const ask = (agent: AgentId, watch: Watch) => {
    watch.cancelRenewal();
    watch.cancelRenewal = clock.after(agentLogTimes.renewEveryMs, () => ask(agent, watch));
    if (link?.connected !== true) {
      setState(agent, watch, 'silent');
      return;
    }
    const command = commandOf(agent, agentLogTimes.askForMs, lowest(watch.levels));
    watch.ids = [...watch.ids.slice(1 - IDS_KEPT), command.id];
    if (watch.state !== 'live') setState(agent, watch, 'asked');
    watch.cancelPatience();
    watch.cancelPatience = clock.after(agentLogTimes.answerWithinMs, () => setState(agent, watch, 'silent'));
    send(agent, command);
  };

  const close = (agent: AgentId, watch: Watch) => {
    watch.cancelRenewal();
    watch.cancelPatience();
    watches.delete(agent);
    if (link?.connected === true) send(agent, commandOf(agent, 0, 'error'));
    setState(agent, watch, 'closed');
  };

  const takeBatch = (agent: AgentId, watch: Watch, payload: Buffer) => {
    const parsed = LogBatch.safeParse(parseJson(payload));
    if (!parsed.success || !watch.ids.includes(parsed.data.command)) {
      watch.badBatches += 1;
      if (watch.badBatches === 1) logger.warn({ agent }, 'an agent sent log lines that are not what was asked for');
      return;
    }
    watch.cancelPatience();
    setState(agent, watch, 'live');
    const { startedAtMs, dropped, lines } = parsed.data;
    const before = places.get(agent);
    const lastLine = before?.startedAtMs === startedAtMs ? before.line : 0;
    const fresh = lines.filter(({ line }) => line > lastLine);
    places.set(agent, { startedAtMs, line: Math.max(lastLine, ...fresh.map(({ line }) => line)) });
    const shown: NewLine[] = fresh.map(({ line: _line, ...rest }) => rest);
    if (dropped > 0) shown.unshift(missing(dropped, shown[0]?.atMs ?? clock.nowMs()));
    if (shown.length > 0) options.onLines(agent, shown);
  };

  const onMessage = (topic: ParsedTopic, payload: Buffer) => {
    if (topic.message !== 'log' && topic.message !== 'presence') return;
    const watch = watches.get(topic.agentId);
    if (watch === undefined) return;
    if (topic.message === 'log') return takeBatch(topic.agentId, watch, payload);
    const presence = Presence.safeParse(parseJson(payload));
    if (!presence.success) return;
    if (presence.data.online) ask(topic.agentId, watch);
    else {
      watch.cancelPatience();
      setState(topic.agentId, watch, 'silent');
    }
  };

  return {
    open(agent, level) {
      const known = watches.get(agent);
      if (known === undefined && watches.size >= MAX_WATCHED) {
        throw new HarpError('api.rate_limited', `the logs of ${MAX_WATCHED} agents are being watched already`, {
          facts: { retryAfterSeconds: 30 },
        });
      }
      const watch = known ?? newWatch();
      watches.set(agent, watch);
      const before = known === undefined ? undefined : lowest(watch.levels);
      const watcher = Symbol(level);
      watch.levels.set(watcher, level);
      if (before !== lowest(watch.levels)) ask(agent, watch);
      return {
        dispose() {
          if (!watch.levels.delete(watcher)) return;
          if (watch.levels.size === 0) close(agent, watch);
        },
      };
    },
    state: (agent) => watches.get(agent)?.state ?? 'closed',
    use(next) {
      link = next;
      return {
        onConnect() {
          for (const [agent, watch] of watches) ask(agent, watch);
        },
        onMessage,
      };
    },
    forget: (agent) => void places.delete(agent),
    stop() {
      for (const [agent, watch] of [...watches]) close(agent, watch);
    },
  };
}

function newWatch(): Watch {
  return {
    levels: new Map(),
    ids: [],
    state: 'closed',
    cancelRenewal: () => undefined,
    cancelPatience: () => undefined,
    badBatches: 0,
  };
}

function lowest(levels: ReadonlyMap<symbol, LogLevel>): LogLevel {
  const wanted = new Set(levels.values());
  return logLevels.find((level) => wanted.has(level)) ?? 'info';
}

/** The line that stands for lines that were lost. */
export function missing(count: number, atMs: number): NewLine {
  return { atMs, level: 'warn', message: `${count} ${count === 1 ? 'line' : 'lines'} dropped`, dropped: count };
}

function parseJson(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString('utf8'));
  } catch {
    return undefined;
  }
}
