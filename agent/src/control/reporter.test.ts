import {
  type AgentId,
  type FolderId,
  type FolderReport,
  GENESIS_LINK,
  HarpError,
  type Reported,
} from '@harp/broker/protocol';
import { expect, onTestFinished, test } from 'vitest';
import { fakeClock } from '../../test/fakes/fake-clock.ts';
import { silentLog } from '../../test/fakes/silent-log.ts';
import { createWake } from '../wake.ts';
import { createReporter, type ReportedFacts, roundedFreeBytes } from './reporter.ts';

const folder: FolderReport = {
  id: 'fld-aaaaaaaaaaaaaaaa' as FolderId,
  seq: 3,
  link: GENESIS_LINK,
  state: 'syncing',
  filesTotal: 100,
  filesDone: 0,
  bytesTotal: 1000,
  bytesDone: 0,
};

function reporting(officeSize = 6) {
  const clock = fakeClock();
  const wake = createWake(clock);
  const sent: Reported[] = [];
  const channel = {
    connected: true,
    send: (reported: Reported): Promise<void> => {
      sent.push(reported);
      return Promise.resolve();
    },
  };
  let facts: ReportedFacts = {
    protocol: 1,
    version: '1',
    hostname: 'pc',
    platform: 'linux',
    addresses: ['10.0.0.1:8424'],
    peers: Array.from({ length: officeSize - 1 }, () => 'b'.repeat(52) as AgentId),
    desiredRevision: 1,
    folders: [folder],
  };
  const change = (changes: Partial<ReportedFacts>) => {
    facts = { ...facts, ...changes };
    wake.notify();
  };
  const changeFolder = (changes: Partial<FolderReport>) => change({ folders: [{ ...facts.folders[0]!, ...changes }] });
  const reporter = createReporter({
    clock,
    log: silentLog,
    wake,
    facts: () => Promise.resolve(facts),
    officeSize: () => officeSize,
    channel,
  });
  const stop = new AbortController();
  const running = reporter.run(stop.signal);
  onTestFinished(async () => {
    stop.abort();
    await running;
    expect(clock.sleepers).toBe(0);
  });
  return { clock, channel, sent, change, changeFolder, reporter, wake };
}

test('what has not changed is not sent again', async () => {
  const { clock, sent, wake } = reporting();
  await clock.advance(1_000);
  expect(sent).toHaveLength(1);
  for (let i = 0; i < 50; i++) {
    wake.notify();
    await clock.advance(1_000);
  }
  expect(sent).toHaveLength(1);
});

test.each([
  { agents: 2, seconds: 60, most: 13 },
  { agents: 6, seconds: 60, most: 9 },
  { agents: 20, seconds: 60, most: 2 },
  { agents: 500, seconds: 300, most: 6 },
])(
  'in an office of $agents, $seconds s of steady progress cost at most $most reports',
  async ({ agents, seconds, most }) => {
    const { clock, sent, changeFolder } = reporting(agents);
    for (let tick = 1; tick <= seconds * 4; tick++) {
      changeFolder({ bytesDone: tick });
      await clock.advance(250);
    }
    expect(sent.length).toBeLessThanOrEqual(most);
    expect(sent.length).toBeGreaterThanOrEqual(most / 2);
  },
);

test.each<{ what: string; change: (reporting_: ReturnType<typeof reporting>) => void }>([
  { what: 'a folder that is complete', change: ({ changeFolder }) => changeFolder({ state: 'complete' }) },
  {
    what: 'a folder that is blocked',
    change: ({ changeFolder }) => changeFolder({ state: 'blocked', reason: 'disk.full' }),
  },
  { what: 'a new address', change: ({ change }) => change({ addresses: ['10.0.0.2:8424'] }) },
])('$what is told within two seconds, in the middle of progress', async ({ change }) => {
  const set = reporting(60);
  await set.clock.advance(1_000);
  set.changeFolder({ bytesDone: 5 });
  await set.clock.advance(1_000);
  expect(set.sent).toHaveLength(1);
  change(set);
  await set.clock.advance(2_000);
  expect(set.sent).toHaveLength(2);
});

test('the last state of a busy time is always told in the end', async () => {
  const { clock, sent, change, changeFolder } = reporting(20);
  await clock.advance(500);
  changeFolder({ bytesDone: 999 });
  change({ peers: ['b'.repeat(52) as AgentId] });
  await clock.advance(60_000);
  expect(sent.at(-1)).toMatchObject({ peers: ['b'.repeat(52)], folders: [{ bytesDone: 999 }] });
});

test('a new session gets a report although nothing changed; without one nothing is sent', async () => {
  const { clock, channel, sent, reporter, changeFolder } = reporting();
  await clock.advance(1_000);
  channel.connected = false;
  changeFolder({ state: 'complete' });
  await clock.advance(60_000);
  expect(sent).toHaveLength(1);
  channel.connected = true;
  reporter.reconnected();
  await clock.advance(1_000);
  expect(sent).toHaveLength(2);
});

test('a report that did not get through is sent again', async () => {
  const { clock, channel, sent } = reporting();
  const { send } = channel;
  channel.send = () => Promise.reject(new HarpError('broker.unreachable', 'gone'));
  await clock.advance(1_000);
  channel.send = send;
  await clock.advance(5_000);
  expect(sent).toHaveLength(1);
});

test.each([
  [0, 0],
  [7, 7],
  [123_456_789, 120_000_000],
  [99_999, 99_000],
])('free space of %d bytes is reported as %d', (bytes, reported) => expect(roundedFreeBytes(bytes)).toBe(reported));
