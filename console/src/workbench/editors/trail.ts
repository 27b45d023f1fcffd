/** Where in the browser's history the page is: what it came through, and what it left by going back. */

/** `position` counts the page's own steps from 0; `last` is the furthest step that forward can reach. */
export interface Trail {
  readonly position: number;
  readonly last: number;
}

/** The trail of a page that just loaded at a step it knows from before, or at its first. What lies ahead is unknown, so nothing does. */
export function trailFrom(position: number | undefined): Trail {
  const start = position ?? 0;
  return { position: start, last: start };
}

/** After a new step: whatever lay ahead is gone. */
export function advance({ position }: Trail): Trail {
  return { position: position + 1, last: position + 1 };
}

/** After the browser moved to a step; one that is further than known becomes the furthest. */
export function moveTo({ last }: Trail, position: number): Trail {
  return { position, last: Math.max(last, position) };
}

/** Whether a step back stays within the page. */
export function canGoBack({ position }: Trail): boolean {
  return position > 0;
}

/** Whether a step forward stays within the page. */
export function canGoForward({ position, last }: Trail): boolean {
  return position < last;
}
