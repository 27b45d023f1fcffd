'use client';
/** Tabs inside an editor. Arrows move between them; Enter or Space opens one: looking at the names loads nothing. */
import { type ReactNode, useId, useLayoutEffect, useRef, useState } from 'react';
import { moveFocus, revealSelected } from './roving.ts';

export interface TabItem {
  id: string;
  label: string;
  badge?: number | string | undefined;
}

export interface TabStripProps {
  /** What the tabs are of. */
  label: string;
  tabs: readonly TabItem[];
  active: string;
  onSelect(id: string): void;
  /** The content of the active tab. */
  children: ReactNode;
}

export function TabStrip({ label, tabs, active, onSelect, children }: TabStripProps) {
  const prefix = useId();
  const [focused, setFocused] = useState<string>();
  const row = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another tab may be one that is out of sight
  useLayoutEffect(() => revealSelected(row.current), [active]);
  const tabStop = tabs.some(({ id }) => id === focused) ? focused : active;
  return (
    <div className="tabbed">
      <div
        ref={row}
        role="tablist"
        aria-label={label}
        className="inner-tabs"
        onKeyDown={(event) => moveFocus(event, '[role="tab"]')}
        onBlur={(event) => {
          if (!event.currentTarget.contains(event.relatedTarget)) setFocused(undefined);
        }}
      >
        {tabs.map(({ id, label: name, badge }) => (
          <button
            key={id}
            type="button"
            role="tab"
            id={`${prefix}-tab-${id}`}
            aria-selected={id === active}
            aria-controls={id === active ? `${prefix}-panel` : undefined}
            tabIndex={id === tabStop ? 0 : -1}
            className="inner-tab"
            onFocus={() => setFocused(id)}
            onClick={() => onSelect(id)}
          >
            {name}
            {badge === undefined ? null : <span className="badge">{badge}</span>}
          </button>
        ))}
      </div>
      <div role="tabpanel" id={`${prefix}-panel`} aria-labelledby={`${prefix}-tab-${active}`} className="inner-panel">
        {children}
      </div>
    </div>
  );
}
