/**
 * The colour tokens, named after VS Code's so that editors and chrome share one vocabulary, and Harp's own under `harp`. One list: a theme that
 * forgets a token does not compile. Colours are opaque wherever text or a sign stands on them, so that contrast can be computed.
 */
import { dark } from './dark.ts';
import { hcDark } from './hc-dark.ts';
import { hcLight } from './hc-light.ts';
import { light } from './light.ts';
import type { ThemeName } from './names.ts';

/** Every token of a theme, by VS Code's name: `editor.background` is the CSS variable `--vscode-editor-background`. */
export type Tokens = Readonly<Record<keyof typeof dark, string>>;

/** The four themes. */
export const themes: Readonly<Record<ThemeName, Tokens>> = {
  dark,
  light,
  'hc-dark': hcDark,
  'hc-light': hcLight,
};
