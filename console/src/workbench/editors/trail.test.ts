import { expect, test } from 'vitest';
import { advance, canGoBack, canGoForward, moveTo, trailFrom } from './trail.ts';

test('a fresh page goes nowhere', () => {
  const trail = trailFrom(undefined);
  expect([canGoBack(trail), canGoForward(trail)]).toEqual([false, false]);
});

test('after steps and one back, both ways are open', () => {
  const trail = moveTo(advance(advance(trailFrom(undefined))), 1);
  expect([canGoBack(trail), canGoForward(trail)]).toEqual([true, true]);
});

test('a new step forgets what lay ahead', () => {
  const trail = advance(moveTo(advance(advance(trailFrom(undefined))), 0));
  expect(trail).toEqual({ position: 1, last: 1 });
});

test('a page that was loaded again knows its way back', () => {
  const trail = trailFrom(3);
  expect([canGoBack(trail), canGoForward(trail)]).toEqual([true, false]);
});
