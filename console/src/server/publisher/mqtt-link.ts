/** The console's place at the broker: one MQTT connection with the service certificate, topics from the message catalogue only. */
import type { MessageName, ParsedTopic } from '@harp/broker/protocol';
import { filterFor, messages, parseTopic } from '@harp/broker/protocol';
import { type MqttFailure, mqttFailureInWords, mqttFailureOf } from '@harp/broker/protocol/node';
import { connect, type MqttClient } from 'mqtt';
import type { ServiceTls } from '../keys/service-tls.ts';
import type { Clock, Logger } from '../ports.ts';

export interface MqttLink {
  readonly connected: boolean;
  /** Why the last attempt to connect failed, until one succeeds. */
  readonly failure?: MqttFailure | undefined;
  /** Sends a message of the catalogue; an empty payload clears a retained one. Rejects if the connection is lost before the broker has it. */
  publish(topic: string, message: MessageName, payload: string): Promise<void>;
  close(): Promise<void>;
}

export interface MqttLinkEvents {
  /** Connected, and subscribed to all that the console may hear. */
  onConnect(): void;
  onMessage(topic: ParsedTopic, payload: Buffer): void;
}

/** Lets two hear what one connection says; the second may come later. */
export function hearBoth(first: MqttLinkEvents, second: () => MqttLinkEvents | undefined): MqttLinkEvents {
  return {
    onConnect() {
      first.onConnect();
      second()?.onConnect();
    },
    onMessage(topic, payload) {
      first.onMessage(topic, payload);
      second()?.onMessage(topic, payload);
    },
  };
}

/** Longest pause between two tries to connect. */
const RECONNECT_MAX_MS = 5000;
const RECONNECT_MIN_MS = 250;
const KEEPALIVE_SECONDS = 30;
/** The handshake of a broker that starts up takes its time. */
const CONNECT_TIMEOUT_MS = 10_000;

/** Everything the catalogue lets the console hear. */
const heard = Object.values(messages).filter(({ subscribers }) =>
  (subscribers as readonly string[]).includes('console'),
);

/** Connects to `url` and again whenever the connection is lost. The certificate is read anew each time, for the broker renews it. */
export function createMqttLink(options: {
  url: string;
  /** The certificate of the day. */
  readTls(): Promise<ServiceTls>;
  clock: Pick<Clock, 'after'>;
  logger: Logger;
  events: MqttLinkEvents;
}): MqttLink {
  const { url, readTls, clock, logger, events } = options;
  let client: MqttClient | undefined;
  let connected = false;
  let closed = false;
  let failures = 0;
  let failure: MqttFailure | undefined;
  let cancelRetry: (() => void) | undefined;

  const retry = (): void => {
    if (closed) return;
    const delayMs = Math.min(RECONNECT_MAX_MS, RECONNECT_MIN_MS * 2 ** failures);
    failures += 1;
    cancelRetry = clock.after(delayMs, () => void attempt());
  };

  const attempt = async (): Promise<void> => {
    let tls: ServiceTls;
    try {
      tls = await readTls();
    } catch (error) {
      logger.warn({ error }, 'the certificate for the broker cannot be read');
      retry();
      return;
    }
    if (closed) return;
    const next = connect(url, {
      ...tls,
      clientId: 'console',
      clean: true,
      keepalive: KEEPALIVE_SECONDS,
      connectTimeout: CONNECT_TIMEOUT_MS,
      reconnectPeriod: 0,
      protocolVersion: 4,
      rejectUnauthorized: true,
    });
    client = next;
    next.on('connect', () => void welcome(next));
    next.on('message', (topic, payload) => {
      const parsed = parseTopic(topic);
      if (parsed !== undefined) events.onMessage(parsed, payload);
    });
    next.on('error', (error) => {
      // A broker that is away fails every try in the same way: once is news.
      const why = mqttFailureOf(error);
      const say = failures === 0 || why !== failure ? logger.warn : logger.debug;
      failure = why;
      say.call(
        logger,
        { error: error.message, failure, url },
        `the connection to the broker failed: ${mqttFailureInWords[failure]}`,
      );
    });
    next.once('close', () => {
      if (client !== next) return;
      connected = false;
      client = undefined;
      next.end(true);
      retry();
    });
  };

  const welcome = async (to: MqttClient): Promise<void> => {
    try {
      for (const { topic, qos } of heard) await to.subscribeAsync(filterFor(topic), { qos });
    } catch (error) {
      failure = 'not_authorised';
      logger.warn({ error }, 'the broker refused a subscription');
      to.end(true);
      return;
    }
    if (client !== to) return;
    connected = true;
    failures = 0;
    failure = undefined;
    logger.info({}, 'connected to the broker');
    events.onConnect();
  };

  void attempt();
  return {
    get connected() {
      return connected;
    },
    get failure() {
      return failure;
    },
    async publish(topic, message, payload) {
      const { qos, retain } = messages[message];
      if (client === undefined || !connected) throw new Error('not connected to the broker');
      await client.publishAsync(topic, payload, { qos, retain });
    },
    async close() {
      closed = true;
      connected = false;
      cancelRetry?.();
      const last = client;
      client = undefined;
      await last?.endAsync(true);
    },
  };
}
