/** Traffic as the charts take it: rates by source, and the share that did not cross the WAN. A slot nobody reported in is a gap, never a zero. */
import type { TrafficSeries } from '../../api/schemas.ts';
import type { ChartPoint } from '../../ui/charts/model.ts';

type TrafficPoint = TrafficSeries['points'][number];

/** Bytes per second by source, slot by slot. Slots without a report are there with `null`, so that tables show them too. */
export function ratePoints(series: TrafficSeries): ChartPoint[] {
  const { stepMs } = series;
  return inSlots(series, (point) => ({
    fromPeers: (point.fromPeers * 1000) / stepMs,
    fromLocal: (point.fromLocal * 1000) / stepMs,
    fromOrigin: (point.fromOrigin * 1000) / stepMs,
  }));
}

/** The share of each slot's bytes that did not cross the WAN; `null` where nothing moved, because nothing of nothing is unknown. */
export function hitRatioPoints(series: TrafficSeries): ChartPoint[] {
  return inSlots(series, ({ fromPeers, fromLocal, fromOrigin }) => {
    const all = fromPeers + fromLocal + fromOrigin;
    return { lan: all === 0 ? null : (fromPeers + fromLocal) / all };
  });
}

/** More slots than any chart here asks for; a range from an odd answer must not hang the page. */
const MAX_SLOTS = 2000;

function inSlots(
  { fromMs, toMs, stepMs, points }: TrafficSeries,
  values: (point: TrafficPoint) => Record<string, number | null>,
): ChartPoint[] {
  const known = new Map(points.map((point) => [point.atMs, point]));
  const first = Math.floor(fromMs / stepMs) * stepMs;
  const slots = Math.min(MAX_SLOTS, Math.ceil((toMs - first) / stepMs));
  return Array.from({ length: Math.max(0, slots) }, (_, slot) => {
    const atMs = first + slot * stepMs;
    const point = known.get(atMs);
    return { atMs, values: point === undefined ? {} : values(point) };
  });
}

/** Whether a slot has anything at all to show. */
export function isKnown({ values }: ChartPoint): boolean {
  return Object.values(values).some((value) => value !== null);
}
