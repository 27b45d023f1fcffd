'use client';
/** What charts over time share: the choices of range, and the words for a range that stands still. */
import { useMemo } from 'react';
import { useFormat, useText } from '../../i18n/I18n.tsx';
import { LinkButton } from '../../ui/Button.tsx';
import type { RangeChoice } from '../../ui/charts/model.ts';
import type { ShownQuery } from '../../ui/states.tsx';
import { editorMessages as messages } from './editor-messages.ts';
import { type RangeId, rangeOf, recentRanges, type ShownRange, withRange, withTimes } from './time-ranges.ts';
import { useNow } from './use-now.ts';

export interface RangeProps {
  params: Readonly<Record<string, string>>;
  setParams(next: Record<string, string>): void;
}

/** What a chart over a range is drawn from. */
export interface RangeChartProps<T> extends RangeProps {
  query: ShownQuery<T>;
  range: ShownRange;
}

/** The range that the address asks for; moves on while it ends now. */
export function useRange(params: RangeProps['params'], fallback: RangeId = '24h'): ShownRange {
  const now = useNow(15_000);
  const { id, fromMs, toMs, stepMs } = rangeOf(params, now, fallback);
  return useMemo(() => ({ id, fromMs, toMs, stepMs }), [id, fromMs, toMs, stepMs]);
}

/** The ranges that can be chosen. */
export function useRangeChoices(): readonly RangeChoice[] {
  const text = useText();
  return useMemo(() => recentRanges.map(({ id }) => ({ id, label: text(rangeTexts[id]) })), [text]);
}

const rangeTexts = {
  '1h': messages.lastHour,
  '24h': messages.lastDay,
  '7d': messages.lastWeek,
  '30d': messages.lastMonth,
} as const;

/** From when to when, and how to fix it or let it go. A link with fixed times shows the same to whoever opens it later. */
export function RangeLine({
  range,
  zone,
  params,
  setParams,
}: RangeProps & { range: ShownRange; zone?: string | undefined }) {
  const text = useText();
  const format = useFormat();
  return (
    <p className="muted fleet-range">
      {text(zone === undefined ? messages.fromTo : messages.fromToThere, {
        from: format.minute(range.fromMs, zone),
        to: format.minute(range.toMs, zone),
        zone: zone ?? '',
      })}{' '}
      {range.id === 'fixed' ? (
        <LinkButton run={() => setParams(withRange(params, '24h'))}>{text(messages.followNow)}</LinkButton>
      ) : (
        <LinkButton run={() => setParams(withTimes(params, range))}>{text(messages.fixTimes)}</LinkButton>
      )}
    </p>
  );
}
