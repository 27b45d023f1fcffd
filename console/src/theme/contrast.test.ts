import { describe, expect, test } from 'vitest';
import { contrast } from './contrast.ts';
import type { ThemeName, TokenName } from './names.ts';
import { themes } from './tokens.ts';

/** WCAG 2.2: 1.4.3 for text, 1.4.11 for signs, borders of controls and focus. */
const TEXT = 4.5;
const SIGN = 3;

const surfaces = [
  'editor.background',
  'sideBar.background',
  'panel.background',
  'editorWidget.background',
  'editorHoverWidget.background',
  'quickInput.background',
  'notifications.background',
  'menu.background',
  'listFilterWidget.background',
] as const satisfies TokenName[];

const rows = [
  'list.activeSelectionBackground',
  'list.inactiveSelectionBackground',
  'list.hoverBackground',
  'list.dropBackground',
] as const satisfies TokenName[];

const own = (part: string, more: readonly TokenName[] = []) => [`${part}.background` as TokenName, ...more];

/** Every token that is text, and everything it stands on. */
const texts: Partial<Record<TokenName, readonly TokenName[]>> = {
  foreground: surfaces,
  disabledForeground: surfaces,
  descriptionForeground: [...surfaces, 'list.hoverBackground', 'titleBar.activeBackground', 'statusBar.background'],
  errorForeground: surfaces,
  'icon.foreground': surfaces,
  'selection.foreground': ['selection.background'],
  'textLink.foreground': [...surfaces, 'list.hoverBackground'],
  'textLink.activeForeground': surfaces,
  'textPreformat.foreground': ['textPreformat.background', 'textCodeBlock.background'],
  'badge.foreground': own('badge'),
  'titleBar.activeForeground': ['titleBar.activeBackground'],
  'commandCenter.foreground': own('commandCenter', ['commandCenter.activeBackground']),
  'activityBar.foreground': own('activityBar'),
  'activityBar.inactiveForeground': own('activityBar'),
  'activityBarBadge.foreground': own('activityBarBadge'),
  'sideBar.foreground': own('sideBar'),
  'sideBarTitle.foreground': own('sideBar'),
  'sideBarSectionHeader.foreground': own('sideBarSectionHeader'),
  'editor.foreground': [
    'editor.background',
    'editor.findMatchHighlightBackground',
    'diffEditor.insertedLineBackground',
    'diffEditor.removedLineBackground',
    'textCodeBlock.background',
    'harp.skeleton.background',
  ],
  'editorLineNumber.foreground': own('editor'),
  'editorWidget.foreground': own('editorWidget'),
  'editorHoverWidget.foreground': own('editorHoverWidget'),
  'tab.activeForeground': ['tab.activeBackground', 'tab.hoverBackground'],
  'tab.inactiveForeground': ['tab.inactiveBackground', 'tab.hoverBackground', 'editorGroupHeader.tabsBackground'],
  'tab.unfocusedActiveForeground': ['tab.activeBackground'],
  'breadcrumb.foreground': own('breadcrumb'),
  'breadcrumb.focusForeground': own('breadcrumb'),
  'panelTitle.activeForeground': own('panel'),
  'panelTitle.inactiveForeground': own('panel'),
  'statusBar.foreground': own('statusBar'),
  'statusBarItem.hoverForeground': ['statusBarItem.hoverBackground'],
  'statusBarItem.prominentForeground': ['statusBarItem.prominentBackground'],
  'statusBarItem.warningForeground': ['statusBarItem.warningBackground'],
  'statusBarItem.errorForeground': ['statusBarItem.errorBackground'],
  'list.activeSelectionForeground': ['list.activeSelectionBackground'],
  'list.inactiveSelectionForeground': ['list.inactiveSelectionBackground', 'list.filterMatchBackground'],
  'list.hoverForeground': ['list.hoverBackground', 'list.dropBackground'],
  'list.highlightForeground': [...surfaces, 'list.hoverBackground', 'list.activeSelectionBackground'],
  'list.errorForeground': [...surfaces, 'list.hoverBackground'],
  'list.warningForeground': [...surfaces, 'list.hoverBackground'],
  'list.deemphasizedForeground': [...surfaces, 'list.hoverBackground'],
  'input.foreground': own('input'),
  'input.placeholderForeground': own('input'),
  'inputOption.activeForeground': ['inputOption.activeBackground'],
  'inputValidation.errorForeground': ['inputValidation.errorBackground'],
  'inputValidation.warningForeground': ['inputValidation.warningBackground'],
  'dropdown.foreground': own('dropdown'),
  'checkbox.foreground': own('checkbox'),
  'button.foreground': ['button.background', 'button.hoverBackground'],
  'button.secondaryForeground': ['button.secondaryBackground', 'button.secondaryHoverBackground'],
  'keybindingLabel.foreground': own('keybindingLabel'),
  'settings.headerForeground': surfaces,
  'menu.foreground': own('menu'),
  'menu.selectionForeground': ['menu.selectionBackground'],
  'quickInput.foreground': ['quickInput.background', 'quickInputTitle.background'],
  'quickInputList.focusForeground': ['quickInputList.focusBackground'],
  'quickInputList.focusHighlightForeground': ['quickInputList.focusBackground'],
  'pickerGroup.foreground': own('quickInput'),
  'notifications.foreground': own('notifications'),
  'notificationCenterHeader.foreground': own('notificationCenterHeader'),
  'notificationLink.foreground': own('notifications'),
  'harp.chip.foreground': own('harp.chip'),
  'harp.status.ok': [...surfaces, 'list.hoverBackground', 'statusBar.background'],
  'harp.status.info': [...surfaces, 'statusBar.background'],
  'harp.status.warning': [...surfaces, 'list.hoverBackground', 'statusBar.background'],
  'harp.status.error': [...surfaces, 'statusBar.background'],
  'harp.status.unknown': [...surfaces, 'list.hoverBackground', 'statusBar.background'],
  'harp.syntax.key': own('editor', ['textCodeBlock.background']),
  'harp.syntax.string': own('editor', ['textCodeBlock.background']),
  'harp.syntax.number': own('editor', ['textCodeBlock.background']),
  'harp.syntax.keyword': own('editor', ['textCodeBlock.background']),
  'harp.chart.axis': [...surfaces],
};

