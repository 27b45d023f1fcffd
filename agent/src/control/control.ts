/**
 * The control side: one MQTT session with the broker. Desired states and heads come in, are proven and handed on; presence, state, telemetry and
 * reports go out, and the log when a command asks for it. No byte of a file passes here, and an office whose broker is away goes on from what was kept.
 */
import { Ack, type Desired, HarpError, messages, type ParsedTopic, topicFor } from '@harp/broker/protocol';
import type { Clock, FolderSync, Identity, Logger, PeerDirectory } from '../ports.ts';
import { parseJson } from '../state/json.ts';
import type { StateLayout } from '../state/layout.ts';
import type { LogRing } from '../telemetry/log-ring.ts';
import { createLogStream } from '../telemetry/log-stream.ts';
import type { ReportQueue } from '../telemetry/outbox.ts';
import { createReportSender } from '../telemetry/report-sender.ts';
import { runSampler } from '../telemetry/sampler.ts';
import type { TrafficCounters } from '../telemetry/traffic-counters.ts';
import { createWake } from '../wake.ts';
import { type BrokerLink, createBrokerLink } from './broker-link.ts';
import { readCommand } from './commands.ts';
import { createDesiredState, parseSigned } from './desired-state.ts';
import { createHeadStore } from './head-store.ts';
import { createReporter, type ReportedFacts } from './reporter.ts';

export interface ControlDeps {
  /** `mqtts://host:port`, asked for at every connection. */
  mqttUrl: () => string;
  layout: StateLayout;
  identity: Identity;
  clock: Clock;
  random: () => number;
  log: Logger;
  /** The newest lines of `log`. */
  recentLog: LogRing;
  queue: ReportQueue;
  counters: TrafficCounters;
  peers: PeerDirectory;
  folders: FolderSync;
  /** Everything that follows the desired state, in the order in which it has to know. */
  followers: readonly { configure(desired: Desired): void }[];
  /** What to report besides folders, peers and revision. */
  facts: () => Promise<Omit<ReportedFacts, 'folders' | 'peers' | 'desiredRevision'>>;
  usage: () => { rssBytes: number; cpuMs: number };
}

export interface Control {
  /** Follows the last good desired state and heads. Call before `run`. */
  resume(): Promise<void>;
  /** Keeps up the session until `signal` aborts. */
  run(signal: AbortSignal): Promise<void>;
  /** Something of `facts` changed. */
  factsChanged(): void;
  readonly desired: Desired | undefined;
  readonly link: Pick<BrokerLink, 'connected' | 'problem'>;
}

