'use client';
/** Log lines as virtual rows. Follows the newest line until the reader scrolls up. */
import { useVirtualizer } from '@tanstack/react-virtual';
import { useCallback, useLayoutEffect, useRef } from 'react';
import type { LogLine } from '../../api/schemas.ts';
import { useFormat, useText } from '../../i18n/I18n.tsx';
import { foreign } from '../../ui/foreign-text.ts';
import { OVERSCAN_ROWS } from '../../ui/virtual-range.ts';
import { shownText } from './log-lines.ts';
import { outputPanelText } from './panel-messages.ts';

/** Code at 13 px, without the room that things to click need. */
const LINE_PIXELS = 20;
/** How far from the end still counts as following, in pixels. */
const END_PIXELS = 8;

export interface LogLinesProps {
  /** What the lines are of, in words. */
  channel: string;
  /** Oldest first. */
  lines: readonly LogLine[];
  follow: boolean;
  /** The reader scrolled away from the newest line, or back to it. */
  onFollow(follow: boolean): void;
}

export function LogLines({ channel, lines, follow, onFollow }: LogLinesProps) {
  const text = useText();
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => LINE_PIXELS,
    overscan: OVERSCAN_ROWS,
    // The same function for the same rows: with another one all places are worked out again at every scroll.
    getItemKey: useCallback((index: number) => lines[index]?.seq ?? index, [lines]),
  });
  const last = lines.at(-1)?.seq;
  useLayoutEffect(() => {
    if (follow && last !== undefined && scroller.current !== null)
      scroller.current.scrollTop = scroller.current.scrollHeight;
  }, [follow, last]);
  return (
    <div
      ref={scroller}
      className="scroll log-lines code"
      // A log that a screen reader walks through line by line; new lines are not spoken.
      role="log"
      aria-live="off"
      aria-label={text(outputPanelText.lines, { channel: foreign(channel) })}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
      tabIndex={0}
      onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
        const atEnd = scrollHeight - scrollTop - clientHeight <= END_PIXELS;
        if (atEnd !== follow) onFollow(atEnd);
      }}
    >
      <div style={{ height: virtual.getTotalSize(), position: 'relative' }}>
        {virtual.getVirtualItems().map(({ index, key, start }) => {
          const line = lines[index];
          return line === undefined ? null : <Line key={key} line={line} top={start} />;
        })}
      </div>
    </div>
  );
}

function Line({ line, top }: { line: LogLine; top: number }) {
  const format = useFormat();
  const text = useText();
  const shown = shownText(line);
  return (
    <div
      className={`log-line ${line.level}`}
      style={{ transform: `translateY(${top}px)` }}
      title={format.dateTime(line.atMs)}
    >
      <span className="log-time">{format.time(line.atMs)}</span>
      <span className="log-level">{line.level}</span>
      <span className="log-text" dir="auto">
        {line.dropped === undefined ? null : <em>{text(outputPanelText.dropped, { count: line.dropped })} </em>}
        {shown}
      </span>
    </div>
  );
}