/** Every token that is a sign, a line that means something or the edge of a control, and everything it stands on. */
const signs: Partial<Record<TokenName, readonly TokenName[]>> = {
  focusBorder: surfaces,
  'sash.hoverBorder': ['editor.background', 'sideBar.background'],
  'progressBar.background': surfaces,
  'scrollbarSlider.background': ['editor.background', 'sideBar.background', 'panel.background'],
  'scrollbarSlider.hoverBackground': ['editor.background', 'sideBar.background', 'panel.background'],
  'activityBar.activeBorder': own('activityBar'),
  'tab.activeBorderTop': ['tab.activeBackground', 'editorGroupHeader.tabsBackground'],
  'panelTitle.activeBorder': own('panel'),
  'list.focusOutline': ['sideBar.background', 'editor.background', 'panel.background', 'list.hoverBackground'],
  'list.focusAndSelectionOutline': ['sideBar.background', 'editor.background', 'panel.background'],
  'listFilterWidget.noMatchesOutline': own('listFilterWidget'),
  'input.border': ['editor.background', 'sideBar.background', 'panel.background', 'quickInput.background'],
  'dropdown.border': ['editor.background', 'sideBar.background', 'panel.background'],
  'checkbox.border': ['editor.background', 'sideBar.background', 'panel.background'],
  'inputOption.activeBorder': own('input'),
  'inputValidation.errorBorder': ['editor.background', 'sideBar.background', 'quickInput.background'],
  'inputValidation.warningBorder': ['editor.background', 'sideBar.background', 'quickInput.background'],
  'settings.modifiedItemIndicator': own('editor'),
  'notificationsErrorIcon.foreground': own('notifications'),
  'notificationsWarningIcon.foreground': own('notifications'),
  'notificationsInfoIcon.foreground': own('notifications'),
  'problemsErrorIcon.foreground': [...surfaces, ...rows],
  'problemsWarningIcon.foreground': [...surfaces, ...rows],
  'problemsInfoIcon.foreground': [...surfaces, ...rows],
  'harp.status.ok': [...rows, 'harp.meter.background'],
  'harp.status.info': rows,
  'harp.status.warning': [...rows, 'harp.meter.background'],
  'harp.status.error': [...rows, 'harp.meter.background'],
  'harp.status.unknown': rows,
  'harp.chart.lan': surfaces,
  'harp.chart.local': surfaces,
  'harp.chart.wan': surfaces,
  'harp.chart.a': surfaces,
  'harp.chart.b': surfaces,
  'harp.chart.c': surfaces,
  'harp.chart.d': surfaces,
  'harp.chart.e': surfaces,
  'harp.chart.ok': surfaces,
  'harp.chart.warning': surfaces,
  'harp.chart.error': surfaces,
  'harp.chart.unknown': surfaces,
};

const names = Object.keys(themes) as ThemeName[];
const tokens = Object.keys(themes.dark) as TokenName[];

function tooFaint(name: ThemeName, pairs: typeof texts, least: number): string[] {
  const theme = themes[name];
  return Object.entries(pairs).flatMap(([front, backs]) =>
    backs.flatMap((back) => {
      const ratio = contrast(theme[front as TokenName], theme[back]);
      return ratio >= least ? [] : [`${front} on ${back}: ${ratio.toFixed(2)}`];
    }),
  );
}

describe.each(names)('%s', (name) => {
  test('text can be read on everything it stands on (4.5:1)', () => {
    expect(tooFaint(name, texts, TEXT)).toEqual([]);
  });

  test('signs, edges of controls and focus can be seen (3:1)', () => {
    expect(tooFaint(name, signs, SIGN)).toEqual([]);
  });
});

test('no token that is text or a state is left out of these checks', () => {
  const isText = (token: string) => /[fF]oreground$/.test(token) || token.startsWith('harp.status.');
  expect(tokens.filter((token) => isText(token) && texts[token] === undefined && signs[token] === undefined)).toEqual(
    [],
  );
});

test.each(['dark', 'light'] as const)(
  '%s fills rows that are selected with focus, selected, and pointed at differently',
  (name) => {
    const theme = themes[name];
    const fills = ['editor.background', ...rows.slice(0, 3)].map((token) => theme[token as TokenName]);
    expect(new Set(fills).size).toBe(fills.length);
  },
);

test.each(['hc-dark', 'hc-light'] as const)('%s draws every border', (name) => {
  const borders = tokens.filter((token) => /border$/i.test(token));
  const faint = borders.filter((token) => contrast(themes[name][token], themes[name]['editor.background']) < SIGN);
  expect(faint).toEqual([]);
});

test.each([
  { one: '#000000', other: '#ffffff', ratio: 21 },
  { one: '#767676', other: '#ffffff', ratio: 4.54 },
  { one: '#0078d4', other: '#ffffff', ratio: 4.53 },
])('$one on $other is $ratio:1', ({ one, other, ratio }) => {
  expect(contrast(one, other)).toBeCloseTo(ratio, 1);
  expect(contrast(other, one)).toBeCloseTo(ratio, 1);
});
