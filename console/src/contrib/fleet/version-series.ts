/** Versions over time as a chart of at most five series: the ones most agents run, and all others together. */
import type { VersionSeries } from '../../api/schemas.ts';
import type { ChartColor, ChartPoint, ChartSeries } from '../../ui/charts/model.ts';
import { cutName } from './display-name.ts';

const MAX_NAMED = 4;
const colors = ['a', 'b', 'c', 'd'] as const satisfies readonly ChartColor[];
const OTHERS = 'others';

export interface ShownVersions {
  series: readonly ChartSeries[];
  points: readonly ChartPoint[];
}

/** The chart. `others` names what is left. Slots nobody counted in are gaps. */
export function shownVersions(
  { versions, points, present, fromMs, toMs, stepMs }: VersionSeries,
  others: string,
): ShownVersions {
  const weight = versions.map((version, index) => {
    const now = present.find((each) => each.version === version)?.agents ?? 0;
    // What runs now counts first; what ran most decides between the gone.
    return { version, index, now, most: points.reduce((most, { agents }) => Math.max(most, agents[index] ?? 0), 0) };
  });
  const ranked = weight.toSorted((a, b) => b.now - a.now || b.most - a.most || a.index - b.index);
  const named = new Set(
    (ranked.length <= MAX_NAMED + 1 ? ranked : ranked.slice(0, MAX_NAMED)).map(({ version }) => version),
  );
  // In the order of the answer, newest first, so that colours follow age and not yesterday's ranking.
  const shown = versions.map((version, index) => ({ version, index })).filter(({ version }) => named.has(version));
  const rest = versions.map((version, index) => ({ version, index })).filter(({ version }) => !named.has(version));
  const series: ChartSeries[] = shown.map(({ version }, place) => ({
    key: `v:${version}`,
    label: cutName(version),
    color: colors[place] ?? 'e',
  }));
  if (rest.length > 0) series.push({ key: OTHERS, label: others, color: 'unknown' });
  const counted = new Map(points.map((point) => [point.atMs, point.agents]));
  const slots = Math.min(2000, Math.max(0, Math.ceil((toMs - fromMs) / stepMs)));
  const first =
    points[0] === undefined ? fromMs : points[0].atMs - Math.floor((points[0].atMs - fromMs) / stepMs) * stepMs;
  return {
    series,
    points: Array.from({ length: slots }, (_, slot) => {
      const atMs = first + slot * stepMs;
      const agents = counted.get(atMs);
      if (agents === undefined) return { atMs, values: {} };
      const values: Record<string, number | null> = {};
      for (const { version, index } of shown) values[`v:${version}`] = agents[index] ?? 0;
      if (rest.length > 0) values[OTHERS] = rest.reduce((sum, { index }) => sum + (agents[index] ?? 0), 0);
      return { atMs, values };
    }),
  };
}
