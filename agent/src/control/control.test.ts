import {
  type AgentEvent,
  type AgentId,
  type Desired,
  defaultOfficePolicy,
  type FolderId,
  GENESIS_LINK,
  LogBatch,
  messages,
  type OfficeId,
  Report,
  type SignedText,
  topicFor,
} from '@harp/broker/protocol';
import { createSigner, generateSigningKeyPem } from '@harp/broker/protocol/node';
import { expect, onTestFinished, test } from 'vitest';
import { memoryOutboxFiles } from '../../test/fakes/memory-outbox-files.ts';
import { silentLog } from '../../test/fakes/silent-log.ts';
import { agentTopic, startTestBroker } from '../../test/fixtures/broker.ts';
import { enrolledIdentity } from '../../test/fixtures/enrolled.ts';
import { createTestCa } from '../../test/fixtures/pki.ts';
import { tempFolder } from '../../test/fixtures/temp-folder.ts';
import { createLiveIdentity } from '../enrol/renew.ts';
import type { Clock, FolderSync } from '../ports.ts';
import { stateLayout } from '../state/layout.ts';
import { systemClock } from '../system.ts';
import { createLogRing } from '../telemetry/log-ring.ts';
import { openOutbox } from '../telemetry/outbox.ts';
import { createReportIds } from '../telemetry/report-id.ts';
import { createTrafficCounters } from '../telemetry/traffic-counters.ts';
import { createControl } from './control.ts';

const plans = 'fld-aaaaaaaaaaaaaaaa' as FolderId;
const photos = 'fld-bbbbbbbbbbbbbbbb' as FolderId;
const headTopic = (folder: FolderId) => topicFor(messages.head.topic, { folderId: folder });

/** Real time, a hundred times as fast. */
const hurriedClock: Clock = {
  nowMs: systemClock.nowMs,
  monotonicMs: () => systemClock.monotonicMs() * 100,
  sleep: (ms, signal) => systemClock.sleep(ms / 100, signal),
};

async function office() {
  const ca = await createTestCa();
  const broker = await startTestBroker(ca);
  onTestFinished(() => broker.close());
  const { stored, signer, agent } = await enrolledIdentity(ca, { mqttUrl: broker.url });
  const layout = stateLayout(await tempFolder());
  const identity = createLiveIdentity(stored, layout);

  const desired = (revision: number, folders: readonly FolderId[], by = signer): string => {
    const value: Desired = {
      v: 1,
      agent,
      revision,
      atMs: 1,
      office: { id: 'off-aaaaaaaaaaaaaaaa' as OfficeId, name: 'Lyon' },
      policy: defaultOfficePolicy,
      folders: folders.map((id) => ({ id, name: id, origin: null })),
      roster: [],
    };
    return JSON.stringify(by.sign('harp/desired/v1', JSON.stringify(value)));
  };
  const head = (folder: FolderId, by = signer): SignedText => {
    const empty = { v: 1, folder, seq: 0, link: GENESIS_LINK, atMs: 1, snapshot: null, segments: [] };
    return by.sign('harp/head/v1', JSON.stringify(empty));
  };

  /** An agent without its file and net sides; `heard` is what it would have told them. */
  const start = async () => {
    const heard: string[] = [];
    let notifyHeard: () => void = () => undefined;
    const hear = (what: string) => {
      heard.push(what);
      notifyHeard();
    };
    const folders: FolderSync = {
      configure: ({ revision }) => hear(`desired ${revision}`),
      offerHead: (folder) => hear(`head ${folder}`),
      reports: () => [],
      onDidChange: () => ({ dispose: () => undefined }),
      stop: () => Promise.resolve(),
    };
    const queue = await openOutbox({
      files: memoryOutboxFiles(),
      reportIds: (after) => createReportIds(Date.now, (count) => new Uint8Array(count), after),
      log: silentLog,
    });
    const recentLog = createLogRing(() => 1);
    const control = createControl({
      recentLog,
      mqttUrl: () => broker.url,
      layout,
      identity,
      clock: hurriedClock,
      random: () => 0.5,
      log: silentLog,
      queue,
      counters: createTrafficCounters(),
      peers: { live: () => [], onDidChange: () => ({ dispose: () => undefined }) },
      folders,
      followers: [folders],
      usage: () => ({ rssBytes: 1, cpuMs: 1 }),
      facts: async () => ({ protocol: 1, version: '1', hostname: 'pc', platform: 'linux', addresses: [] }),
    });
    await control.resume();
    const ending = new AbortController();
    const running = control.run(ending.signal);
    const stop = async () => {
      ending.abort();
      await running;
    };
    onTestFinished(stop);
    const hearing = (what: string) =>
      new Promise<void>((resolve) => {
        const look = () => {
          if (heard.includes(what)) resolve();
        };
        notifyHeard = look;
        look();
      });
    return { control, queue, recentLog, heard, hearing, stop };
  };

  const presences = () =>
    broker.published
      .filter(({ topic }) => topic === agentTopic('presence', agent))
      .map(({ payload }) => (payload as { online: boolean }).online);
  return { broker, agent: agent as AgentId, identity, desired, head, start, presences };
}

