/** The log channels of this server: rings of lines, filled by its own logger, by what the supervisor passes on, and by agents that are watched. */
import type { AgentId } from '@harp/broker/protocol';
import type { Clock, Logger, RandomBytes } from '../ports.ts';
import type { MqttLink, MqttLinkEvents } from '../publisher/mqtt-link.ts';
import { type AgentLogs, createAgentLogs, missing } from './agent-logs.ts';
import { createLineRing, type LineRing, type NewLine } from './line-ring.ts';
import {
  agentChannel,
  agentOf,
  type LogChannelId,
  type LogChannelInfo,
  type LogChannelState,
  type LogChannels,
  type LogListener,
  RING_LINES,
  serverChannels,
} from './port.ts';
import { readPrintedLine } from './printed-line.ts';
import { SupervisorLines } from './relay.ts';

/** Text that an agent's channel keeps, about: a hundred of the server's size would fill the memory of a small machine. */
const AGENT_RING_CHARS = 1024 * 1024;

/** Agents' channels kept, those nobody watches any more included: the oldest of these goes first. */
const MAX_AGENT_CHANNELS = 100;

export interface Logs extends LogChannels {
  /** A line that this process's logger printed. */
  printed(line: string): void;
  /** A message of the supervisor; what is not for the log is ignored. */
  fromSupervisor(message: unknown): void;
  /** Speaks with agents through this connection from now on; what it hears has to be passed on. */
  joinLink(link: Pick<MqttLink, 'connected' | 'publish'>): MqttLinkEvents;
  /** Where failures of this part are said: made after it, because its lines come here as well. */
  logTo(logger: Logger): void;
  /** Tells agents that nobody watches any more. */
  stop(): void;
}

interface Channel {
  id: LogChannelId;
  ring: LineRing;
  listeners: Set<LogListener>;
}

export function createLogs({ clock, randomBytes }: { clock: Clock; randomBytes: RandomBytes }): Logs {
  const channels = new Map<LogChannelId, Channel>();
  let logger: Logger | undefined;

  const make = (id: LogChannelId): Channel => {
    // Above every number of an earlier life of the channel or of this server, even if that logged a thousand lines a millisecond.
    const firstSeq = clock.nowMs() * 1000;
    const ring =
      agentOf(id) === undefined ? createLineRing(firstSeq) : createLineRing(firstSeq, RING_LINES, AGENT_RING_CHARS);
    const channel: Channel = { id, ring, listeners: new Set() };
    channels.set(id, channel);
    return channel;
  };
  const channelOf = (id: LogChannelId): Channel => channels.get(id) ?? make(id);
  for (const id of serverChannels) make(id);

  const each = (channel: Channel, tell: (listener: LogListener) => void) => {
    for (const listener of channel.listeners) {
      try {
        tell(listener);
      } catch {
        // Nothing may be logged here: the line would come back to the listener that cannot take it.
        channel.listeners.delete(listener);
      }
    }
  };
  const add = (id: LogChannelId, lines: readonly NewLine[]) => {
    const channel = channelOf(id);
    const added = channel.ring.add(lines);
    each(channel, (listener) => listener.lines(added));
  };

  const agents: AgentLogs = createAgentLogs({
    clock,
    randomBytes,
    logger: {
      debug: (facts, message) => logger?.debug(facts, message),
      info: (facts, message) => logger?.info(facts, message),
      warn: (facts, message) => logger?.warn(facts, message),
      error: (facts, message) => logger?.error(facts, message),
    },
    onLines: (agent, lines) => add(agentChannel(agent), lines),
    onState: (agent, state) => {
      const channel = channels.get(agentChannel(agent));
      if (channel !== undefined) each(channel, (listener) => listener.state?.(state));
    },
  });

  const stateOf = (id: LogChannelId): LogChannelState => {
    const agent = agentOf(id);
    return agent === undefined ? 'live' : agents.state(agent);
  };
  const infoOf = ({ id, ring }: Channel): LogChannelInfo => ({
    id,
    state: stateOf(id),
    lines: ring.size,
    lastSeq: ring.lastSeq,
  });

  const makeRoom = () => {
    const unwatched = [...channels.values()].filter(({ id, listeners }) => listeners.size === 0 && isClosedAgent(id));
    const surplus = channels.size - serverChannels.length - MAX_AGENT_CHANNELS;
    for (const { id } of unwatched.slice(0, Math.max(0, surplus))) {
      channels.delete(id);
      agents.forget(agentOf(id) as AgentId);
    }
  };
  const isClosedAgent = (id: LogChannelId) => agentOf(id) !== undefined && stateOf(id) === 'closed';

  return {
    list: () => [...channels.values()].map(infoOf),
    find(id) {
      const channel = channels.get(id);
      return channel === undefined ? undefined : infoOf(channel);
    },
    read: (id, afterSeq, limit) =>
      channels.get(id)?.ring.read(afterSeq, limit) ?? { lines: [], nextSeq: 0, gap: false },
    subscribe(id, listener) {
      const { listeners } = channelOf(id);
      listeners.add(listener);
      return { dispose: () => void listeners.delete(listener) };
    },
    openAgent(agent, level = 'info') {
      const id = agentChannel(agent);
      const opened = agents.open(agent, level);
      const channel = channelOf(id);
      // To the end of the list: it is the last that is let go of.
      channels.delete(id);
      channels.set(id, channel);
      makeRoom();
      return opened;
    },
    printed(text) {
      const line = readPrintedLine(text);
      if (line !== undefined) add(line.part === 'indexer' ? 'indexer' : 'server', [line]);
    },
    fromSupervisor(message) {
      const parsed = SupervisorLines.safeParse(message);
      if (!parsed.success) return;
      for (const { from, log, dropped } of parsed.data.harpLog) {
        const line = readPrintedLine(log);
        if (line === undefined) continue;
        const shown = from === 'supervisor' ? { part: 'supervisor', ...line } : line;
        const lines = dropped === undefined ? [shown] : [missing(dropped, line.atMs), shown];
        add(from === 'broker' ? 'broker' : 'server', lines);
      }
    },
    joinLink: (link) => agents.use(link),
    logTo(next) {
      logger = next;
    },
    stop: () => agents.stop(),
  };
}
