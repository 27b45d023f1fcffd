import { expect, test } from 'vitest';
import { type LogCopy, withCopies } from './log-relay.ts';

function relay() {
  const printed: string[] = [];
  const copies: LogCopy[] = [];
  const taken: (() => void)[] = [];
  const parent = {
    connected: true,
    send(copy: LogCopy, done: (error: Error | null) => void) {
      copies.push(copy);
      taken.push(() => done(null));
    },
  };
  return { printed, copies, taken, parent, sink: withCopies({ write: (line) => void printed.push(line) }, parent) };
}

test('every line is printed and copied', () => {
  const { printed, copies, sink } = relay();
  sink.write('one\n');
  expect([printed, copies]).toEqual([['one\n'], [{ log: 'one\n' }]]);
});

test('without a supervisor lines are only printed', () => {
  const { printed, copies, parent, sink } = relay();
  parent.connected = false;
  sink.write('one\n');
  expect([printed, copies]).toEqual([['one\n'], []]);
});

test('a supervisor that does not read costs a bounded number of copies, and hears how many it missed', () => {
  const { printed, copies, taken, sink } = relay();
  for (let line = 0; line < 1500; line++) sink.write(`${line}\n`);
  expect([printed.length, copies.length]).toEqual([1500, 1000]);
  for (const take of taken.splice(0)) take();
  sink.write('after\n');
  sink.write('later\n');
  expect(copies.slice(-2)).toEqual([{ log: 'after\n', dropped: 500 }, { log: 'later\n' }]);
});
