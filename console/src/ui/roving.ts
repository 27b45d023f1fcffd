/** One tab stop for a row of controls: arrows move between them. */
import type { KeyboardEvent } from 'react';

/** Where an arrow, Home or End leads in a row of `count`; `undefined` for other keys. In right-to-left text the arrows are swapped. */
export function rovingTarget(key: string, present: number, count: number, isRtl: boolean): number | undefined {
  if (count === 0) return undefined;
  const forward = isRtl ? 'ArrowLeft' : 'ArrowRight';
  const back = isRtl ? 'ArrowRight' : 'ArrowLeft';
  if (key === forward) return (present + 1) % count;
  if (key === back) return (present - 1 + count) % count;
  if (key === 'Home') return 0;
  return key === 'End' ? count - 1 : undefined;
}

/** Moves the focus between the elements of `selector` inside of the element that heard the key. Says whether it did. */
export function moveFocus(event: KeyboardEvent<HTMLElement>, selector: string): boolean {
  const all = [...event.currentTarget.querySelectorAll<HTMLElement>(selector)];
  const present = all.indexOf(document.activeElement as HTMLElement);
  if (present < 0) return false;
  const isRtl = getComputedStyle(event.currentTarget).direction === 'rtl';
  const target = rovingTarget(event.key, present, all.length, isRtl);
  if (target === undefined) return false;
  event.preventDefault();
  event.stopPropagation();
  all[target]?.focus();
  return true;
}

/** Scrolls a row of tabs sideways until the chosen one is seen. Nothing else moves. */
export function revealSelected(row: HTMLElement | null): void {
  const selected = row?.querySelector('[aria-selected="true"]');
  if (row === null || selected == null) return;
  const [outer, inner] = [row.getBoundingClientRect(), selected.getBoundingClientRect()];
  if (inner.left < outer.left) row.scrollLeft -= outer.left - inner.left;
  else if (inner.right > outer.right) row.scrollLeft += inner.right - outer.right;
}