/** Joins the parts of the control side. */
export function createControl(deps: ControlDeps): Control {
  const { layout, identity, clock, random, queue, counters, peers, folders } = deps;
  const log = deps.log.child({ part: 'control' });
  const desiredState = createDesiredState(layout.desired, identity, log);
  const heads = createHeadStore(layout, identity, log);
  const reportWake = createWake(clock);
  const outboxWake = createWake(clock);
  const logWake = createWake(clock);
  /** Messages are taken one after the other: a head must not overtake the desired state that names its folder. */
  let turn: Promise<void> = Promise.resolve();

  const link = createBrokerLink({
    url: deps.mqttUrl,
    identity,
    clock,
    random,
    log: deps.log.child({ part: 'broker-link' }),
    onMessage: (topic, payload) => {
      turn = turn
        .then(() => take(topic, payload))
        .catch((error: unknown) => {
          log.error({ error: String(error), message: topic.message }, 'a message was not taken');
        });
    },
  });
  const channel = <Name extends 'reported' | 'telemetry' | 'event' | 'log'>(name: Name) => ({
    get connected() {
      return link.connected;
    },
    send: (payload: Parameters<typeof link.publish<Name>>[1]) => link.publish(name, payload),
  });
  const reporter = createReporter({
    clock,
    log: deps.log.child({ part: 'reporter' }),
    wake: reportWake,
    officeSize: () => desiredState.current?.roster.length ?? 1,
    channel: channel('reported'),
    facts: async () => ({
      ...(await deps.facts()),
      peers: peers
        .live()
        .map(({ agent }) => agent)
        .sort(),
      desiredRevision: desiredState.current?.revision ?? 0,
      folders: folders.reports(),
    }),
  });
  const sender = createReportSender({
    queue,
    channel: channel('event'),
    clock,
    log: deps.log.child({ part: 'report-sender' }),
    wake: outboxWake,
  });

  const logStream = createLogStream({ ring: deps.recentLog, channel: channel('log'), clock, wake: logWake });

  const take = async (topic: ParsedTopic, payload: Buffer): Promise<void> => {
    // How a retained message is taken back: what it said stays true here until another says otherwise.
    if (payload.length === 0) return;
    if (topic.message === 'head') return takeHead(topic, payload);
    if (topic.agentId !== identity.agent) return;
    if (topic.message === 'desired') return takeDesired(payload);
    if (topic.message === 'ack') return takeAck(payload);
    if (topic.message === 'command') return takeCommand(payload);
  };

  const takeDesired = async (payload: Buffer) => {
    const desired = await desiredState.offer(payload).catch(rejectDesired);
    if (desired === undefined) return;
    const { revision, folders: assigned, roster } = desired;
    log.info({ revision, folders: assigned.length, roster: roster.length }, 'new desired state');
    follow(desired);
    await heads.keepOnly(assigned.map(({ id }) => id));
  };

  const rejectDesired = async (error: unknown) => {
    if (!(error instanceof HarpError)) throw error;
    const { code, message: detail } = error;
    log.warn({ code, detail }, 'a desired state was refused');
    await queue.record({ kind: 'desired.rejected', atMs: clock.nowMs(), code, detail });
    return undefined;
  };

  const takeHead = async ({ folderId }: Extract<ParsedTopic, { message: 'head' }>, payload: Buffer) => {
    const signed = parseSigned(payload.toString('utf8'));
    folders.offerHead(folderId, signed);
    await heads.keep(folderId, signed);
  };

  const takeAck = async (payload: Buffer) => {
    const ack = Ack.safeParse(parseJson(payload.toString('utf8')));
    if (!ack.success) return log.warn({}, 'an acknowledgement that cannot be read was dropped');
    await queue.acknowledge(ack.data.ids);
    outboxWake.notify();
  };

  const takeCommand = (payload: Buffer) => {
    const command = readCommand(payload, log);
    if (command !== undefined) logStream.take(command);
  };

  const follow = (desired: Desired) => {
    for (const follower of deps.followers) follower.configure(desired);
    link.subscribe([...ownTopics, ...desired.folders.map(({ id }) => topicFor(messages.head.topic, { folderId: id }))]);
    reportWake.notify();
  };

  const ownTopics = [messages.desired, messages.ack, messages.command].map(({ topic }) =>
    topicFor(topic, { agentId: identity.agent }),
  );

  return {
    get desired() {
      return desiredState.current;
    },
    link,
    factsChanged: () => reportWake.notify(),
    async resume() {
      link.subscribe(ownTopics);
      const desired = await desiredState.load();
      if (desired === undefined) return;
      log.info({ revision: desired.revision, folders: desired.folders.length }, 'following the last desired state');
      follow(desired);
      for (const { id } of desired.folders) {
        const head = await heads.load(id);
        if (head !== undefined) folders.offerHead(id, head);
      }
    },
    async run(signal) {
      const watched = [
        folders.onDidChange(() => reportWake.notify()),
        peers.onDidChange(() => reportWake.notify()),
        queue.onDidRecord(() => outboxWake.notify()),
        link.onDidConnect(() => {
          reporter.reconnected();
          sender.reconnected();
          logWake.notify();
        }),
      ];
      await Promise.all([
        link.run(signal),
        reporter.run(signal),
        sender.run(signal),
        logStream.run(signal),
        runSampler(
          {
            counters,
            clock,
            random,
            channel: channel('telemetry'),
            peers: () => peers.live().length,
            usage: deps.usage,
          },
          signal,
        ),
      ]);
      for (const watch of watched) watch.dispose();
      await turn;
    },
  };
}
