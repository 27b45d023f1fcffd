'use client';
import { useId, useState } from 'react';
import { useText } from '../../i18n/I18n.tsx';
import { State } from '../../ui/states.tsx';
import { savingsEditorText } from './editor-messages.ts';
import { daysOf, daysRange, type TimeWindow } from './time-window.ts';

export interface CustomDaysProps {
  time: TimeWindow;
  /** The zone whose days are meant. */
  zone: string;
  onChoose(days: { from: string; to: string }): void;
}

/** Two days, both included. What is not a stretch is kept in the fields and said, and changes nothing. */
export function CustomDays({ time, zone, onChoose }: CustomDaysProps) {
  const text = useText();
  const errorId = useId();
  const [typed, setTyped] = useState<{ first: string; last: string }>();
  const days = typed ?? daysOf(time, zone);
  const isBad = daysRange(days.first, days.last, zone) === undefined;
  const change = (next: { first: string; last: string }) => {
    const range = daysRange(next.first, next.last, zone);
    setTyped(range === undefined ? next : undefined);
    if (range !== undefined) onChoose(range);
  };
  const field = (key: 'first' | 'last', label: string) => (
    <label>
      {label}
      <input
        type="date"
        value={days[key]}
        aria-invalid={isBad}
        aria-describedby={isBad ? errorId : undefined}
        onChange={({ target }) => change({ ...days, [key]: target.value })}
      />
    </label>
  );
  return (
    <div className="savings-choice">
      {field('first', text(savingsEditorText.customFrom))}
      {field('last', text(savingsEditorText.customTo))}
      <span id={errorId} role="status">
        {isBad ? <State tone="error">{text(savingsEditorText.customBad)}</State> : null}
      </span>
    </div>
  );
}