test('an agent says it is there, follows what is retained for it, and says goodbye', async () => {
  const { broker, agent, desired, head, start, presences } = await office();
  await broker.publish(agentTopic('desired', agent), desired(1, [plans]), true);
  await broker.publish(headTopic(plans), JSON.stringify(head(plans)), true);
  const { heard, hearing, stop } = await start();
  await hearing(`head ${plans}`);
  expect(heard).toEqual(['desired 1', `head ${plans}`]);
  await broker.until(() => broker.published.some(({ topic }) => topic === agentTopic('reported', agent)));
  expect(broker.published.find(({ topic }) => topic === agentTopic('reported', agent))).toMatchObject({
    retain: true,
    qos: 1,
  });
  await stop();
  await broker.until(() => presences().length >= 2);
  expect(presences().findLastIndex((online) => online)).toBe(0);
});

test('only the difference of folders is subscribed to when the desired state changes', async () => {
  const { broker, agent, desired, head, start } = await office();
  for (const folder of [plans, photos]) await broker.publish(headTopic(folder), JSON.stringify(head(folder)), true);
  await broker.publish(agentTopic('desired', agent), desired(1, [plans]), true);
  const { hearing } = await start();
  await hearing('desired 1');
  await broker.until(() => broker.subscribed.includes(headTopic(plans)));
  await broker.publish(agentTopic('desired', agent), desired(2, [plans, photos]), true);
  await broker.until(() => broker.subscribed.includes(headTopic(photos)));
  expect(broker.subscribed).toEqual([
    agentTopic('desired', agent),
    agentTopic('ack', agent),
    agentTopic('command', agent),
    headTopic(plans),
    headTopic(photos),
  ]);
});

test('a head that is refused at first is asked for again', async () => {
  const { broker, agent, desired, head, start } = await office();
  broker.refuse.add(headTopic(plans));
  await broker.publish(headTopic(plans), JSON.stringify(head(plans)), true);
  await broker.publish(agentTopic('desired', agent), desired(1, [plans]), true);
  const { hearing } = await start();
  await hearing('desired 1');
  await broker.until(() => broker.published.some(({ topic }) => topic === agentTopic('reported', agent)));
  broker.refuse.clear();
  await hearing(`head ${plans}`);
});

test('what was said before its rights came is asked for again, and what came is not', async () => {
  const { broker, agent, desired, head, start } = await office();
  await broker.publish(agentTopic('desired', agent), desired(1, [plans, photos]), true);
  await broker.publish(headTopic(photos), JSON.stringify(head(photos)), true);
  const { hearing } = await start();
  await hearing(`head ${photos}`);
  const asked = (topic: string) => broker.subscribed.filter((each) => each === topic).length;
  // On a busy machine they may have been asked for more than once before they came.
  const came = [headTopic(photos), agentTopic('desired', agent)];
  const before = came.map(asked);
  const askedForPlans = asked(headTopic(plans));
  await broker.until(() => asked(headTopic(plans)) > askedForPlans + 1);
  await broker.publish(headTopic(plans), JSON.stringify(head(plans)), true);
  await hearing(`head ${plans}`);
  expect(came.map(asked)).toEqual(before);
});

test('after a cut connection the agent is back with all its subscriptions', async () => {
  const { broker, agent, desired, head, start, presences } = await office();
  await broker.publish(headTopic(plans), JSON.stringify(head(plans)), true);
  await broker.publish(agentTopic('desired', agent), desired(1, [plans]), true);
  const { hearing } = await start();
  await hearing('desired 1');
  await broker.until(() => broker.subscribed.includes(headTopic(plans)));
  broker.subscribed.length = 0;
  broker.cut();
  await broker.until(() => broker.subscribed.length === 4);
  await broker.until(() => presences().at(-1) === true);
  expect([...broker.subscribed].sort()).toEqual(
    [agentTopic('ack', agent), agentTopic('command', agent), agentTopic('desired', agent), headTopic(plans)].sort(),
  );
});

