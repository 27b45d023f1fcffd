/**
 * The publisher: says to every agent what the data centre wants of it (`desired`) and where each chain stands (`head`), retained at the broker. Hears
 * what agents report as far as it concerns that. Called by content/services; writes Agent.desired* and, through the share keeper, FolderOffice.
 */
import type { AgentId, FolderId, OfficeId, ParsedTopic } from '@harp/broker/protocol';
import { limits, messages, Reported, topicFor } from '@harp/broker/protocol';
import type { Signer } from '@harp/broker/protocol/node';
import { Prisma, type PrismaClient } from '@harp/prisma';
import type { StreamChange } from '../../api/schemas.ts';
import type { CommittedHead } from '../content/chain-writer.ts';
import { signedOf } from '../content/rows.ts';
import type { Secrets } from '../keys/secrets.ts';
import type { Clock, Logger } from '../ports.ts';
import type { FleetAgent, FleetOffice } from './desired.ts';
import { desiredText, digestOf, type OfficeContent, officeContent, onlyRosterGrew, withoutLinks } from './desired.ts';
import { type Fleet, loadFleet } from './fleet-rows.ts';
import type { MqttLink, MqttLinkEvents } from './mqtt-link.ts';
import { assignmentKey, type ShareKeeper } from './share-keeper.ts';

export interface Publisher {
  start(): void;
  /** The fleet changed: works out who must be told what. Calls while that runs are answered by one more run. */
  refresh(): void;
  /** Publishes a committed head; older ones are dropped. */
  publishHead(head: CommittedHead): void;
  connected(): boolean;
  /** Why there is no connection, once an attempt has failed. */
  failure(): MqttLink['failure'];
  /** Resolves when nothing is being worked out or sent. */
  settled(): Promise<void>;
  stop(): Promise<void>;
}

export interface PublisherDeps {
  prisma: PrismaClient;
  secrets: Pick<Secrets, 'open'>;
  signer: Signer;
  clock: Clock;
  logger: Logger;
  openLink(events: MqttLinkEvents): MqttLink;
  openShares(onSettled: () => void): ShareKeeper;
  onChange(keys: StreamChange['keys']): void;
}

/** Addresses of many PCs change together when an office comes to work. */
const ADDRESSES_DEBOUNCE_MS = 100;
/**
 * Each news goes to every PC of the office over its line: when twenty start up one after the other, they are told of each other in few steps, and so
 * are all of the links of a hundred folders.
 */
const ROSTER_PACE_MS = 2000;
/** An office waits this long for a share that is being made, so that its agents are told once and not twice. */
const SHARE_PATIENCE_MS = 400;
/** Retries of shares and whatever a lost notification left undone. */
const PERIODIC_MS = 60_000;
const RETRY_MS = 2000;
/** Retained messages of a whole fleet have arrived by then. */
const STRANGERS_MS = 3000;

/** Which data a message makes stale for those who look at it. Agents themselves are named by the broker once they are stored. */
const staleBy: Partial<Record<ParsedTopic['message'], StreamChange['keys']>> = {
  presence: ['offices'],
  telemetry: ['traffic'],
  event: ['transfers', 'events', 'traffic'],
};

