'use client';
/** A row of tools with one tab stop. */
import { type ReactNode, useLayoutEffect, useRef } from 'react';
import { moveFocus } from './roving.ts';

const TOOLS = 'button, a[href], [role="button"]';

/** Arrows move between the buttons inside; Tab goes past them. Fields do not belong inside: they need the arrows. */
export function Toolbar({ label, children }: { label: string; children: ReactNode }) {
  const bar = useRef<HTMLDivElement>(null);
  const stop = useRef<Element | null>(null);
  const mark = () => {
    const tools = [...(bar.current?.querySelectorAll<HTMLElement>(TOOLS) ?? [])];
    if (stop.current === null || !tools.includes(stop.current as HTMLElement)) stop.current = tools[0] ?? null;
    for (const tool of tools) tool.tabIndex = tool === stop.current ? 0 : -1;
  };
  // After every drawing: which tools there are is up to whoever puts them in.
  useLayoutEffect(mark);
  return (
    <div
      ref={bar}
      role="toolbar"
      aria-label={label}
      className="toolbar"
      onFocus={(event) => {
        stop.current = event.target.closest(TOOLS);
        mark();
      }}
      onKeyDown={(event) => moveFocus(event, TOOLS)}
    >
      {children}
    </div>
  );
}
