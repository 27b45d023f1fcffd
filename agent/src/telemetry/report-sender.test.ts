import { type FolderId, HarpError, type Report } from '@harp/broker/protocol';
import { expect, onTestFinished, test } from 'vitest';
import { fakeClock } from '../../test/fakes/fake-clock.ts';
import { memoryOutboxFiles } from '../../test/fakes/memory-outbox-files.ts';
import { silentLog } from '../../test/fakes/silent-log.ts';
import { createWake } from '../wake.ts';
import { openOutbox } from './outbox.ts';
import { createReportIds } from './report-id.ts';
import { createReportSender } from './report-sender.ts';

const folder = 'fld-aaaaaaaaaaaaaaaa' as FolderId;

async function sending() {
  const clock = fakeClock();
  const queue = await openOutbox({
    files: memoryOutboxFiles(),
    reportIds: (after) =>
      createReportIds(
        () => clock.nowMs(),
        (count) => new Uint8Array(count),
        after,
      ),
    log: silentLog,
  });
  const wake = createWake(clock);
  queue.onDidRecord(() => wake.notify());
  const sent: Report[] = [];
  const channel = {
    connected: true,
    send: (report: Report) => {
      sent.push(report);
      return Promise.resolve();
    },
  };
  const sender = createReportSender({ queue, channel, clock, log: silentLog, wake });
  const stop = new AbortController();
  const running = sender.run(stop.signal);
  onTestFinished(async () => {
    stop.abort();
    await running;
    await queue.close();
  });
  const record = (seq: number) => queue.record({ kind: 'folder.completed', atMs: seq, folder, seq });
  return { clock, queue, channel, sender, sent, record, wake };
}

test('events of three seconds share a report, and an acknowledged report is not sent again', async () => {
  const { clock, queue, sent, record, wake } = await sending();
  await record(1);
  await clock.advance(1_000);
  await record(2);
  expect(sent).toEqual([]);
  await clock.advance(2_500);
  expect(sent.map(({ events }) => events.map(({ atMs }) => atMs))).toEqual([[1, 2]]);
  await queue.acknowledge(sent.map(({ id }) => id));
  wake.notify();
  await clock.advance(120_000);
  expect(sent).toHaveLength(1);
});

test('a report nobody acknowledges is sent after 30 s, then after twice that', async () => {
  const { clock, sent, record } = await sending();
  await record(1);
  await clock.advance(4_000);
  expect(sent).toHaveLength(1);
  await clock.advance(30_000);
  expect(sent).toHaveLength(2);
  await clock.advance(30_000);
  expect(sent).toHaveLength(2);
  await clock.advance(30_000);
  expect(sent).toHaveLength(3);
  expect(new Set(sent.map(({ id }) => id)).size).toBe(1);
});

test('without a connection nothing is sent; a new one gets everything at once', async () => {
  const { clock, channel, sender, sent, record, queue } = await sending();
  channel.connected = false;
  for (let seq = 1; seq <= 3; seq++) {
    await record(seq);
    await queue.seal();
  }
  await clock.advance(60_000);
  expect(sent).toEqual([]);
  channel.connected = true;
  sender.reconnected();
  await clock.advance(1_000);
  expect(sent.flatMap(({ events }) => events.map(({ atMs }) => atMs))).toEqual([1, 2, 3]);
});

test('a connection that breaks while sending loses nothing', async () => {
  const { clock, channel, sender, sent, record } = await sending();
  channel.send = () => Promise.reject(new HarpError('broker.unreachable', 'gone'));
  await record(1);
  await clock.advance(4_000);
  channel.send = (report) => {
    sent.push(report);
    return Promise.resolve();
  };
  sender.reconnected();
  await clock.advance(1_000);
  expect(sent).toHaveLength(1);
});

test('a backlog goes out a few reports at a time, and reports that are never acknowledged do not hold it up', async () => {
  const { clock, queue, channel, sent, record, sender } = await sending();
  channel.connected = false;
  for (let seq = 1; seq <= 12; seq++) {
    await record(seq);
    await queue.seal();
  }
  channel.connected = true;
  sender.reconnected();
  await clock.advance(1_000);
  expect(sent).toHaveLength(4);
  await clock.advance(120_000);
  expect(new Set(sent.map(({ id }) => id)).size).toBe(12);
});