export function createPublisher(deps: PublisherDeps): Publisher {
  const { prisma, signer, clock, logger } = deps;
  const heads = new Map<FolderId, CommittedHead>();
  const addresses = new Map<AgentId, readonly string[]>();
  /** Revision each agent has been told on this connection. */
  const told = new Map<AgentId, number>();
  /** Retained messages found at the broker on this connection, until it is clear whether they are of anybody. */
  const foundDesired = new Set<AgentId>();
  const foundHeads = new Set<FolderId>();
  /** What all agents of an office have been told on this connection, and when. */
  const toldOffices = new Map<OfficeId, { content: OfficeContent; digest: string; atMs: number }>();
  const officeWaitingSinceMs = new Map<OfficeId, number>();
  let running: Promise<void> | undefined;
  let again = false;
  let stopped = false;
  const timers = new Map<string, () => void>();

  const later = (name: string, delayMs: number, run: () => void): void => {
    if (timers.has(name) || stopped) return;
    timers.set(
      name,
      clock.after(delayMs, () => {
        timers.delete(name);
        run();
      }),
    );
  };

  const refresh = (): void => {
    if (stopped) return;
    if (running !== undefined) {
      again = true;
      return;
    }
    running = (async () => {
      do {
        again = false;
        try {
          await pass();
        } catch (error) {
          if (stopped) break;
          logger.warn({ error }, 'the fleet could not be published; it will be tried again');
          later('retry', RETRY_MS, refresh);
        }
      } while (again && !stopped);
      running = undefined;
    })();
  };

  const pass = async (): Promise<void> => {
    // Whoever appears while the fleet is being read is no stranger.
    const suspects = { agents: [...told.keys(), ...foundDesired], folders: [...heads.keys(), ...foundHeads] };
    const fleet = await loadFleet(prisma, deps.secrets, (agent) => addresses.get(agent));
    shares.sync(fleet.assignments);
    later('periodic', PERIODIC_MS, refresh);
    if (!link.connected) return;
    const waiting = officesInWaiting(fleet);
    const making = officesOf(shares.beingMade(), fleet);
    for (const office of fleet.offices) {
      if (!waiting.has(office.id)) await publishOffice(office, { moreLinksCome: making.has(office.id) });
    }
    await clearStrangers(fleet, suspects);
  };

  /** Offices whose new share will be there in a moment. */
  const officesInWaiting = (fleet: Fleet): Set<OfficeId> => {
    const nowMs = clock.nowMs();
    const making = shares.beingMade();
    const waiting = new Set<OfficeId>();
    for (const assignment of fleet.assignments) {
      if (!making.has(assignmentKey(assignment))) continue;
      const sinceMs = officeWaitingSinceMs.get(assignment.officeId) ?? nowMs;
      officeWaitingSinceMs.set(assignment.officeId, sinceMs);
      if (nowMs - sinceMs < SHARE_PATIENCE_MS) waiting.add(assignment.officeId);
    }
    for (const office of officeWaitingSinceMs.keys()) {
      if (!fleet.assignments.some((each) => each.officeId === office && making.has(assignmentKey(each)))) {
        officeWaitingSinceMs.delete(office);
      }
    }
    if (waiting.size > 0) later('patience', SHARE_PATIENCE_MS, refresh);
    return waiting;
  };

  const publishOffice = async (office: FleetOffice, { moreLinksCome }: { moreLinksCome: boolean }): Promise<void> => {
    const content = officeContent(office);
    const digest = digestOf(content);
    const atMs = clock.nowMs();
    const recipients = recipientsOf(office, content, digest, { atMs, moreLinksCome });
    const changed = recipients.filter((agent) => agent.desiredDigest !== digest).map(({ id }) => id);
    const revisions = await raiseRevisions(changed, digest);
    const sends: Promise<void>[] = [];
    for (const agent of recipients) {
      const revision = revisions.get(agent.id) ?? agent.desiredRevision;
      if (told.get(agent.id) === revision) continue;
      const text = desiredText(content, { agent: agent.id, revision, atMs });
      const payload = JSON.stringify(signer.sign('harp/desired/v1', text));
      if (Buffer.byteLength(payload) > limits.mqttPayloadMaxBytes) {
        logger.error(
          { office: office.name, bytes: payload.length },
          'an office is too large to be described to its agents',
        );
        return;
      }
      told.set(agent.id, revision);
      sends.push(
        link.publish(topicFor(messages.desired.topic, { agentId: agent.id }), 'desired', payload).catch((error) => {
          told.delete(agent.id);
          throw error;
        }),
      );
    }
    await Promise.all(sends);
    if (sends.length > 0) logger.info({ office: office.name, agents: sends.length }, 'published desired');
  };

  /** Everybody; or only those who have been told nothing yet, while the others wait for more news of the roster, or for more links. */
  const recipientsOf = (
    office: FleetOffice,
    content: OfficeContent,
    digest: string,
    { atMs, moreLinksCome }: { atMs: number; moreLinksCome: boolean },
  ): readonly FleetAgent[] => {
    const before = toldOffices.get(office.id);
    if (before?.digest === digest) return office.agents;
    const waitMs = before === undefined ? 0 : before.atMs + ROSTER_PACE_MS - atMs;
    const compared = (of: OfficeContent) => (moreLinksCome ? withoutLinks(of) : of);
    if (before !== undefined && waitMs > 0 && onlyRosterGrew(compared(before.content), compared(content))) {
      later('roster', waitMs, refresh);
      return office.agents.filter(({ id }) => !told.has(id));
    }
    toldOffices.set(office.id, { content, digest, atMs });
    return office.agents;
  };

  const raiseRevisions = async (agents: readonly AgentId[], digest: string): Promise<Map<AgentId, number>> => {
    if (agents.length === 0) return new Map();
    const rows = await prisma.$queryRaw<{ id: AgentId; desiredRevision: number }[]>`
      UPDATE "Agent" SET "desiredRevision" = "desiredRevision" + 1, "desiredDigest" = ${digest}
      WHERE "id" IN (${Prisma.join([...agents])}) RETURNING "id", "desiredRevision"`;
    return new Map(rows.map(({ id, desiredRevision }) => [id, desiredRevision]));
  };

  /** Clears what is retained for agents that were revoked and for folders that are gone. */
  const clearStrangers = async (
    fleet: Fleet,
    suspects: { agents: readonly AgentId[]; folders: readonly FolderId[] },
  ): Promise<void> => {
    const agents = new Set(fleet.offices.flatMap((office) => office.agents.map(({ id }) => id)));
    for (const agent of suspects.agents) {
      foundDesired.delete(agent);
      if (agents.has(agent)) continue;
      await link.publish(topicFor(messages.desired.topic, { agentId: agent }), 'desired', '');
      told.delete(agent);
      addresses.delete(agent);
    }
    for (const folder of suspects.folders) {
      foundHeads.delete(folder);
      if (fleet.folderIds.has(folder)) continue;
      await link.publish(topicFor(messages.head.topic, { folderId: folder }), 'head', '');
      heads.delete(folder);
    }
  };

  const sendHead = (head: CommittedHead): void => {
    if (!link.connected) return;
    link
      .publish(topicFor(messages.head.topic, { folderId: head.folder }), 'head', JSON.stringify(head.signed))
      .catch((error: unknown) =>
        logger.debug({ error }, 'a head was not published; it will be when the broker is back'),
      );
  };

  const publishHead = (head: CommittedHead): void => {
    if ((heads.get(head.folder)?.seq ?? -1) > head.seq) return;
    heads.set(head.folder, head);
    sendHead(head);
  };

  const publishAllHeads = async (): Promise<void> => {
    const rows = await prisma.headRow.findMany();
    for (const row of rows) publishHead({ folder: row.folderId as FolderId, seq: row.seq, signed: signedOf(row) });
  };

  const onConnect = (): void => {
    told.clear();
    toldOffices.clear();
    publishAllHeads().catch((error: unknown) => {
      logger.warn({ error }, 'the heads could not be read; it will be tried again');
      later('heads', RETRY_MS, onConnect);
    });
    refresh();
    // What was retained for somebody who is gone arrives after this; the periodic pass would be late to clear it.
    later('strangers', STRANGERS_MS, refresh);
    deps.onChange(['offices']);
  };

  const onMessage: MqttLinkEvents['onMessage'] = (topic, payload) => {
    if (topic.message === 'head') {
      if (payload.length > 0 && !heads.has(topic.folderId)) foundHeads.add(topic.folderId);
      return;
    }
    if (topic.message === 'desired') {
      if (payload.length > 0 && !told.has(topic.agentId)) foundDesired.add(topic.agentId);
      return;
    }
    if (topic.message === 'reported') hearReported(topic.agentId, payload);
    const stale = staleBy[topic.message];
    if (stale !== undefined) deps.onChange(stale);
  };

  const hearReported = (agent: AgentId, payload: Buffer): void => {
    const reported = parseReported(payload);
    if (reported === undefined) return;
    const known = addresses.get(agent);
    addresses.set(agent, reported.addresses);
    if (known === undefined || known.join() !== reported.addresses.join()) {
      later('addresses', ADDRESSES_DEBOUNCE_MS, refresh);
    }
    for (const { id, state, reason } of reported.folders) {
      if (state === 'blocked' && reason === 'origin.unauthorised') void suspectShare(agent, id);
    }
  };

  const suspectShare = async (agent: AgentId, folder: FolderId): Promise<void> => {
    try {
      const row = await prisma.agent.findUnique({ where: { id: agent }, select: { officeId: true } });
      if (row !== null) shares.suspect(folder, row.officeId as OfficeId);
    } catch (error) {
      logger.warn({ error }, 'a refused share could not be looked up');
    }
  };

  let link: MqttLink = { connected: false, publish: () => Promise.resolve(), close: () => Promise.resolve() };
  const shares = deps.openShares(refresh);

  return {
    start() {
      link = deps.openLink({ onConnect, onMessage });
      refresh();
    },
    refresh,
    publishHead,
    connected: () => link.connected,
    failure: () => link.failure,
    async settled() {
      while (running !== undefined) await running;
    },
    async stop() {
      stopped = true;
      for (const cancel of timers.values()) cancel();
      timers.clear();
      await running;
      await shares.stop();
      await link.close();
    },
  };
}

/** Offices of which these assignments are. */
function officesOf(keys: ReadonlySet<string>, { assignments }: Fleet): Set<OfficeId> {
  return new Set(assignments.filter((each) => keys.has(assignmentKey(each))).map(({ officeId }) => officeId));
}

/** The latest report, if it follows its schema; ingest counts and logs those that do not. */
function parseReported(payload: Buffer): Reported | undefined {
  try {
    return Reported.safeParse(JSON.parse(payload.toString('utf8'))).data;
  } catch {
    return undefined;
  }
}
