/** The names of themes and tokens, apart from the tables of colours, which pages have as CSS. */
import type { Tokens } from './tokens.ts';

/** What a person can choose; `auto` follows the system's wish for light or dark and for more contrast. */
export const themeChoices = ['auto', 'dark', 'light', 'hc-dark', 'hc-light'] as const;
export type ThemeChoice = (typeof themeChoices)[number];
export type ThemeName = Exclude<ThemeChoice, 'auto'>;

export type TokenName = keyof Tokens;

/** The CSS variable of a token: `harp.chart.lan` is `--harp-chart-lan`, all others carry VS Code's prefix. */
export function variableOf(token: TokenName): string {
  const name = token.replaceAll('.', '-');
  return name.startsWith('harp-') ? `--${name}` : `--vscode-${name}`;
}
