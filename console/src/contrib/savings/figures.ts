/** What was saved, and what to say of it. Pure. */
import type { HitRatios, OfficeSummary, TrafficSeries } from '../../api/schemas.ts';
import type { ChartPoint } from '../../ui/charts/model.ts';
import type { TimeWindow } from './time-window.ts';

/** Verified bytes by source. */
export type BySource = TrafficSeries['totals'];

/** What of the delivered did not cross the WAN. Without Harp all of it would have. `share` is null when nothing was delivered. */
export function savedOf({ fromPeers, fromOrigin, fromLocal }: BySource): {
  delivered: number;
  saved: number;
  share: number | null;
} {
  const delivered = fromPeers + fromLocal + fromOrigin;
  const saved = fromPeers + fromLocal;
  return { delivered, saved, share: delivered === 0 ? null : saved / delivered };
}

/** One step of the chart; all null where nobody reported. */
export interface Slot {
  atMs: number;
  fromPeers: number | null;
  fromLocal: number | null;
  fromOrigin: number | null;
}

/** Every step of the window, reported or not. Steps that have not begun yet are not there: they are no gap. */
export function slotsOfSeries(
  points: TrafficSeries['points'],
  { fromMs, toMs, stepMs }: TimeWindow,
  nowMs: number,
): Slot[] {
  const known = new Map(points.map((point) => [point.atMs, point]));
  const slots: Slot[] = [];
  for (let atMs = fromMs; atMs < toMs && atMs <= nowMs; atMs += stepMs) {
    slots.push(known.get(atMs) ?? { atMs, fromPeers: null, fromLocal: null, fromOrigin: null });
  }
  return slots;
}

/** How many steps nobody reported in. */
export function gapsIn(slots: readonly Slot[]): number {
  return slots.filter(({ fromPeers }) => fromPeers === null).length;
}

/** The slots as the chart takes them. */
export function pointsOf(slots: readonly Slot[]): ChartPoint[] {
  return slots.map(({ atMs, ...values }) => ({ atMs, values }));
}

/** An office in the ranking. */
export interface RankedOffice {
  id: string;
  name: string;
  fromPeers: number;
  fromOrigin: number;
  fromLocal: number;
  /** LAN hit ratio, 0 to 1; null for an office that got nothing: it is in no band. */
  share: number | null;
  saved: number;
  agentsOnline: number;
  agentsTotal: number;
}

/** All offices with their ratios, those that got nothing last. */
export function rankOffices(ratios: HitRatios['offices'], offices: readonly OfficeSummary[]): RankedOffice[] {
  const known = new Set(ratios.map(({ officeId }) => officeId));
  const none = { fromPeers: 0, fromOrigin: 0, fromLocal: 0 };
  return [
    ...ratios.map((row) => ({ ...row, id: row.officeId, name: row.officeName })),
    ...offices.filter(({ id }) => !known.has(id)).map((office) => ({ ...office, ...none })),
  ]
    .map(({ id, name, fromPeers, fromOrigin, fromLocal, agentsOnline, agentsTotal }) => {
      const { saved, share } = savedOf({ fromPeers, fromOrigin, fromLocal });
      return { id, name, fromPeers, fromOrigin, fromLocal, share, saved, agentsOnline, agentsTotal };
    })
    .toSorted((a, b) => (a.share ?? 2) - (b.share ?? 2) || a.name.localeCompare(b.name));
}
