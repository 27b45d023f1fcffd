/**
 * What agents report, on its way into the database: an ordinary MQTT client that reads presence, reported, telemetry and events, stores them in
 * batches and acknowledges reports once they are committed. Trusts no payload; a bad one is counted, logged once a minute per agent, and dropped.
 */
import type { Duplex } from 'node:stream';
import mqtt from 'mqtt';
import { oncePer } from '../once-per.ts';
import { type Clock, type Logger, shortId } from '../ports.ts';
import { type Ack, type AgentId, filterFor, messages, parseTopic, type ReportId, topicFor } from '../protocol/index.ts';
import { mqttFailureInWords, mqttFailureOf } from '../protocol/node/index.ts';
import type { IngestStore, PresenceRow, ReportedRow, ReportRow, SampleRow } from '../store/ingest-store.ts';
import { createBatcher } from './batcher.ts';
import type { Receipt } from './intake.ts';
import { isOffline, mergePresence, readPresence, seenBy } from './presence.ts';
import { readReport } from './report.ts';
import { readReported } from './reported.ts';
import { readTelemetry } from './telemetry.ts';

/** Payload bytes of one kind of message that may wait for the database: two hours of telemetry of a thousand busy agents. */
const QUEUE_BYTES = 64 * 1024 * 1024;

/** Reports in one acknowledgement: what its schema and its 8 KiB hold. */
const ACK_IDS = 200;

const ownMessages = ['presence', 'reported', 'telemetry', 'event'] as const;

export interface Ingest {
  /** Resolves when the subscriptions stand for the first time. */
  ready: Promise<void>;
  /** Payloads dropped since the start because they did not match their schema. */
  readonly badPayloads: number;
  /** Saves what waits and disconnects. */
  close(): Promise<void>;
}

export interface IngestOptions {
  /** A new connection to the broker, as the service `ingest`. Called for every attempt, so that it may use a renewed certificate. */
  openStream: () => Duplex;
  store: IngestStore;
  /**
   * Whether an agent is enrolled and not revoked. The embedded broker has asked before it let a message through; one that others run may be slow to
   * hear of it.
   */
  isActive: (agent: AgentId) => boolean;
  clock: Clock;
  logger: Logger;
}

