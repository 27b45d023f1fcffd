import { describe, expect, test } from 'vitest';
import type { WorkbenchServices } from '../services.tsx';
import { createAnnouncer, QUIET_MS } from './announcer.ts';
import { createNotifications, hidesByItself, type Notice } from './notifications.ts';

/** Timers that fire when the test says so. */
function fakeTimers() {
  let now = 0;
  let waiting: { at: number; run: () => void }[] = [];
  return {
    set: (run: () => void, delayMs: number) => waiting.push({ at: now + delayMs, run }),
    clear: () => {},
    advance: (ms: number) => {
      now += ms;
      const due = waiting.filter(({ at }) => at <= now);
      waiting = waiting.filter(({ at }) => at > now);
      for (const { run } of due) run();
    },
  };
}

function setUp(stored = new Map<string, string>()) {
  const text: WorkbenchServices['text'] = ({ id }, values = {}) => `${id}(${Object.values(values).join(', ')})`;
  let now = 0;
  const make = () =>
    createNotifications({
      services: () => ({ text }) as WorkbenchServices,
      timers: fakeTimers(),
      nowMs: () => {
        now += 1;
        return now;
      },
      local: { getItem: (key) => stored.get(key) ?? null, setItem: (key, value) => void stored.set(key, value) },
    });
  return { notifications: make(), again: make };
}
const info = (message: string, more: Partial<Notice> = {}): Notice => ({ severity: 'info', message, ...more });

describe('notifications', () => {
  test('one at a time in the corner, in the order they came; all of them in the list, newest first', () => {
    const { notifications } = setUp();
    for (const message of ['a', 'b', 'c']) notifications.show(info(message));
    const { notification, waiting } = notifications.toast();
    expect([notification?.message, waiting, notifications.unread()]).toEqual(['a', 2, 3]);
    notifications.hideToast(notification!.id);
    expect([notifications.toast().notification?.message, notifications.toast().waiting]).toEqual(['b', 1]);
    expect(notifications.list().map(({ message }) => message)).toEqual(['c', 'b', 'a']);
  });

  test('the same again is counted, not piled up', () => {
    const { notifications } = setUp();
    for (let time = 0; time < 1_000; time += 1) notifications.show(info('server away', { source: 'Live' }));
    notifications.show(info('server away', { source: 'Other' }));
    expect(notifications.list().map(({ count }) => count)).toEqual([1, 1_000]);
  });

  test('a newer one about the same replaces the older', () => {
    const { notifications } = setUp();
    notifications.show(info('10 agents away', { key: 'away' }));
    notifications.show(info('12 agents away', { key: 'away' }));
    expect(notifications.list().map(({ message }) => message)).toEqual(['12 agents away']);
  });

  test('a silenced key is not shown again, also after a reload, until all are shown again', () => {
    const { notifications, again } = setUp();
    notifications.show(info('a', { key: 'k' }));
    notifications.silence('k');
    expect(notifications.list()).toEqual([]);
    const reloaded = again();
    reloaded.show(info('a', { key: 'k' }));
    expect([reloaded.list().length, reloaded.hasSilenced()]).toEqual([0, true]);
    reloaded.unsilenceAll();
    reloaded.show(info('a', { key: 'k' }));
    expect(reloaded.list().length).toBe(1);
  });

  test('opening the centre reads everything, and nothing pops up beside it', () => {
    const { notifications } = setUp();
    notifications.show(info('a'));
    notifications.openCentre();
    notifications.show(info('b'));
    expect([notifications.unread(), notifications.toast().notification, notifications.list().length]).toEqual([
      0,
      undefined,
      2,
    ]);
    notifications.closeCentre();
    expect(notifications.unread()).toBe(0);
  });

  test('no more are kept than anybody reads', () => {
    const { notifications } = setUp();
    for (let number = 0; number < 500; number += 1) notifications.show(info(`${number}`));
    expect([notifications.list().length, notifications.list()[0]?.message]).toEqual([100, '499']);
  });

  test('an action ends its notification; one that fails is said', async () => {
    const { notifications } = setUp();
    const ran: string[] = [];
    const good = { label: 'Good', run: () => void ran.push('good') };
    const bad = { label: 'Bad', run: () => Promise.reject(new Error('no')) };
    notifications.show(info('a', { actions: [good, bad] }));
    await notifications.runAction(notifications.list()[0]!, good);
    expect([ran, notifications.list()]).toEqual([['good'], []]);
    notifications.show(info('a', { actions: [bad] }));
    await notifications.runAction(notifications.list()[0]!, bad);
    expect(notifications.list().map(({ severity, message }) => [severity, message])).toEqual([
      ['error', 'workbench.notifications.failed(Bad, no)'],
    ]);
  });

  test.each([
    { notice: info('a'), byItself: true },
    { notice: { severity: 'warning', message: 'a' } as const, byItself: true },
    { notice: { severity: 'error', message: 'a' } as const, byItself: false },
    { notice: info('a', { actions: [{ label: 'Undo', run: () => {} }] }), byItself: false },
  ])('$notice.severity leaves the corner by itself: $byItself', ({ notice, byItself }) => {
    expect(hidesByItself(notice)).toBe(byItself);
  });
});

describe('the announcer', () => {
  test('speaks at once, then not for 5 s, then of all that waited', () => {
    const timers = fakeTimers();
    const announcer = createAnnouncer(timers, (sentences) => `${sentences.length}: ${sentences.at(-1)}`);
    const heard: string[] = [];
    announcer.onDidChange(() => heard.push(announcer.spoken));
    for (const sentence of ['a', 'b', 'c']) announcer.announce(sentence);
    expect(heard).toEqual(['a']);
    timers.advance(QUIET_MS - 1);
    expect(heard).toEqual(['a']);
    timers.advance(1);
    expect(heard).toEqual(['a', '2: c']);
    announcer.announce('d');
    timers.advance(QUIET_MS);
    expect(heard).toEqual(['a', '2: c', 'd']);
    timers.advance(QUIET_MS);
    announcer.announce('e');
    expect(heard.at(-1)).toBe('e');
  });

  test('says the same sentence again when it is said again', () => {
    const timers = fakeTimers();
    const announcer = createAnnouncer(timers, (sentences) => sentences.join());
    announcer.announce('a');
    timers.advance(QUIET_MS);
    const first = announcer.spoken;
    announcer.announce('a');
    expect(announcer.spoken).not.toBe(first);
    expect(announcer.spoken.trim()).toBe('a');
  });
});