test('a forged desired state changes nothing and is reported until it is acknowledged', async () => {
  const { broker, agent, desired, start } = await office();
  const forger = createSigner(generateSigningKeyPem());
  const { heard, hearing, queue } = await start();
  await broker.publish(agentTopic('desired', agent), desired(1, [plans]), true);
  await hearing('desired 1');
  await broker.publish(agentTopic('desired', agent), desired(2, [plans, photos], forger), true);
  const reports = () => broker.published.filter(({ topic }) => topic === agentTopic('event', agent));
  await broker.until(() => reports().length > 0);
  const { id, events } = Report.parse(reports()[0]?.payload);
  expect(events).toMatchObject([
    { kind: 'desired.rejected', code: 'chain.signature_invalid' } satisfies Partial<AgentEvent>,
  ]);
  expect(heard).toEqual(['desired 1']);
  await broker.publish(agentTopic('ack', agent), JSON.stringify({ v: 1, ids: [id] }));
  await expect.poll(() => queue.stats().reports).toBe(0);
});

test('without a broker an office goes on from the last good desired state and heads', async () => {
  const { broker, agent, desired, head, start } = await office();
  const forger = createSigner(generateSigningKeyPem());
  await broker.publish(agentTopic('desired', agent), desired(7, [plans, photos]), true);
  await broker.publish(headTopic(plans), JSON.stringify(head(plans)), true);
  await broker.publish(headTopic(photos), JSON.stringify(head(photos, forger)), true);
  const first = await start();
  await first.hearing(`head ${photos}`);
  await first.hearing(`head ${plans}`);
  await first.stop();
  await broker.close();
  const second = await start();
  expect(second.heard).toEqual(['desired 7', `head ${plans}`]);
  await expect.poll(() => second.control.link.problem?.code).toBe('broker.unreachable');
});

test('messages that are not what they should be disturb nobody', async () => {
  const { broker, agent, desired, start } = await office();
  const { hearing } = await start();
  await broker.until(() => broker.subscribed.length === 3);
  await broker.publish(agentTopic('ack', agent), 'rubbish');
  await broker.publish(agentTopic('ack', agent), 'x'.repeat(20_000));
  await broker.publish(agentTopic('desired', agent), '{}', true);
  await broker.publish(agentTopic('desired', agent), desired(1, []), true);
  await hearing('desired 1');
});

test('with a renewed certificate comes a new session', async () => {
  const { broker, identity, start, presences } = await office();
  await start();
  await broker.until(() => presences().length === 1);
  const { certificate, ca } = identity.tls();
  await identity.replace({ certificate, ca, signingKeys: [...identity.signingKeys()] });
  await broker.until(() => presences().slice(1).at(-1) === true);
});

test('the log goes out when the console asks, in the agent’s own name, and a command from the future is ignored', async () => {
  const { broker, agent, start } = await office();
  const { recentLog } = await start();
  recentLog.take('info', { part: 'folders' }, 'before anybody asked');
  await broker.until(() => broker.subscribed.includes(agentTopic('command', agent)));
  const batches = () =>
    broker.published.flatMap(({ topic, payload, qos, retain }) =>
      topic === agentTopic('log', agent) ? [{ batch: LogBatch.parse(payload), qos, retain }] : [],
    );
  const ask = (command: object) => broker.publish(agentTopic('command', agent), JSON.stringify({ v: 1, ...command }));
  await ask({ id: 'cmd-aaaaaaaaaaaaaaaa', kind: 'explode', level: 'info', forMs: 1000 });
  await ask({ id: 'rubbish', kind: 'log', level: 'info', forMs: 1000 });
  expect(batches()).toEqual([]);
  await ask({ id: 'cmd-bbbbbbbbbbbbbbbb', kind: 'log', level: 'info', forMs: 600_000 });
  await broker.until(() => batches().length > 0);
  expect(batches()[0]).toMatchObject({
    qos: 0,
    retain: false,
    batch: {
      command: 'cmd-bbbbbbbbbbbbbbbb',
      startedAtMs: 1,
      dropped: 0,
      lines: [{ line: 1, message: 'before anybody asked' }],
    },
  });
});

test('a broker that knows no commands is asked for them once a session, and for heads again and again', async () => {
  const { broker, agent, desired, start } = await office();
  broker.refuse.add(agentTopic('command', agent)).add(headTopic(plans));
  await broker.publish(agentTopic('desired', agent), desired(1, [plans]), true);
  await start();
  const asked = (filter: string) => broker.subscribed.filter((topic) => topic === filter).length;
  await broker.until(() => asked(headTopic(plans)) === 3);
  expect(asked(agentTopic('command', agent))).toBe(1);
});