/** Starts ingest; it connects again for as long as it is not closed. */
export function startIngest({ openStream, store, isActive, clock, logger }: IngestOptions): Ingest {
  const mayLog = oncePer(60_000, clock);
  let badPayloads = 0;

  const client = new mqtt.MqttClient(() => openStream() as mqtt.IStream, {
    clientId: 'ingest',
    // A broker that keeps sessions may hold messages for us while we restart; the embedded one does not, and nothing depends on it.
    clean: false,
    resubscribe: false,
    keepalive: 30,
    protocolVersion: 4,
    reconnectPeriod: 1_000,
    connectTimeout: 10_000,
  });

  const queueOf = <T>(
    name: string,
    save: (items: readonly T[]) => Promise<void>,
    merge?: { keyOf(item: T): string; join(older: T, newer: T): T },
  ) =>
    createBatcher<T>({
      name,
      save,
      isRefusal: store.isRefusal,
      ...(merge === undefined ? {} : { merge }),
      maxBytes: QUEUE_BYTES,
      clock,
      logger,
    });

  const keyOf = ({ agent }: { agent: AgentId }) => agent;
  const presence = queueOf<PresenceRow>('presence', store.savePresence, { keyOf, join: mergePresence });
  const reported = queueOf<ReportedRow>('reported', store.saveReported, { keyOf, join: (_, newer) => newer });
  const samples = queueOf<SampleRow>('telemetry', store.saveSamples);
  const reports = queueOf<ReportRow>('event', async (rows) => {
    await store.saveReports(rows);
    acknowledge(rows);
  });

  const acknowledge = (rows: readonly ReportRow[]): void => {
    const byAgent = new Map<AgentId, Set<ReportId>>();
    for (const { agent, id } of rows) byAgent.set(agent, (byAgent.get(agent) ?? new Set()).add(id));
    for (const [agentId, ids] of byAgent) {
      const all = [...ids];
      for (let from = 0; from < all.length; from += ACK_IDS) {
        const ack: Ack = { v: 1, ids: all.slice(from, from + ACK_IDS) };
        // Not stored while the broker is away: the agent sends its reports again, and they are acknowledged then.
        if (client.connected)
          client.publish(topicFor(messages.ack.topic, { agentId }), JSON.stringify(ack), { qos: messages.ack.qos });
      }
    }
  };

  const refuse = (receipt: Receipt, message: string): void => {
    badPayloads += 1;
    if (mayLog(receipt.agent)) {
      logger.warn(
        { agent: shortId(receipt.agent), message, code: 'protocol.invalid_message', badPayloads },
        'payload dropped, whole or in part',
      );
    }
  };

  /** Files one message; false if its payload is not what the catalogue says. */
  const take = (
    message: (typeof ownMessages)[number],
    payload: Buffer,
    receipt: Receipt,
    isRetained: boolean,
  ): boolean => {
    switch (message) {
      case 'presence': {
        const row = readPresence(payload, receipt, isRetained);
        if (row !== undefined) presence.add(row, payload.length);
        return row !== undefined;
      }
      case 'reported': {
        const row = readReported(payload, receipt);
        if (row !== undefined) reported.add(row, payload.length);
        return row !== undefined;
      }
      case 'telemetry': {
        const rows = readTelemetry(payload, receipt);
        for (const row of rows ?? []) samples.add(row, Math.ceil(payload.length / (rows?.length ?? 1)));
        return rows !== undefined;
      }
      case 'event': {
        const read = readReport(payload, receipt);
        if (read !== undefined) reports.add(read.report, payload.length);
        return read !== undefined && read.unknownEvents === 0;
      }
    }
  };

  client.on('message', (topic, payload, packet) => {
    const parsed = parseTopic(topic);
    const message = ownMessages.find((name) => name === parsed?.message);
    if (parsed === undefined || parsed.message === 'head' || message === undefined) return;
    const receipt: Receipt = { agent: parsed.agentId, receivedAtMs: clock.nowMs() };
    // An empty retained payload only clears the topic.
    if (payload.length === 0) return;
    const isRetained = packet.retain === true;
    const { retain, maxBytes } = messages[message];
    // Of these the embedded broker lets none through. What was retained against the catalogue would come again and again.
    if (payload.length > maxBytes) return refuse(receipt, message);
    if (isRetained && !retain) return;
    // That an agent which was revoked has gone is still news.
    if (!isActive(parsed.agentId) && !(message === 'presence' && isOffline(payload))) return;
    if (!take(message, payload, receipt, isRetained)) refuse(receipt, message);
    if (!isRetained && message !== 'presence') presence.add(seenBy(receipt), 64);
  });

  client.on('error', (error) => {
    // One that is away fails every second in the same way.
    const failure = mqttFailureOf(error);
    if (mayLog(`connection ${failure}`))
      logger.warn(
        { failure, error: error.message },
        `ingest: no connection to the broker: ${mqttFailureInWords[failure]}`,
      );
  });
  const ready = new Promise<void>((resolve) => {
    client.on('connect', () => {
      const filters = ownMessages.map((name) => filterFor(messages[name].topic));
      client.subscribe(filters, { qos: 1 }, (error, granted) => {
        if (error) {
          if (client.connected)
            logger.error({ error: error.message, granted }, 'ingest: the broker refuses the subscriptions');
          return;
        }
        logger.info({}, 'ingest: connected');
        resolve();
      });
    });
  });

  return {
    ready,
    get badPayloads() {
      return badPayloads;
    },
    async close() {
      await Promise.all([presence, reported, samples, reports].map((queue) => queue.close()));
      // What is under way to a broker that is away would be waited for.
      await client.endAsync(!client.connected);
    },
  };
}
