/**
 * The fleet's MQTT broker: aedes behind mutual TLS, with the security hooks delegating every decision to acl/. Knows nothing of what messages mean.
 *
 * Nothing outlives the process, on purpose: sessions are always clean and retained messages are in memory only. After a restart the console
 * publishes `desired` and `head` again and agents publish `reported` and `presence` again, each on connecting; reports wait in the agents' outboxes.
 */
import type { Duplex } from 'node:stream';
import { Aedes, type AuthenticateError, type Client } from 'aedes';
import {
  type Membership,
  mayForward,
  mayLeaveWill,
  mayPublish,
  maySubscribe,
  type PublishDecision,
} from '../acl/acl.ts';
import { oncePer } from '../once-per.ts';
import { type Clock, type Logger, shortId } from '../ports.ts';
import { type AgentId, HarpError, isHarpError, limits, messages, parseTopic } from '../protocol/index.ts';
import type { TlsIdentity } from '../protocol/node/index.ts';
import { MqttConnection } from './mqtt-connection.ts';
import { createPersistence } from './retained-messages.ts';

/** What the broker needs of the registry. */
export interface MqttMembership extends Membership {
  /** Reads the database again, at a bounded rate: rights may be newer than what is known here. Never rejects. */
  reread(): Promise<void>;
}

/** Caps on what one client can make the broker hold or do. */
export const mqttLimits = {
  /** Seconds between pings that a client may ask for, at most; 0 (never) is refused. Bounds how long a vanished PC counts as online. */
  keepAliveMaxS: 120,
  /** From the TLS handshake to CONNECT. */
  connectTimeoutMs: 10_000,
  /** A client that reads nothing of a full send buffer for this long is cut off: publishers wait for it meanwhile. */
  drainTimeoutMs: 30_000,
  /** Open connections of one agent. One is in use; the others are leftovers of a network change. */
  connectionsPerAgent: 3,
  /** Messages an agent may send at once, and per second in the long run. An outbox replayed after a day offline stays below. */
  burstMessages: 1000,
  messagesPerSecond: 50,
  /** Refused subscriptions before a client is cut off: one whole catalogue of folders it no longer has. */
  refusedSubscriptions: limits.agentMaxFolders + 50,
} as const;

/** MQTT 3.1.1, table 3.1. */
const connackCode = { identifierRejected: 2, notAuthorised: 5 } as const;

export interface MqttBroker {
  /** Serves MQTT to a client whose identity is proven. Takes over `stream`. */
  attach(stream: Duplex, identity: TlsIdentity, address?: string): void;
  /** Cuts every connection of these agents, now. */
  kick(agents: Iterable<AgentId>): void;
  /** Cuts everybody off. */
  close(): Promise<void>;
}

export interface MqttBrokerOptions {
  membership: MqttMembership;
  /** Called when an agent was let in, with where it comes from. */
  onArrival?: (agent: AgentId, address: string) => void;
  clock: Clock;
  logger: Logger;
}

interface Session {
  connection: MqttConnection;
  clientId: string;
  /** Decided at CONNECT and not again when the client is gone: a will has to go out for an agent that was revoked, too. */
  will: object | undefined;
  refusedSubscriptions: number;
  allowance: { messages: number; atMs: number };
}

