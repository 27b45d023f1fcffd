/** From "how many PCs had the change when" to a step curve and to the moments that people ask for. Pure. */
import type { TimeToOffice } from '../../api/schemas.ts';
import type { StepLine } from '../../ui/charts/model.ts';

type Office = TimeToOffice['offices'][number];

/** How long after the change a share of an office's PCs had it; null: not yet. */
export interface OfficeTimes {
  officeId: string;
  officeName: string;
  agentsTotal: number;
  agentsDone: number;
  to50Ms: number | null;
  to90Ms: number | null;
  to100Ms: number | null;
}

/** More lines than this cannot be told apart. */
export const MAX_LINES = 5;

/** The moments of every office, the slowest first: those that are not complete, then by the time to 90 %. Offices without PCs come last. */
export function officeTimes({ change, offices }: TimeToOffice): OfficeTimes[] {
  if (change === null) return [];
  return offices
    .map((office) => ({
      officeId: office.officeId,
      officeName: office.officeName,
      agentsTotal: office.agentsTotal,
      agentsDone: office.points.at(-1)?.agentsDone ?? 0,
      to50Ms: reachedMs(office, 0.5, change.atMs),
      to90Ms: reachedMs(office, 0.9, change.atMs),
      to100Ms: reachedMs(office, 1, change.atMs),
    }))
    .sort(
      (a, b) =>
        Number(a.agentsTotal === 0) - Number(b.agentsTotal === 0) ||
        slowness(b) - slowness(a) ||
        (a.officeName < b.officeName ? -1 : 1),
    );
}

function slowness({ to100Ms, to90Ms, agentsDone, agentsTotal }: OfficeTimes): number {
  if (to100Ms !== null) return to90Ms ?? to100Ms;
  // Not complete: slower than everybody who is, and the slower the more PCs are missing.
  return Number.MAX_SAFE_INTEGER / 2 + (agentsTotal === 0 ? 0 : 1 - agentsDone / agentsTotal) * 1e6;
}

/** How long after `sinceMs` this share of the office's PCs had the change; null if it has not come so far. Clocks differ: never negative. */
export function reachedMs(
  { points, agentsTotal }: Pick<Office, 'points' | 'agentsTotal'>,
  share: number,
  sinceMs: number,
): number | null {
  if (agentsTotal === 0) return null;
  const wanted = Math.max(1, Math.ceil(share * agentsTotal - 1e-9));
  const point = points.find(({ agentsDone }) => agentsDone >= wanted);
  return point === undefined ? null : Math.max(0, point.atMs - sinceMs);
}

/** How long after the change this share of all PCs of all offices had it. */
export function fleetReachedMs({ change, offices }: TimeToOffice, share: number): number | null {
  if (change === null) return null;
  const steps = offices
    .flatMap(({ points }) =>
      points.map(({ atMs, agentsDone }, index) => ({
        atMs,
        gained: agentsDone - (points[index - 1]?.agentsDone ?? 0),
      })),
    )
    .sort((a, b) => a.atMs - b.atMs);
  const agentsTotal = offices.reduce((sum, office) => sum + office.agentsTotal, 0);
  let agentsDone = 0;
  const points = steps.map(({ atMs, gained }) => {
    agentsDone += gained;
    return { atMs, agentsDone, agentsTotal };
  });
  return reachedMs({ points, agentsTotal }, share, change.atMs);
}

const looks = [
  { color: 'a', dash: 'solid' },
  { color: 'b', dash: 'dashed' },
  { color: 'c', dash: 'dotted' },
  { color: 'd', dash: 'dash-dot' },
  { color: 'e', dash: 'solid' },
] as const;

/** The curves of the slowest offices, and where their axis ends. */
export function stepLines(data: TimeToOffice): { lines: StepLine[]; toMs: number } {
  const { change, offices } = data;
  if (change === null) return { lines: [], toMs: 1000 };
  const byId = new Map(offices.map((office) => [office.officeId, office]));
  const slowest = officeTimes(data)
    .filter(({ agentsTotal }) => agentsTotal > 0)
    .slice(0, MAX_LINES);
  let lastMs = 1000;
  const drawn = slowest.map(({ officeId, officeName, agentsTotal }, index) => {
    const points = (byId.get(officeId)?.points ?? []).map(({ atMs, agentsDone }) => {
      const afterMs = Math.max(0, atMs - change.atMs);
      lastMs = Math.max(lastMs, afterMs);
      return { afterMs, share: Math.min(1, agentsDone / agentsTotal) };
    });
    return { key: officeId, label: officeName, ...looks[index % looks.length]!, points };
  });
  const toMs = Math.ceil(lastMs * 1.05);
  const lines = drawn.map((line) => ({
    ...line,
    points: [{ afterMs: 0, share: 0 }, ...line.points, { afterMs: toMs, share: line.points.at(-1)?.share ?? 0 }],
  }));
  return { lines, toMs };
}
