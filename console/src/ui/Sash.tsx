'use client';
/** The edge between two parts. Dragged, or moved with arrows; a double click or Enter puts it back. */
import { type KeyboardEvent, type PointerEvent, useRef, useState } from 'react';

export interface SashProps {
  /** What it resizes. */
  label: string;
  /** `vertical` stands between left and right. */
  orientation: 'vertical' | 'horizontal';
  /** The size of what it resizes, in pixels. */
  value: number;
  min: number;
  max: number;
  onChange(value: number): void;
  /** Back to the first size. */
  onReset?(): void;
  /** True when what it resizes comes after it: then dragging away makes it smaller. */
  isReversed?: boolean;
}

/** How far one arrow goes, and with Shift. */
const STEP_PIXELS = 8;
const BIG_STEP_PIXELS = 64;

export function Sash(props: SashProps) {
  const { label, orientation, value, min, max, onChange, onReset, isReversed = false } = props;
  const [isDragging, setIsDragging] = useState(false);
  const start = useRef({ at: 0, value: 0 });
  const isVertical = orientation === 'vertical';

  const isFlipped = (element: Element) => isReversed !== (isVertical && getComputedStyle(element).direction === 'rtl');
  const onPointerDown = (event: PointerEvent<HTMLElement>) => {
    if (event.button !== 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    start.current = { at: isVertical ? event.clientX : event.clientY, value };
    setIsDragging(true);
  };
  const onPointerMove = (event: PointerEvent<HTMLElement>) => {
    if (!isDragging) return;
    const moved = (isVertical ? event.clientX : event.clientY) - start.current.at;
    onChange(within(start.current.value + (isFlipped(event.currentTarget) ? -moved : moved), min, max));
  };
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const step = event.shiftKey ? BIG_STEP_PIXELS : STEP_PIXELS;
    const way = isFlipped(event.currentTarget) ? -1 : 1;
    const moves: Record<string, number> = isVertical
      ? { ArrowLeft: value - step * way, ArrowRight: value + step * way, Home: min, End: max }
      : { ArrowUp: value - step * way, ArrowDown: value + step * way, Home: min, End: max };
    const next = moves[event.key];
    if (next !== undefined) onChange(within(next, min, max));
    else if (event.key === 'Enter' && onReset !== undefined) onReset();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    // A separator with a value is a control: it takes the focus.
    // biome-ignore lint/a11y/useSemanticElements: <hr> is a separator that does not move
    <div
      role="separator"
      tabIndex={0}
      className={`sash ${orientation} ${isDragging ? 'dragging' : ''}`}
      aria-label={label}
      aria-orientation={orientation}
      aria-valuenow={Math.round(value)}
      aria-valuemin={min}
      aria-valuemax={max}
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onPointerUp={() => setIsDragging(false)}
      onPointerCancel={() => setIsDragging(false)}
      onDoubleClick={onReset}
      onKeyDown={onKeyDown}
    />
  );
}

function within(value: number, min: number, max: number): number {
  return Math.round(Math.min(max, Math.max(min, value)));
}
