import { expect, test } from 'vitest';
import { createContextKeys } from '../commands/context-keys.ts';
import { createKeybindings, type KeybindingStorage } from './keybindings.ts';
import type { UserRule } from './rules.ts';

function setUp(storage: KeybindingStorage) {
  const troubles: string[] = [];
  const context = createContextKeys();
  const keybindings = createKeybindings({
    keybindings: [
      { command: 'palette', key: 'ctrl+shift+p' },
      { command: 'palette', key: 'f1' },
      { command: 'close', key: 'ctrl+w', when: 'isPwa' },
      { command: 'close', key: 'alt+w' },
      { command: 'view', key: 'ctrl+k 1', argument: 1 },
    ],
    context,
    platform: 'windows',
    storage,
    timers: { set: () => 0, clear: () => {} },
    canRun: () => true,
    run: () => {},
    report: (trouble) => troubles.push(trouble),
  });
  return { keybindings, troubles, context };
}

function memoryStorage(stored: unknown = null) {
  const saved: (readonly UserRule[])[] = [];
  let arrive = () => {};
  const arrived = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  const storage: KeybindingStorage = {
    load: async () => {
      await arrived;
      return stored;
    },
    save: (rules) => void saved.push(rules),
  };
  return { storage, saved, arrive };
}
const settled = () => new Promise((resolve) => setImmediate(resolve));

test('the key shown is the first default, the one that applies now, or the user’s', () => {
  const { keybindings, context } = setUp(memoryStorage().storage);
  expect([keybindings.labelOf('palette'), keybindings.labelOf('close')]).toEqual(['Ctrl+Shift+P', 'Alt+W']);
  context.set('isPwa', true);
  expect(keybindings.labelOf('close')).toBe('Ctrl+W');
  keybindings.add('palette', 'alt+p');
  expect(keybindings.labelOf('palette')).toBe('Alt+P');
  expect([keybindings.labelOf('view'), keybindings.labelOf('nothing')]).toEqual([undefined, undefined]);
});

test('stored rules apply as soon as they are there', async () => {
  const { storage, arrive } = memoryStorage([{ key: 'alt+p', command: 'palette' }]);
  const { keybindings } = setUp(storage);
  let heard = 0;
  keybindings.onDidChange(() => {
    heard += 1;
  });
  arrive();
  await settled();
  expect([keybindings.keyOf('palette'), heard]).toEqual(['alt+p', 1]);
});

test('a change made before the stored rules arrive is applied on top of them and saved', async () => {
  const { storage, saved, arrive } = memoryStorage([{ key: 'alt+p', command: 'palette' }]);
  const { keybindings } = setUp(storage);
  keybindings.add('close', 'alt+q');
  expect(keybindings.keyOf('close')).toBe('alt+q');
  expect(saved).toEqual([]);
  arrive();
  await settled();
  const both = [
    { key: 'alt+p', command: 'palette' },
    { key: 'alt+q', command: 'close' },
  ];
  expect(saved).toEqual([both]);
  expect(keybindings.rules()).toEqual(both);
});

test('rules that could not be loaded are never overwritten; the next change asks again', async () => {
  const saved: (readonly UserRule[])[] = [];
  let fails = true;
  const { keybindings, troubles } = setUp({
    load: async () => {
      if (fails) throw new Error('away');
      return [{ key: 'alt+p', command: 'palette' }];
    },
    save: (rules) => void saved.push(rules),
  });
  await settled();
  expect(troubles).toEqual(['not-loaded']);
  keybindings.add('close', 'alt+q');
  await settled();
  expect(saved).toEqual([]);
  fails = false;
  keybindings.add('close', 'alt+r');
  await settled();
  expect(saved.at(-1)?.map(({ key }) => key)).toEqual(['alt+p', 'alt+q', 'alt+r']);
});

test('trouble with saving and with what was stored is reported', async () => {
  const { keybindings, troubles } = setUp({
    load: async () => [{ key: 'banana', command: 'a' }],
    save: async () => {
      throw new Error('full');
    },
  });
  await settled();
  keybindings.add('close', 'alt+q');
  await settled();
  expect(troubles).toEqual(['partly-refused', 'not-saved']);
});

test('reset brings the defaults back', async () => {
  const { storage, arrive, saved } = memoryStorage([
    { key: 'f1', command: '-palette' },
    { key: 'alt+c', command: 'close' },
  ]);
  const { keybindings } = setUp(storage);
  arrive();
  await settled();
  expect([keybindings.isModified('palette'), keybindings.all().length]).toEqual([true, 5]);
  keybindings.reset('palette');
  expect([keybindings.isModified('palette'), keybindings.isModified('close')]).toEqual([false, true]);
  keybindings.resetAll();
  expect(keybindings.isModified('close')).toBe(false);
  expect(saved.at(-1)).toEqual([]);
});