/** Starts a broker without a listener: connections come through `attach`. */
export async function createMqttBroker({
  membership,
  onArrival,
  clock,
  logger,
}: MqttBrokerOptions): Promise<MqttBroker> {
  const sessions = new WeakMap<Client, Session>();
  const connections = new Set<MqttConnection>();
  const byAgent = new Map<AgentId, Set<MqttConnection>>();
  const mayLog = oncePer(60_000, clock);

  const aedes = await Aedes.createBroker({
    // Unlimited: with a limit, messages that wait for slow clients would hold up everybody else's. Memory is bounded by the send buffers.
    concurrency: 0,
    connectTimeout: mqttLimits.connectTimeoutMs,
    drainTimeout: mqttLimits.drainTimeoutMs,
    keepaliveLimit: mqttLimits.keepAliveMaxS,
    maxTopicLevels: 8,
    persistence: createPersistence(),

    preConnect(client, packet, done) {
      const session: Session = {
        connection: client.conn as MqttConnection,
        clientId: packet.clientId,
        will: packet.will,
        refusedSubscriptions: 0,
        allowance: { messages: mqttLimits.burstMessages, atMs: clock.nowMs() },
      };
      sessions.set(client, session);
      packet.clean = true;
      done(null, true);
    },

    authenticate(client, _userName, _password, done) {
      const session = sessions.get(client)!;
      refusalOf(session).then((refusal) =>
        // A fresh turn of the event loop: aedes numbers messages when it takes them and drops one that a later one has overtaken.
        setImmediate(() => {
          if (refusal === undefined) {
            const { identity, address } = session.connection;
            if (identity.role === 'agent' && address !== '') onArrival?.(identity.agent, address);
            return done(null, true);
          }
          logRefusal(session.connection.identity, refusal);
          done(refusal, false);
        }),
      );
    },

    authorizePublish(client, packet, done) {
      const session = client === null ? undefined : sessions.get(client);
      if (session === undefined) return done(new HarpError('broker.not_allowed', 'nobody sent this'));
      if (packet === session.will) return done(null);
      const { identity } = session.connection;
      const decision = mayPublish(identity, factsOf(packet), membership);
      if (decision !== 'allowed') return done(refusedPublish(decision, packet.topic));
      if (identity.role === 'agent' && !takeAllowance(session, clock.nowMs())) {
        return done(new HarpError('broker.rate_limited', 'more messages than one agent may send'));
      }
      done(null);
    },

    authorizeSubscribe(client, subscription, done) {
      const session = sessions.get(client)!;
      const { identity } = session.connection;
      const isAllowed = () => maySubscribe(identity, subscription.topic, membership);
      const refuse = () => {
        logRefusal(
          identity,
          new HarpError('broker.not_allowed', `may not subscribe to ${shortTopic(subscription.topic)}`),
        );
        session.refusedSubscriptions += 1;
        if (session.refusedSubscriptions > mqttLimits.refusedSubscriptions) {
          return done(new HarpError('broker.rate_limited', 'too many refused subscriptions'));
        }
        done(null, null);
      };
      if (isAllowed()) return done(null, subscription);
      if (identity.role !== 'agent' || parseTopic(subscription.topic)?.message !== 'head') return refuse();
      membership.reread().then(() => setImmediate(() => (isAllowed() ? done(null, subscription) : refuse())));
    },

    authorizeForward(client, packet) {
      const session = sessions.get(client);
      const isAllowed = session !== undefined && mayForward(session.connection.identity, packet.topic, membership);
      return isAllowed ? packet : null;
    },
  });

  aedes.on('clientError', (client, error) => logFailure(client, error));
  aedes.on('connectionError', (client, error) => logFailure(client, error));

  async function refusalOf({
    connection: { identity },
    clientId,
    will,
  }: Session): Promise<AuthenticateError | undefined> {
    if (!isOwnClientId(identity, clientId)) {
      return refusal(connackCode.identifierRejected, 'the client id is not that of the certificate');
    }
    if (identity.role === 'agent' && !membership.isActive(identity.agent)) {
      await membership.reread();
      if (!membership.isActive(identity.agent)) return refusal(connackCode.notAuthorised, 'not enrolled or revoked');
    }
    const leaves = will === undefined || mayLeaveWill(identity, factsOf(will as WillPacket), membership) === 'allowed';
    return leaves ? undefined : refusal(connackCode.notAuthorised, 'this will is not its own presence');
  }

  function logFailure(client: Client, error: Error): void {
    const connection = client.conn as MqttConnection;
    if (isHarpError(error)) logRefusal(connection.identity, error);
    else logger.debug({ client: nameOf(connection.identity), error: error.message }, 'mqtt connection failed');
  }

  function logRefusal(identity: TlsIdentity, error: Error): void {
    const client = nameOf(identity);
    const code = isHarpError(error) ? error.code : 'broker.not_allowed';
    if (mayLog(`${client} ${code}`)) logger.warn({ client, code, reason: error.message }, 'mqtt client refused');
  }

  function track(connection: MqttConnection, agent: AgentId): void {
    const open = byAgent.get(agent) ?? new Set();
    byAgent.set(agent, open.add(connection));
    connection.once('close', () => {
      open.delete(connection);
      if (open.size === 0 && byAgent.get(agent) === open) byAgent.delete(agent);
    });
    // The oldest goes: after a network change it is the one whose PC no longer hears us.
    for (const oldest of open) {
      if (open.size <= mqttLimits.connectionsPerAgent) break;
      open.delete(oldest);
      oldest.destroy(new HarpError('broker.rate_limited', 'too many connections of one agent'));
    }
  }

  return {
    attach(stream, identity, address) {
      const connection = new MqttConnection(stream, identity, address);
      connections.add(connection);
      connection.once('close', () => connections.delete(connection));
      if (identity.role === 'agent') track(connection, identity.agent);
      aedes.handle(connection);
    },
    kick(agents) {
      for (const agent of agents) {
        for (const connection of byAgent.get(agent) ?? []) {
          connection.destroy(new HarpError('identity.revoked', 'this agent was revoked'));
        }
      }
    },
    async close() {
      await new Promise<void>((resolve) => aedes.close(resolve));
      // Those that never got as far as CONNECT.
      for (const connection of connections) connection.destroy();
    },
  };
}

interface WillPacket {
  topic: string;
  qos: number;
  retain: boolean;
  payload: string | Buffer;
}

function factsOf({ topic, qos, retain, payload }: WillPacket) {
  return { topic, qos, retain, payloadBytes: Buffer.byteLength(payload) };
}

/** An agent has one session, named by its id. A service may have several, all named after it, so none can take over an agent's. */
function isOwnClientId(identity: TlsIdentity, clientId: string): boolean {
  if (identity.role === 'agent') return clientId === identity.agent;
  return clientId === identity.service || clientId.startsWith(`${identity.service}-`);
}

function takeAllowance({ allowance }: Session, nowMs: number): boolean {
  const earned = ((nowMs - allowance.atMs) / 1000) * mqttLimits.messagesPerSecond;
  allowance.messages = Math.min(mqttLimits.burstMessages, allowance.messages + earned);
  allowance.atMs = nowMs;
  if (allowance.messages < 1) return false;
  allowance.messages -= 1;
  return true;
}

function refusedPublish(decision: Exclude<PublishDecision, 'allowed'>, topic: string): HarpError {
  return decision === 'too_large'
    ? new HarpError('protocol.too_large', `a message on ${shortTopic(topic)} exceeds its limit`)
    : new HarpError('broker.not_allowed', `may not publish on ${shortTopic(topic)}`);
}

function refusal(returnCode: number, why: string): AuthenticateError {
  return Object.assign(new Error(why), { returnCode });
}

function nameOf(identity: TlsIdentity): string {
  return identity.role === 'agent' ? shortId(identity.agent) : identity.service;
}

/** A topic for the log: ids shortened, and no more of a hostile one than a line. */
function shortTopic(topic: string): string {
  const parsed = parseTopic(topic);
  if (parsed === undefined) return JSON.stringify(topic.slice(0, 60));
  const id = parsed.message === 'head' ? parsed.folderId : parsed.agentId;
  return messages[parsed.message].topic.replace(/\{\w+\}/, shortId(id));
}
