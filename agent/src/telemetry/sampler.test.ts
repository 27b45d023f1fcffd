import type { FolderId, Telemetry } from '@harp/broker/protocol';
import { expect, onTestFinished, test } from 'vitest';
import { fakeClock } from '../../test/fakes/fake-clock.ts';
import { runSampler } from './sampler.ts';
import { createTrafficCounters } from './traffic-counters.ts';

const plans = 'fld-aaaaaaaaaaaaaaaa' as FolderId;
const photos = 'fld-bbbbbbbbbbbbbbbb' as FolderId;

function sampling() {
  const clock = fakeClock();
  const counters = createTrafficCounters();
  const sent: Telemetry[] = [];
  const channel = {
    connected: true,
    send: async (sample: Telemetry) => void sent.push(sample),
  };
  let cpuMs = 500;
  const usage = () => {
    cpuMs += 10;
    return { rssBytes: 90_000_000, cpuMs };
  };
  const stop = new AbortController();
  const running = runSampler({ counters, clock, random: () => 0.5, channel, peers: () => 3, usage }, stop.signal);
  onTestFinished(async () => {
    stop.abort();
    await running;
    expect(clock.sleepers).toBe(0);
  });
  return { clock, counters, sent, channel };
}

test('while nothing moves there is a sample a minute', async () => {
  const { clock, sent } = sampling();
  await clock.advance(600_000);
  expect(sent).toHaveLength(10);
  expect(sent[0]).toMatchObject({ peers: 3, rssBytes: 90_000_000, cpuMs: 10, traffic: [] });
});

test('while bytes move there is a sample every ten seconds, and the sums are right', async () => {
  const { clock, counters, sent } = sampling();
  for (let second = 0; second < 60; second++) {
    counters.add(plans, 'fromPeers', 100);
    if (second % 2 === 0) counters.add(photos, 'served', 7);
    await clock.advance(1_000);
  }
  expect(sent).toHaveLength(6);
  const sum = sent
    .flatMap(({ traffic }) => traffic)
    .reduce((total, { fromPeers, served }) => total + fromPeers + served, 0);
  expect(sum).toBe(60 * 100 + 30 * 7);
  expect(sent.reduce((total, { intervalMs }) => total + intervalMs, 0)).toBe(60_000);
});

test('what moves while the broker is away is told afterwards, with the time it took', async () => {
  const { clock, counters, sent, channel } = sampling();
  channel.connected = false;
  counters.add(plans, 'fromOrigin', 42);
  await clock.advance(100_000);
  channel.connected = true;
  await clock.advance(10_000);
  expect(sent).toMatchObject([{ traffic: [{ folder: plans, fromOrigin: 42 }] }]);
  expect(sent[0]?.intervalMs).toBeGreaterThan(100_000);
});
