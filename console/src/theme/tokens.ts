/**
 * The colour tokens, named after VS Code's so that editors and chrome share one vocabulary, and Harp's own under `harp`. One list: a theme that
 * forgets a token does not compile. Colours are opaque wherever text or a sign stands on them, so that contrast can be computed.
 */
import { dark } from './dark.ts';
import { hcDark } from './hc-dark.ts';
import { hcLight } from './hc-light.ts';
import { light } from './light.ts';

/** What a person can choose; `auto` follows the system's wish for light or dark and for more contrast. */
export const themeChoices = ['auto', 'dark', 'light', 'hc-dark', 'hc-light'] as const;
export type ThemeChoice = (typeof themeChoices)[number];
export type ThemeName = Exclude<ThemeChoice, 'auto'>;

/** Every token of a theme, by VS Code's name: `editor.background` is the CSS variable `--vscode-editor-background`. */
export type Tokens = Readonly<Record<keyof typeof dark, string>>;
export type TokenName = keyof Tokens;

/** The four themes. */
export const themes: Readonly<Record<ThemeName, Tokens>> = {
  dark,
  light,
  'hc-dark': hcDark,
  'hc-light': hcLight,
};

/** The CSS variable of a token: `harp.chart.lan` is `--harp-chart-lan`, all others carry VS Code's prefix. */
export function variableOf(token: TokenName): string {
  const name = token.replaceAll('.', '-');
  return name.startsWith('harp-') ? `--${name}` : `--vscode-${name}`;
}
