'use client';
/** Events as virtual rows: one tab stop, arrows between rows, Enter opens the PC. The row with the focus stays in the page. */
import { useVirtualizer } from '@tanstack/react-virtual';
import {
  type KeyboardEvent,
  type Ref,
  useCallback,
  useImperativeHandle,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import type { EventRow } from '../../api/schemas.ts';
import { useFormat, useText } from '../../i18n/I18n.tsx';
import { useRowPixels } from '../../theme/colors.ts';
import { cutText, foreign } from '../../ui/foreign-text.ts';
import { Icon } from '../../ui/Icon.tsx';
import { OVERSCAN_ROWS, rangeWith } from '../../ui/virtual-range.ts';
import { describe } from './describe.ts';
import type { EventWords } from './event-filter.ts';
import { eventsPanelText } from './panel-messages.ts';

/** How far from the top still counts as reading the newest, in pixels. */
const TOP_PIXELS = 4;

/** What the list lets its owner do. */
export interface EventListHandle {
  toTop(): void;
}

export interface EventListProps {
  ref?: Ref<EventListHandle>;
  /** Newest first. */
  events: readonly EventRow[];
  words: EventWords;
  onOpen(event: EventRow): void;
  /** Whether the reader looks at the newest; told when that changes. */
  onTop(isAtTop: boolean): void;
}

export function EventList({ ref, events, words, onOpen, onTop }: EventListProps) {
  const text = useText();
  const rowPixels = useRowPixels();
  const scroller = useRef<HTMLDivElement>(null);
  const wantsFocus = useRef(false);
  const [focusedId, setFocusedId] = useState<string>();
  const focused = Math.max(0, focusedId === undefined ? 0 : events.findIndex(({ id }) => id === focusedId));
  const virtual = useVirtualizer({
    count: events.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowPixels,
    overscan: OVERSCAN_ROWS,
    // The same function for the same rows: with another one all places are worked out again at every scroll.
    getItemKey: useCallback((index: number) => events[index]?.id ?? index, [events]),
    rangeExtractor: rangeWith(focused),
  });
  useImperativeHandle(ref, () => ({ toTop: () => virtual.scrollToOffset(0) }), [virtual]);
  useLayoutEffect(() => {
    if (!wantsFocus.current) return;
    wantsFocus.current = false;
    scroller.current?.querySelector<HTMLElement>('[role="option"][tabindex="0"]')?.focus({ preventScroll: true });
  });

  const onKeyDown = (keyPress: KeyboardEvent) => {
    if (keyPress.ctrlKey || keyPress.altKey || keyPress.metaKey) return;
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / rowPixels) - 1);
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: focused + 1,
      ArrowUp: focused - 1,
      PageDown: focused + page,
      PageUp: focused - page,
      Home: 0,
      End: events.length - 1,
    };
    const wanted = steps[keyPress.key];
    if (keyPress.key === 'Enter') {
      const event = events[focused];
      if (event !== undefined) onOpen(event);
    } else if (wanted !== undefined) {
      const index = Math.min(events.length - 1, Math.max(0, wanted));
      setFocusedId(events[index]?.id);
      wantsFocus.current = true;
      virtual.scrollToIndex(index);
    } else return;
    keyPress.preventDefault();
  };

  return (
    <div
      ref={scroller}
      className="scroll event-list"
      role="listbox"
      aria-label={text(eventsPanelText.list)}
      onKeyDown={onKeyDown}
      onScroll={({ currentTarget }) => onTop(currentTarget.scrollTop <= TOP_PIXELS)}
    >
      <div role="presentation" style={{ height: virtual.getTotalSize(), position: 'relative' }}>
        {virtual.getVirtualItems().map(({ index, key, start, size }) => {
          const event = events[index];
          return event === undefined ? null : (
            <div
              key={key}
              role="option"
              aria-selected={index === focused}
              aria-posinset={index + 1}
              aria-setsize={events.length}
              tabIndex={index === focused ? 0 : -1}
              className="event-row"
              style={{ transform: `translateY(${start}px)`, height: size }}
              onFocus={() => setFocusedId(event.id)}
              onDoubleClick={() => onOpen(event)}
            >
              <EventCells event={event} words={words} />
            </div>
          );
        })}
      </div>
    </div>
  );
}

function EventCells({ event, words }: { event: EventRow; words: EventWords }) {
  const format = useFormat();
  const { icon, tone } = describe(event);
  const said = words.words(event);
  return (
    <>
      <span className="event-time muted" title={format.dateTime(event.atMs)}>
        {format.time(event.atMs)}
      </span>
      <span className="event-words" title={said}>
        <Icon name={icon} tone={tone} />
        <bdi>{said}</bdi>
      </span>
      <span className="event-place" title={foreign(event.hostname)}>
        <bdi>{cutText(event.hostname, 80)}</bdi>
      </span>
      <span className="event-place muted">
        <bdi>{cutText(words.office(event.officeId), 80)}</bdi>
      </span>
      <span className="event-place muted">
        <bdi>{cutText(words.folder(event.folderId), 80)}</bdi>
      </span>
    </>
  );
}
