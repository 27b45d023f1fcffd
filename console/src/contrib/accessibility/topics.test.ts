import { describe, expect, test } from 'vitest';
import { normaliseKey } from '../../workbench/keybindings/stroke.ts';
import { shellContribution } from '../../workbench/shell.contribution.ts';
import { type FocusPath, placeOf } from './place.ts';
import { commonCommands, partCommands, widgetTopics } from './topics.ts';

/** What has the focus, inside of things with these selectors, in a part. */
const focusIn = (part: string | undefined, ...selectors: string[]): FocusPath => ({
  closest(selector) {
    if (selector === '[data-part]') return part === undefined ? null : { dataset: { part } };
    return selectors.some((each) => selector.includes(each)) ? {} : null;
  },
});

describe('where the focus is', () => {
  test('is told by the part and what has it in there', () => {
    expect(placeOf(focusIn('sideBar', '[role="tree"]'))).toEqual({ part: 'sideBar', widget: 'tree' });
    expect(placeOf(focusIn('panel', '[role="grid"]'))).toEqual({ part: 'panel', widget: 'table' });
    expect(placeOf(focusIn('status'))).toEqual({ part: 'status', widget: undefined });
  });

  test('a heat map is a chart, though it is a grid as well', () => {
    expect(placeOf(focusIn('editors', '.heat-grid', '[role="grid"]')).widget).toBe('heatMap');
  });

  test('is the editor when nothing has it, or something that is no part', () => {
    expect(placeOf(null)).toEqual({ part: 'editors', widget: undefined });
    expect(placeOf(focusIn('elsewhere')).part).toBe('editors');
  });
});

test('every key is one that keybindings know', () => {
  for (const { keys } of Object.values(widgetTopics).flatMap((topic) => topic.keys)) {
    for (const key of keys) expect(normaliseKey(key)).toBe(key);
  }
});

test('the shell has every command of a part', () => {
  const others = ['quickOpen', 'showCommands'].map((name) => `workbench.action.${name}`);
  const known = new Set([...(shellContribution.commands ?? []).map(({ id }) => id), ...others]);
  expect(
    Object.values(partCommands)
      .flat()
      .filter((id) => !known.has(id)),
  ).toEqual([]);
  expect(commonCommands.length).toBe(new Set(commonCommands).size);
});
