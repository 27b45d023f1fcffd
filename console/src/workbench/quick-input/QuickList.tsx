'use client';
/** The rows below the field of the quick input: a listbox that draws only what is seen. */
import { useVirtualizer } from '@tanstack/react-virtual';
import { useCallback, useEffect, useRef } from 'react';
import { useText } from '../../i18n/I18n.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { KeyHint } from '../../ui/KeyHint.tsx';
import type { QuickItem } from '../model.ts';
import { useWorkbench } from '../services.tsx';
import type { FuzzyQuery } from './fuzzy.ts';
import { Highlighted } from './Highlighted.tsx';
import { quickInputMessages } from './messages.ts';
import { highlightsOf } from './rows.ts';

/** One line, or two with a detail. */
const ROW_PIXELS = 24;
const DETAILED_ROW_PIXELS = 42;
const LIST_PIXELS = 440;

export interface QuickListProps {
  id: string;
  rows: readonly QuickItem[];
  query: FuzzyQuery;
  active: number;
  onAccept(index: number): void;
}

/** The id of a row's element, for `aria-activedescendant`. */
export function rowId(listId: string, index: number): string {
  return `${listId}-${index}`;
}

export function QuickList({ id, rows, query, active, onAccept }: QuickListProps) {
  const text = useText();
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => (rows[index]?.detail === undefined ? ROW_PIXELS : DETAILED_ROW_PIXELS),
    // The same function for the same rows: with another one all places are worked out again at every scroll.
    getItemKey: useCallback((index: number) => rows[index]?.id ?? index, [rows]),
    overscan: 4,
    // Rows are there with the first painting, before the list has been measured.
    initialRect: { width: 0, height: LIST_PIXELS },
  });
  // Sizes are estimated once per index; another list has other rows there.
  // biome-ignore lint/correctness/useExhaustiveDependencies: measured again for other rows only
  useEffect(() => virtual.measure(), [rows]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the active row is brought into view when it or the rows change
  useEffect(() => {
    if (active >= 0) virtual.scrollToIndex(active);
  }, [active, rows]);
  return (
    <div
      className="quick-input-list"
      id={id}
      role="listbox"
      aria-label={text(quickInputMessages.results)}
      ref={scroller}
    >
      <div role="presentation" style={{ height: virtual.getTotalSize(), position: 'relative' }}>
        {virtual.getVirtualItems().map(({ index, start, size, key }) => {
          const item = rows[index];
          if (item === undefined) return null;
          return (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the field has the focus and handles the keys of the list
            // biome-ignore lint/a11y/useFocusableInteractive: the field points at the active option instead
            <div
              key={key}
              id={rowId(id, index)}
              role="option"
              aria-selected={index === active}
              aria-disabled={item.disabledReason !== undefined}
              aria-setsize={rows.length}
              aria-posinset={index + 1}
              className="quick-input-row"
              style={{
                position: 'absolute',
                insetInline: 0,
                top: 0,
                height: size,
                transform: `translateY(${start}px)`,
              }}
              title={item.disabledReason}
              // The field keeps the focus, and with it the list its life.
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => onAccept(index)}
            >
              <RowContent item={item} query={query} />
            </div>
          );
        })}
      </div>
    </div>
  );
}

function RowContent({ item, query }: { item: QuickItem; query: FuzzyQuery }) {
  const { keybindings } = useWorkbench();
  const { label, icon, description, detail, disabledReason, keybinding } = item;
  return (
    <>
      <span className="quick-input-line">
        {icon === undefined ? null : <Icon name={icon} />}
        <span className="quick-input-label">
          <Highlighted text={label} ranges={highlightsOf(query, item)} />
        </span>
        {description === undefined ? null : (
          <span className="quick-input-description">
            <bdi>{description}</bdi>
          </span>
        )}
        {disabledReason === undefined ? null : <span className="quick-input-reason">{disabledReason}</span>}
        {keybinding === undefined ? null : <KeyHint keys={keybindings.label(keybinding)} />}
      </span>
      {detail === undefined ? null : (
        <span className="quick-input-detail">
          <bdi>{detail}</bdi>
        </span>
      )}
    </>
  );
}
