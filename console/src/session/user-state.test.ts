import { describe, expect, test, vi } from 'vitest';
import type { StateKey } from '../workbench/state-port.ts';
import { openUserState, type UserStateOptions } from './user-state.ts';

function storage(initial: Record<string, string> = {}) {
  const kept = new Map(Object.entries(initial));
  return {
    kept,
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  };
}

function options(more: Partial<UserStateOptions> = {}) {
  const timers: { ms: number; run: () => void }[] = [];
  const given: UserStateOptions = {
    userName: 'ada',
    storage: storage(),
    ask: async () => null,
    store: vi.fn(async () => undefined),
    choose: (_key, _local, remote) => remote,
    after(ms, run) {
      const timer = { ms, run };
      timers.push(timer);
      return () => void timers.splice(timers.indexOf(timer), 1);
    },
    ...more,
  };
  /** Lets every timer that is set now end. */
  const elapse = () => {
    for (const { run } of timers.splice(0)) run();
  };
  return { given, elapse };
}

describe('what a user’s workbench keeps', () => {
  test('comes from the server when it answers', async () => {
    const { given } = options({ ask: async (key: StateKey) => (key === 'settings' ? { a: 1 } : null) });
    const state = await openUserState(given);
    expect(state.read('settings')).toEqual({ a: 1 });
    expect(state.read('layout')).toBeUndefined();
  });

  test('comes from this browser when the server is slow, and from the server later', async () => {
    let answer: (value: unknown) => void = () => undefined;
    const { given, elapse } = options({
      storage: storage({ 'harp.state.ada.settings': '{"a":1}' }),
      ask: (key) => (key === 'settings' ? new Promise((resolve) => (answer = resolve)) : Promise.resolve(null)),
    });
    const opening = openUserState(given);
    elapse();
    const state = await opening;
    expect(state.read('settings')).toEqual({ a: 1 });
    answer({ a: 2 });
    expect(await state.later('settings')).toEqual({ a: 2 });
  });

  test('is this browser’s alone while the server knows nothing of it', async () => {
    const { given } = options({
      storage: storage({ 'harp.state.ada.layout': '{"v":1}' }),
      ask: () => Promise.reject(new Error('404')),
    });
    const state = await openUserState(given);
    expect(state.read('layout')).toEqual({ v: 1 });
    expect(await state.later('layout')).toEqual({ v: 1 });
  });

  test('keeps a change that the server was never told, and tells it', async () => {
    const kept = storage();
    const first = options({ storage: kept });
    (await openUserState(first.given)).save('settings', { a: 2 });
    // The page ends before anything was sent.
    const next = options({ storage: kept, ask: async () => ({ a: 1 }) });
    const state = await openUserState(next.given);
    expect(state.read('settings')).toEqual({ a: 2 });
    expect(next.given.store).toHaveBeenCalledWith('settings', { a: 2 });
    await Promise.resolve();
    const last = options({ storage: kept, ask: async () => ({ a: 3 }) });
    expect((await openUserState(last.given)).read('settings')).toEqual({ a: 3 });
  });

  test('is another user’s own', async () => {
    const shared = storage({ 'harp.state.bob.layout': '{"v":1}' });
    expect((await openUserState(options({ storage: shared }).given)).read('layout')).toBeUndefined();
  });

  test('is sent once for changes that follow each other quickly', async () => {
    const { given, elapse } = options();
    const state = await openUserState(given);
    elapse();
    state.save('layout', 1);
    state.save('layout', 2);
    state.save('settings', 3);
    expect(state.read('layout')).toBe(2);
    elapse();
    expect(vi.mocked(given.store).mock.calls).toEqual([
      ['layout', 2],
      ['settings', 3],
    ]);
  });

  test('that was changed here is not taken back by a late answer', async () => {
    let answer: (value: unknown) => void = () => undefined;
    const { given, elapse } = options({
      ask: (key) => (key === 'settings' ? new Promise((resolve) => (answer = resolve)) : Promise.resolve(null)),
    });
    const opening = openUserState(given);
    elapse();
    const state = await opening;
    state.save('settings', 'mine');
    answer('old');
    expect(await state.later('settings')).toBe('mine');
  });

  test.each([
    { name: 'forbidden', broken: undefined },
    {
      name: 'full',
      broken: {
        getItem: () => null,
        setItem() {
          throw new Error('full');
        },
      },
    },
    { name: 'spoilt', broken: { getItem: () => '{', setItem() {} } },
  ])('survives storage that is $name', async ({ broken }) => {
    const state = await openUserState(options({ storage: broken }).given);
    state.save('layout', 1);
    expect(state.read('layout')).toBe(1);
  });
});
