import { isIP } from 'node:net';
import {
  HarpError,
  type MessageName,
  messages,
  type ParsedTopic,
  type Presence,
  parseTopic,
  topicFor,
} from '@harp/broker/protocol';
import { connect, ErrorWithSubackPacket, type IClientOptions, type MqttClient } from 'mqtt';
import type { z } from 'zod';
import type { Clock, Disposable, Identity, Logger } from '../ports.ts';
import { slept } from '../wake.ts';

/** Pings keep the session and its NAT entry alive; the broker declares us offline after one and a half of these. */
const KEEPALIVE_S = 30;
const CONNECT_TIMEOUT_MS = 15_000;
/** Pauses between attempts double from the first to the last, each shortened at random by up to half, so that a fleet does not come back at once. */
const BACKOFF_FIRST_MS = 1_000;
const BACKOFF_MAX_MS = 60_000;
/** How long a stopping agent waits for the broker to take its farewell. */
const GOODBYE_MAX_MS = 1_000;
const RESUBSCRIBE_AFTER_MS = 10_000;
/** Pauses between questions for a retained message that has not come double from the first to the last. */
const SILENT_FIRST_MS = 10_000;
const SILENT_MAX_MS = 300_000;
/** A session that lasted this long counts as healthy: the next pause is the first one again. */
const HEALTHY_AFTER_MS = 30_000;

/** Messages whose publisher is an agent. */
type AgentMessage = 'presence' | 'reported' | 'telemetry' | 'event' | 'log';
type PayloadOf<Name extends MessageName> = z.infer<(typeof messages)[Name]['payload']>;

/** The session with the broker as the rest of the agent sees it. */
export interface BrokerLink {
  readonly connected: boolean;
  /** Why there is no connection, after a failed attempt. */
  readonly problem: HarpError | undefined;
  /** Publishes with the QoS and retain flag of the catalogue. @throws {HarpError} `broker.unreachable`, `protocol.too_large` */
  publish<Name extends AgentMessage>(name: Name, payload: PayloadOf<Name>): Promise<void>;
  /** Topics to be subscribed to, now and after every reconnect. Only the difference goes over the line. */
  subscribe(topics: readonly string[]): void;
  onDidConnect(listener: () => void): Disposable;
  /** Connects and reconnects until `signal` aborts, then says goodbye. Never rejects. */
  run(signal: AbortSignal): Promise<void>;
}

export interface BrokerLinkDeps {
  /** `mqtts://host:port` */
  url: () => string;
  identity: Identity;
  clock: Clock;
  random: () => number;
  log: Logger;
  /** A message on one of our topics, size checked, content not. */
  onMessage: (topic: ParsedTopic, payload: Buffer) => void;
}

/** One connection: lives from CONNECT until it breaks. */
interface Session {
  client: MqttClient;
  subscribed: Set<string>;
  /** Topics on which something has come. */
  heard: Set<string>;
  /** Ends the asking for what has not come. */
  asking: AbortController;
  /** Aborted, with the reason, when the connection breaks. */
  broken: AbortSignal;
}

/**
 * MQTT over mutual TLS. Sessions are clean: everything that matters is retained or repeated until acknowledged, and the broker keeps no memory of
 * absent agents. A renewed certificate is used from the next connection on, which is made at once.
 */
