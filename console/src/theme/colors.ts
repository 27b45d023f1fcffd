'use client';
/** The theme's colours for what CSS cannot paint: canvas. */
import { useSyncExternalStore } from 'react';
import { densityFrom, rowPixels } from './look.ts';
import { type TokenName, variableOf } from './names.ts';

/** The present value of a token, such as `#1f1f1f`. Ask again after `useThemeVersion` changed. */
export function colorOf(token: TokenName, element: Element = document.documentElement): string {
  return getComputedStyle(element).getPropertyValue(variableOf(token)).trim();
}

let version = 0;

function subscribe(onChange: () => void): () => void {
  const changed = () => {
    version += 1;
    onChange();
  };
  const observer = new MutationObserver(changed);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
  const queries = ['(prefers-color-scheme: light)', '(prefers-contrast: more)', '(forced-colors: active)'].map(
    (query) => window.matchMedia(query),
  );
  for (const query of queries) query.addEventListener('change', changed);
  return () => {
    observer.disconnect();
    for (const query of queries) query.removeEventListener('change', changed);
  };
}

/** A number that changes whenever the page's colours do. */
export function useThemeVersion(): number {
  return useSyncExternalStore(
    subscribe,
    () => version,
    () => 0,
  );
}

function subscribeDensity(onChange: () => void): () => void {
  const observer = new MutationObserver(onChange);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-density'] });
  return () => observer.disconnect();
}

/** The height of a row in pixels, by the chosen density. */
export function useRowPixels(): number {
  return useSyncExternalStore(
    subscribeDensity,
    () => rowPixels[densityFrom(document.documentElement.dataset.density)],
    () => rowPixels.comfortable,
  );
}
