import { describe, expect, test } from 'vitest';
import { firstLayout, laterLayout, readLayout, roomOf, shownParts, within } from './layout-state.ts';

describe('a stored layout', () => {
  test('comes back as it was', () => {
    const layout = {
      ...firstLayout,
      savedAtMs: 5,
      sideBar: { visible: false, width: 333, view: 'v' },
      collapsed: ['s'],
      editors: { any: 'thing' },
    };
    expect(readLayout(JSON.parse(JSON.stringify(layout)))).toEqual(layout);
  });

  test.each([undefined, null, 7, 'text', [], {}, { version: 99 }])('that is none is the first day’s (%#)', (stored) => {
    expect(readLayout(stored)).toEqual(firstLayout);
  });

  test('keeps what can be read of it', () => {
    const read = readLayout({
      version: 1,
      sideBar: { visible: false, width: 1e9, view: 'v' },
      panel: 'broken',
      collapsed: [1, 2],
    });
    expect(read).toEqual({ ...firstLayout, sideBar: { visible: false, width: 280, view: 'v' } });
  });

  test('loses to one that was saved later, and wins over none', () => {
    const early = { ...firstLayout, savedAtMs: 1 };
    const late = { ...firstLayout, savedAtMs: 2 };
    expect(laterLayout(early, late)).toBe(late);
    expect(laterLayout(late, early)).toBe(late);
    expect(laterLayout(early, undefined)).toBe(early);
  });
});

describe('room', () => {
  test.each([
    [1440, 'full'],
    [1280, 'full'],
    [1279, 'medium'],
    [1024, 'medium'],
    [1023, 'narrow'],
    [768, 'narrow'],
    [767, 'phone'],
    [320, 'phone'],
  ])('%i pixels are %s', (width, room) => {
    expect(roomOf(width)).toBe(room);
  });

  test('parts start hidden where there is none for them, and can be shown', () => {
    expect(shownParts(firstLayout, 'full', {})).toEqual({ sideBar: true, panel: true });
    expect(shownParts(firstLayout, 'medium', {})).toEqual({ sideBar: true, panel: false });
    expect(shownParts(firstLayout, 'narrow', {})).toEqual({ sideBar: false, panel: false });
    expect(shownParts(firstLayout, 'phone', { sideBar: true, panel: true })).toEqual({ sideBar: true, panel: true });
  });

  test('what was shown in a small room does not change the layout of a large one', () => {
    const hidden = { ...firstLayout, panel: { ...firstLayout.panel, visible: false } };
    expect(shownParts(hidden, 'full', { panel: true }).panel).toBe(false);
  });
});

test('sizes stay within their limits', () => {
  expect(within({ min: 100, max: 200 }, 50)).toBe(100);
  expect(within({ min: 100, max: 200 }, 150.4)).toBe(150);
  expect(within({ min: 100, max: 200 }, 999)).toBe(200);
});
