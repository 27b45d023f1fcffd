/** How the page looks: which theme, how tight, in which language. Said on the root element, and to the server in cookies, so that the next first paint is right. */
import { type ThemeChoice, themeChoices } from './names.ts';

export const densities = ['comfortable', 'compact'] as const;
export type Density = (typeof densities)[number];

export interface Look {
  theme: ThemeChoice;
  density: Density;
}

/** Heights of rows in trees and tables. Under 24 pixels is below what WCAG asks of targets, so it is a choice and not the default. */
export const rowPixels: Readonly<Record<Density, number>> = { comfortable: 24, compact: 22 };

/** What the server reads to write `<html data-theme data-density lang>`. Nothing in them is secret. */
export const lookCookies = { theme: 'harp-theme', density: 'harp-density', language: 'harp-language' } as const;

const YEAR_SECONDS = 31_536_000;

/** The theme that a cookie or a setting names; `auto` for anything else. */
export function themeFrom(value: unknown): ThemeChoice {
  return themeChoices.find((choice) => choice === value) ?? 'auto';
}

/** The density that a cookie or a setting names; `comfortable` for anything else. */
export function densityFrom(value: unknown): Density {
  return densities.find((density) => density === value) ?? 'comfortable';
}

/** Puts a look on the page at once. */
export function applyLook({ theme, density }: Look): void {
  const root = document.documentElement;
  root.dataset.theme = theme;
  root.dataset.density = density;
}

/** Tells the server, for the next page. `value` must be one of the console's own words. */
export function rememberLook(name: (typeof lookCookies)[keyof typeof lookCookies], value: string): void {
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not in every browser that Harp supports
  document.cookie = `${name}=${value}; path=/; max-age=${YEAR_SECONDS}; samesite=strict`;
}
