import { expect, test } from 'vitest';
import { nextPart } from './focus-parts.ts';

test('F6 goes round the parts that are shown', () => {
  const shown = ['title', 'activity', 'editors', 'status'] as const;
  expect(nextPart(shown, 'activity', 1)).toBe('editors');
  expect(nextPart(shown, 'status', 1)).toBe('title');
  expect(nextPart(shown, 'title', -1)).toBe('status');
  expect(nextPart(shown, undefined, 1)).toBe('title');
  expect(nextPart(shown, undefined, -1)).toBe('status');
  expect(nextPart([], 'title', 1)).toBeUndefined();
});
