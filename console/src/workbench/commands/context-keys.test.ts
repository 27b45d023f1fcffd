import { expect, test } from 'vitest';
import { createContextKeys } from './context-keys.ts';

test('listeners hear which facts changed, once per update', () => {
  const context = createContextKeys({ a: 1 });
  const heard: string[][] = [];
  const stop = context.onDidChange((changed) => heard.push([...changed]));
  context.update({ a: 1, b: 2, c: 3 });
  context.set('b', 2);
  context.set('c', undefined);
  stop();
  context.set('a', 9);
  expect(heard).toEqual([['b', 'c'], ['c']]);
  expect(context.get('c')).toBeUndefined();
});

test('a condition follows the facts; none always holds', () => {
  const context = createContextKeys();
  expect(context.holds(undefined)).toBe(true);
  expect(context.holds('treeFocus')).toBe(false);
  context.set('treeFocus', true);
  expect(context.holds('treeFocus && !inputFocus')).toBe(true);
});

test('a listener that leaves while it is told harms no other', () => {
  const context = createContextKeys();
  const heard: string[] = [];
  const stop = context.onDidChange(() => {
    heard.push('first');
    stop();
  });
  context.onDidChange(() => heard.push('second'));
  context.set('a', 1);
  context.set('a', 2);
  expect(heard).toEqual(['first', 'second', 'second']);
});
