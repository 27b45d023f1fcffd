import { expect, test } from 'vitest';
import { CHORD_TIMEOUT_MS, createDispatcher, NOTICE_MS } from './dispatcher.ts';
import { createResolver } from './resolver.ts';
import { effectiveBindings } from './rules.ts';

/** Timers that fire when the test says so. */
function fakeTimers() {
  let now = 0;
  let waiting: { at: number; run: () => void }[] = [];
  return {
    set: (run: () => void, delayMs: number) => {
      const timer = { at: now + delayMs, run };
      waiting.push(timer);
      return timer;
    },
    clear: (timer: unknown) => {
      waiting = waiting.filter((other) => other !== timer);
    },
    advance: (ms: number) => {
      now += ms;
      const due = waiting.filter(({ at }) => at <= now);
      waiting = waiting.filter(({ at }) => at > now);
      for (const { run } of due) run();
    },
    get count() {
      return waiting.length;
    },
  };
}

function setUp({ disabled = [] as string[] } = {}) {
  const timers = fakeTimers();
  const ran: string[] = [];
  const bindings = effectiveBindings(
    [
      { command: 'shortcuts', key: 'ctrl+k ctrl+s' },
      { command: 'side', key: 'ctrl+b', argument: 1 },
    ],
    [],
  );
  const dispatcher = createDispatcher({
    platform: 'linux',
    timers,
    resolve: createResolver(bindings, 'linux'),
    holds: () => true,
    canRun: (command) => !disabled.includes(command),
    run: ({ command }) => ran.push(command),
  });
  const states: string[] = [];
  dispatcher.onDidChange(() => states.push(dispatcher.state.kind));
  /** Presses a key and says whether it was taken from the page. */
  const press = (key: string, { ctrl = true, repeat = false } = {}) => {
    let taken = false;
    const preventDefault = () => {
      taken = true;
    };
    const event = { key, code: '', ctrlKey: ctrl, shiftKey: false, altKey: false, metaKey: false, repeat };
    dispatcher.handle({ ...event, preventDefault, stopPropagation: () => {} }, { editable: false, list: false });
    return taken;
  };
  return { timers, ran, dispatcher, states, press };
}

test('a chord runs its command and leaves nothing pending', () => {
  const { press, ran, states, timers } = setUp();
  expect([press('k'), press('s')]).toEqual([true, true]);
  expect(ran).toEqual(['shortcuts']);
  expect(states).toEqual(['pending', 'idle']);
  expect(timers.count).toBe(0);
});

test('a chord that is not completed in time expires, says so, and is forgotten', () => {
  const { press, ran, dispatcher, timers } = setUp();
  press('k');
  timers.advance(CHORD_TIMEOUT_MS - 1);
  expect(dispatcher.state).toEqual({ kind: 'pending', key: 'ctrl+k' });
  timers.advance(1);
  expect(dispatcher.state).toEqual({ kind: 'expired', key: 'ctrl+k' });
  expect(press('s')).toBe(false);
  timers.advance(NOTICE_MS);
  expect(dispatcher.state).toEqual({ kind: 'idle' });
  expect(ran).toEqual([]);
});

test('an unknown chord is said to be none, and takes the key so that nothing else happens', () => {
  const { press, dispatcher, ran } = setUp();
  press('k');
  expect(press('x')).toBe(true);
  expect(dispatcher.state).toEqual({ kind: 'unknown', key: 'ctrl+k ctrl+x' });
  press('b');
  expect(ran).toEqual(['side']);
  expect(dispatcher.state).toEqual({ kind: 'idle' });
});

test('modifiers pressed on the way and a held first stroke do not end the chord', () => {
  const { press, ran } = setUp();
  press('k');
  press('k', { repeat: true });
  press('Control');
  press('s');
  expect(ran).toEqual(['shortcuts']);
});

test('Escape and a lost focus forget the chord quietly', () => {
  const { press, dispatcher } = setUp();
  press('k');
  expect(press('Escape', { ctrl: false })).toBe(true);
  expect(dispatcher.state).toEqual({ kind: 'idle' });
  press('k');
  dispatcher.cancel();
  expect(dispatcher.state).toEqual({ kind: 'idle' });
});

test('a key whose command cannot run is taken and named', () => {
  const { press, dispatcher, ran } = setUp({ disabled: ['side'] });
  expect(press('b')).toBe(true);
  expect(ran).toEqual([]);
  expect(dispatcher.state).toEqual({ kind: 'disabled', key: 'ctrl+b', command: 'side' });
});

test('keys of nobody are left alone', () => {
  const { press, states } = setUp();
  expect(press('q')).toBe(false);
  expect(states).toEqual([]);
});