export function createBrokerLink(deps: BrokerLinkDeps): BrokerLink {
  const { identity, clock, random, log } = deps;
  const listeners = new Set<() => void>();
  let wanted = new Set<string>();
  let session: Session | undefined;
  let problem: HarpError | undefined;

  const presence = (online: boolean): Presence => ({ v: 1, online, atMs: clock.nowMs() });

  const publish = async <Name extends AgentMessage>(name: Name, payload: PayloadOf<Name>) => {
    const { topic, qos, retain, maxBytes } = messages[name];
    const body = JSON.stringify(payload);
    if (Buffer.byteLength(body) > maxBytes) {
      throw new HarpError('protocol.too_large', `${name} has ${Buffer.byteLength(body)} bytes`, {
        facts: { maxBytes },
      });
    }
    if (session === undefined) throw new HarpError('broker.unreachable', 'not connected');
    const { client, broken } = session;
    const sent = client.publishAsync(topicFor(topic, { agentId: identity.agent }), body, { qos, retain });
    await unlessAborted(sent, broken).catch((error: unknown) => {
      throw unreachable(error);
    });
  };

  const syncSubscriptions = () => {
    if (session === undefined) return;
    const { client, subscribed } = session;
    const added = [...wanted].filter((topic) => !subscribed.has(topic));
    const removed = [...subscribed].filter((topic) => !wanted.has(topic));
    for (const topic of added) subscribed.add(topic);
    for (const topic of removed) subscribed.delete(topic);
    if (added.length > 0) void subscribe(session, added);
    if (added.length > 0) void askForSilent(session);
    if (removed.length > 0) client.unsubscribe(removed);
  };

  /**
   * A broker that learns late that a topic is ours may grant it at once and hold back what is retained there; it is sent when the subscription is made
   * again (MQTT 3.1.1, section 3.8.4). So we ask again, ever less often, for what never came.
   */
  const askForSilent = async (current: Session) => {
    current.asking.abort();
    current.asking = new AbortController();
    const over = AbortSignal.any([current.broken, current.asking.signal]);
    for (
      let pauseMs = SILENT_FIRST_MS;
      await slept(clock, pauseMs, over);
      pauseMs = Math.min(SILENT_MAX_MS, 2 * pauseMs)
    ) {
      const silent = [...current.subscribed].filter((topic) => isRetained(topic) && !current.heard.has(topic));
      if (silent.length === 0) return;
      // Refused or cut off: whoever subscribed first deals with it.
      await unlessAborted(current.client.subscribeAsync(silent, { qos: 1 }), over).catch(() => undefined);
    }
  };

  /** A refused topic is asked for again later: the broker may hear of a new folder after we do. */
  const subscribe = async (current: Session, topics: string[]) => {
    try {
      await unlessAborted(current.client.subscribeAsync(topics, { qos: 1 }), current.broken);
    } catch (error) {
      const refused = refusedTopics(error, topics);
      // A broker that is older than commands refuses them every time; without them everything else works.
      const again = refused.filter((topic) => parseTopic(topic)?.message !== 'command');
      for (const topic of again) current.subscribed.delete(topic);
      if (session !== current || refused.length === 0) return;
      log.warn({ topics: refused }, 'the broker refused a subscription');
      if (again.length === 0) return;
      if (await slept(clock, RESUBSCRIBE_AFTER_MS, current.broken)) syncSubscriptions();
    }
  };

  const open = async (signal: AbortSignal): Promise<Session> => {
    const url = deps.url();
    const client = connect(url, clientOptions(identity, url, JSON.stringify(presence(false))));
    const heard = new Set<string>();
    const breaking = new AbortController();
    client.once('close', () => breaking.abort(new HarpError('broker.unreachable', 'the connection broke')));
    client.on('message', (topic, payload) => {
      heard.add(topic);
      receive(topic, payload);
    });
    const connected = new Promise<void>((resolve, reject) => {
      client.once('connect', () => resolve());
      // Errors come before the close they cause and say more; without a listener one would end the process.
      client.on('error', (error) => reject(refusal(error, url)));
    });
    try {
      await unlessAborted(connected, AbortSignal.any([breaking.signal, signal]));
      return { client, subscribed: new Set(), heard, asking: new AbortController(), broken: breaking.signal };
    } catch (error) {
      client.end(true);
      throw error;
    }
  };

  const receive = (topic: string, payload: Buffer) => {
    const parsed = parseTopic(topic);
    if (parsed === undefined) return;
    if (payload.length > messages[parsed.message].maxBytes) {
      log.warn({ message: parsed.message, sizeBytes: payload.length }, 'a message exceeds its limit and was dropped');
      return;
    }
    deps.onMessage(parsed, payload);
  };

  /** One connection from beginning to end. Resolves when it is over, rejects if it never came to be. */
  const live = async (signal: AbortSignal) => {
    const current = await open(signal);
    session = current;
    problem = undefined;
    const renewal = new AbortController();
    const renewed = identity.onDidChange(() => renewal.abort());
    try {
      log.info({}, 'connected to the broker');
      syncSubscriptions();
      await publish('presence', presence(true));
      for (const listener of listeners) listener();
      await aborted(AbortSignal.any([current.broken, signal, renewal.signal]));
      if (!current.broken.aborted) await goodbye(current.client, signal.aborted);
    } catch (error) {
      log.info({ error: String(error) }, 'the connection to the broker ended early');
    } finally {
      if (!signal.aborted) log.info({}, 'the connection to the broker is over');
      session = undefined;
      renewed.dispose();
      current.client.end(true);
    }
  };

  /** Lets the broker know, if the line is good enough to do so in time. */
  const goodbye = async (client: MqttClient, leaving: boolean) => {
    const farewell = async () => {
      if (leaving) await publish('presence', presence(false));
      await client.endAsync();
    };
    const enough = new AbortController();
    await Promise.race([farewell(), slept(clock, GOODBYE_MAX_MS, enough.signal)]).finally(() => enough.abort());
  };

  return {
    get connected() {
      return session !== undefined;
    },
    get problem() {
      return problem;
    },
    publish,
    subscribe(topics) {
      wanted = new Set(topics);
      syncSubscriptions();
    },
    onDidConnect(listener) {
      listeners.add(listener);
      return { dispose: () => void listeners.delete(listener) };
    },
    async run(signal) {
      let backoffMs = BACKOFF_FIRST_MS;
      while (!signal.aborted) {
        const startedMs = clock.monotonicMs();
        try {
          await live(signal);
        } catch (error) {
          const failed = unreachable(error);
          if (problem?.code !== failed.code) log.warn({ code: failed.code, message: failed.message }, 'no broker');
          problem = failed;
        }
        if (clock.monotonicMs() - startedMs >= HEALTHY_AFTER_MS) backoffMs = BACKOFF_FIRST_MS;
        if (signal.aborted || !(await slept(clock, backoffMs * (0.5 + random() / 2), signal))) return;
        backoffMs = Math.min(BACKOFF_MAX_MS, backoffMs * 2);
      }
    },
  };
}

