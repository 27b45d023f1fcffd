import { describe, expect, it } from 'vitest';
import { offsetFrom } from './server-clock.ts';

const at = Date.parse('2026-11-23T12:00:00Z');
const header = new Date(at).toUTCString();
const DAY_MS = 86_400_000;

describe('the server’s clock', () => {
  it('is the browser’s when they agree within a minute', () => {
    expect(offsetFrom(header, at - 200, at + 900)).toBe(0);
    expect(offsetFrom(header, at + 40_000, at + 40_100)).toBe(0);
  });

  it('is ahead or behind when the browser’s is off', () => {
    expect(offsetFrom(header, at - DAY_MS, at - DAY_MS + 100)).toBeCloseTo(DAY_MS, -3);
    expect(offsetFrom(header, at + DAY_MS, at + DAY_MS + 100)).toBeCloseTo(-DAY_MS, -3);
  });

  it('stays unknown without a date, after a long wait, and when the clock was set meanwhile', () => {
    expect(offsetFrom(null, at, at)).toBeUndefined();
    expect(offsetFrom('yesterday', at, at)).toBeUndefined();
    expect(offsetFrom(header, at - 120_000, at)).toBeUndefined();
    expect(offsetFrom(header, at, at - 5)).toBeUndefined();
  });
});
