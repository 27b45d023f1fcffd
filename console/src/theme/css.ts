/** Writes theme.css from the tokens, so that the colours stand in one place. `theme.css.test.ts` holds the file to it. */
import { type ThemeName, type TokenName, variableOf } from './names.ts';
import { themes } from './tokens.ts';

const AUTO = ':root:not([data-theme]),\n:root[data-theme="auto"]';

const head = `/* Written by css.ts from the tokens; change those, then run this folder's tests with -u. */
:root {
  --harp-font: system-ui, "Segoe UI", Roboto, Ubuntu, "Droid Sans", sans-serif;
  --harp-font-code: ui-monospace, "Cascadia Mono", Menlo, Consolas, monospace;
  --harp-row-height: 24px;
}
:root[data-density="compact"] {
  --harp-row-height: 22px;
}
`;

/** In forced colours the system paints text and surfaces; what it does not know are our own lines. */
const forced = `@media (forced-colors: active) {
  :root:root {
    --vscode-contrastBorder: CanvasText;
    --vscode-contrastActiveBorder: Highlight;
    --vscode-focusBorder: Highlight;
    --vscode-list-focusOutline: Highlight;
    --vscode-list-focusAndSelectionOutline: Highlight;
    --vscode-toolbar-hoverOutline: Highlight;
    --vscode-menu-selectionBorder: Highlight;
  }
}
`;

/**
 * The style sheet of all themes. `data-theme` on the root element chooses one; without it, or with `auto`, the system's wishes do, in CSS alone:
 * the first paint is right before any script runs. On any other element it shows that part in a theme of its own.
 */
export function themeCss(): string {
  return [
    head,
    rule(`:root,\n[data-theme="dark"]`, 'dark'),
    inMedia('(prefers-color-scheme: light)', 'light'),
    inMedia('(prefers-contrast: more), (forced-colors: active)', 'hc-dark'),
    inMedia(
      '(prefers-contrast: more) and (prefers-color-scheme: light),\n  (forced-colors: active) and (prefers-color-scheme: light)',
      'hc-light',
    ),
    rule('[data-theme="light"]', 'light'),
    rule('[data-theme="hc-dark"]', 'hc-dark'),
    rule('[data-theme="hc-light"]', 'hc-light'),
    forced,
  ].join('\n');
}

function rule(selector: string, name: ThemeName): string {
  const lines = Object.entries(themes[name]).map(([token, color]) => `  ${variableOf(token as TokenName)}: ${color};`);
  const scheme = name === 'light' || name === 'hc-light' ? 'light' : 'dark';
  return `${selector} {\n  color-scheme: ${scheme};\n${lines.join('\n')}\n}\n`;
}

function inMedia(query: string, name: ThemeName): string {
  const inner = rule(AUTO, name)
    .trimEnd()
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n');
  return `@media ${query} {\n${inner}\n}\n`;
}