/** Passed through to node:tls; mqtt's own type does not list it. */
const tlsFloor = { minVersion: 'TLSv1.3' } as const;

function clientOptions(identity: Identity, url: string, will: string): IClientOptions {
  const { key, certificate, ca } = identity.tls();
  const host = new URL(url).hostname.replace(/^\[|\]$/g, '');
  const { topic, qos, retain } = messages.presence;
  return {
    key,
    cert: certificate,
    ca,
    rejectUnauthorized: true,
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...tlsFloor,
    protocolVersion: 4,
    clientId: identity.agent,
    clean: true,
    keepalive: KEEPALIVE_S,
    connectTimeout: CONNECT_TIMEOUT_MS,
    // Reconnecting is ours: with growing, jittered pauses and the certificate of the day.
    reconnectPeriod: 0,
    resubscribe: false,
    queueQoSZero: false,
    will: { topic: topicFor(topic, { agentId: identity.agent }), payload: Buffer.from(will), qos, retain },
  };
}

/** The outcome of `promise`, or a rejection with the signal's reason when that comes first. Leaves no listener behind. */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** Whether something is retained on a topic that we hear, once its publisher has said anything. */
function isRetained(topic: string): boolean {
  const parsed = parseTopic(topic);
  return parsed !== undefined && messages[parsed.message].retain;
}

/** Of `topics`, those that a SUBACK answered with failure (MQTT 3.1.1, section 3.9.3); none if the subscription failed otherwise. */
export function refusedTopics(error: unknown, topics: readonly string[]): string[] {
  if (!(error instanceof ErrorWithSubackPacket)) return [];
  // Whatever its type says, the packet is absent when the connection was given up before the broker answered, as after a keep-alive without an answer.
  const granted = (error.packet as Partial<typeof error.packet> | undefined)?.granted ?? [];
  return topics.filter((_, index) => Number(granted[index]) >= 0x80);
}

/** CONNACK return codes of MQTT 3.1.1 (section 3.2.2.3) that mean "not you". */
const REFUSED_CODES: readonly unknown[] = [4, 5];

function refusal(error: Error & { code?: unknown }, url: string): HarpError {
  if (REFUSED_CODES.includes(error.code))
    return new HarpError('identity.revoked', `${url} refuses this agent`, { cause: error });
  return unreachable(error);
}

function unreachable(error: unknown): HarpError {
  if (error instanceof HarpError) return error;
  const reason = error instanceof Error ? error.message : 'unknown failure';
  return new HarpError('broker.unreachable', reason, { cause: error });
}
