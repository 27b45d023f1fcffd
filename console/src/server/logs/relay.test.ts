import { expect, test } from 'vitest';
import { createLogRelay, type SupervisorLines } from './relay.ts';

function channel() {
  const received: SupervisorLines['harpLog'] = [];
  const taken: (() => void)[] = [];
  return {
    received,
    connected: true,
    send(message: SupervisorLines, done: (error: Error | null) => void) {
      received.push(...message.harpLog);
      taken.push(() => done(null));
    },
    /** Reads everything there is. */
    drain() {
      for (let take = taken.shift(); take !== undefined; take = taken.shift()) take();
    },
  };
}

test('a console server hears what was said before it started, and again after it was restarted', () => {
  const relay = createLogRelay();
  relay.own('starting');
  relay.fromBroker({ log: 'listening' });
  relay.fromBroker('rubbish');
  const first = channel();
  relay.use(first);
  first.drain();
  relay.fromBroker({ log: 'more', dropped: 2 });
  first.drain();
  const expected = [
    { from: 'supervisor', log: 'starting' },
    { from: 'broker', log: 'listening' },
    { from: 'broker', log: 'more', dropped: 2 },
  ];
  expect(first.received).toEqual(expected);
  first.connected = false;
  const second = channel();
  relay.use(second);
  second.drain();
  expect(second.received).toEqual(expected);
});

test('a console server that does not read has one message under way, and is told how many lines it missed', () => {
  const relay = createLogRelay(10);
  const slow = channel();
  relay.use(slow);
  for (let line = 0; line < 100; line++) relay.own(`${line}`);
  expect(slow.received.map(({ log }) => log)).toEqual(['0']);
  slow.drain();
  expect(slow.received.map(({ log }) => log)).toEqual([
    '0',
    ...Array.from({ length: 10 }, (_, index) => `${90 + index}`),
  ]);
  expect(slow.received[1]).toMatchObject({ log: '90', dropped: 89 });
});
