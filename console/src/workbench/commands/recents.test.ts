import { expect, test } from 'vitest';
import { createRecents } from './recents.ts';

function memoryStorage(initial: Record<string, string> = {}) {
  const values = new Map(Object.entries(initial));
  return {
    getItem: (key: string) => values.get(key) ?? null,
    setItem: (key: string, value: string) => void values.set(key, value),
  };
}

test('the newest comes first, once, and the list is bounded', () => {
  const recents = createRecents(memoryStorage(), 'k', 3);
  for (const id of ['a', 'b', 'a', 'c', 'd']) recents.touch(id);
  expect(recents.list()).toEqual(['d', 'c', 'a']);
});

test('they survive a reload', () => {
  const storage = memoryStorage();
  createRecents(storage, 'k').touch('a');
  expect(createRecents(storage, 'k').list()).toEqual(['a']);
  createRecents(storage, 'k').clear();
  expect(createRecents(storage, 'k').list()).toEqual([]);
});

test.each(['{', '{"a":1}', '[1]', 'null'])('what someone else left there (%s) counts as nothing', (text) => {
  expect(createRecents(memoryStorage({ k: text }), 'k').list()).toEqual([]);
});

test('a storage that refuses costs nothing but the memory', () => {
  const refusing = {
    getItem: (): string => {
      throw new Error('denied');
    },
    setItem: (): void => {
      throw new Error('full');
    },
  };
  const recents = createRecents(refusing, 'k');
  recents.touch('a');
  expect(recents.list()).toEqual(['a']);
  expect(createRecents(undefined, 'k').list()).toEqual([]);
});
