/** How far the PCs of every office are with a folder: counted by stage, and those that are not there yet, with the reason. Pure. */
import type { AgentSummary } from '../../api/schemas.ts';

/** Where a PC stands, best first. `behind`: complete, but as of an earlier entry. `silent`: it has not reported on this folder. */
export const stages = ['complete', 'behind', 'high', 'middle', 'low', 'starting', 'blocked', 'silent'] as const;
export type Stage = (typeof stages)[number];

type FolderReport = AgentSummary['folders'][number];

/** A PC and its report on the folder, if there is one. */
export interface CoveredPc {
  agent: AgentSummary;
  report: FolderReport | undefined;
  stage: Stage;
}

export interface OfficeCoverage {
  officeId: string;
  officeName: string;
  total: number;
  reporting: number;
  counts: Readonly<Record<Stage, number>>;
  bytesDone: number;
  bytesTotal: number;
}

const HIGH_SHARE = 0.9;
const MIDDLE_SHARE = 0.5;

/** The stage of a PC that reports (or does not) on a folder whose chain is at `seq`. */
export function stageOf(report: FolderReport | undefined, seq: number): Stage {
  if (report === undefined) return 'silent';
  if (report.state === 'blocked' || report.state === 'starting') return report.state;
  if (report.state === 'complete') return report.seq >= seq ? 'complete' : 'behind';
  const share = report.bytesTotal > 0 ? report.bytesDone / report.bytesTotal : 0;
  return share >= HIGH_SHARE ? 'high' : share >= MIDDLE_SHARE ? 'middle' : 'low';
}

/** The PCs of some offices as one folder sees them. Revoked ones are no part of the fleet any more. */
export function coveredPcs(
  agents: Iterable<AgentSummary>,
  folder: { id: string; seq: number },
  officeIds: ReadonlySet<string>,
): CoveredPc[] {
  const pcs: CoveredPc[] = [];
  for (const agent of agents) {
    if (agent.state === 'revoked' || !officeIds.has(agent.officeId)) continue;
    const report = agent.folders.find(({ id }) => id === folder.id);
    pcs.push({ agent, report, stage: stageOf(report, folder.seq) });
  }
  return pcs;
}

/** Counts PCs by office and stage. Offices stay in their order; one without PCs has zeros. */
export function coverageByOffice(
  offices: readonly { officeId: string; officeName: string }[],
  pcs: readonly CoveredPc[],
): OfficeCoverage[] {
  const rows = new Map(
    offices.map(({ officeId, officeName }) => [
      officeId,
      {
        officeId,
        officeName,
        total: 0,
        reporting: 0,
        counts: Object.fromEntries(stages.map((stage) => [stage, 0])) as Record<Stage, number>,
        bytesDone: 0,
        bytesTotal: 0,
      },
    ]),
  );
  for (const { agent, report, stage } of pcs) {
    const row = rows.get(agent.officeId);
    if (row === undefined) continue;
    row.total += 1;
    row.counts[stage] += 1;
    if (report === undefined) continue;
    row.reporting += 1;
    row.bytesDone += Math.min(report.bytesDone, report.bytesTotal);
    row.bytesTotal += report.bytesTotal;
  }
  return [...rows.values()];
}

/** PCs that are not complete, worst first, of one office and stage if they are given. */
export function notComplete(
  pcs: readonly CoveredPc[],
  of: { officeId?: string | undefined; stage?: Stage | undefined } = {},
): CoveredPc[] {
  const rank = (stage: Stage) => stages.indexOf(stage);
  return pcs
    .filter(
      ({ agent, stage }) =>
        (of.stage === undefined ? stage !== 'complete' : stage === of.stage) &&
        (of.officeId === undefined || agent.officeId === of.officeId),
    )
    .sort(
      (a, b) =>
        urgency(b.stage) - urgency(a.stage) ||
        rank(b.stage) - rank(a.stage) ||
        (a.agent.hostname < b.agent.hostname ? -1 : 1),
    );
}

/** Blocked needs a person; silence may. The rest goes on by itself. */
function urgency(stage: Stage): number {
  return stage === 'blocked' ? 2 : stage === 'silent' ? 1 : 0;
}

/** Sums for one line about a folder. */
export interface FolderProgress {
  total: number;
  complete: number;
  reporting: number;
  blocked: number;
  bytesDone: number;
  bytesTotal: number;
}

interface ProgressFolder {
  id: string;
  seq: number;
  officeIds: readonly string[];
}

/** How far each folder is, by id, in one pass over the fleet. */
export function progressOf(
  folders: readonly ProgressFolder[],
  agents: Iterable<AgentSummary>,
): ReadonlyMap<string, FolderProgress> {
  const progress = new Map<string, FolderProgress>();
  const byOffice = new Map<string, ProgressFolder[]>();
  for (const folder of folders) {
    progress.set(folder.id, { total: 0, complete: 0, reporting: 0, blocked: 0, bytesDone: 0, bytesTotal: 0 });
    for (const office of folder.officeIds) byOffice.set(office, [...(byOffice.get(office) ?? []), folder]);
  }
  for (const agent of agents) {
    if (agent.state === 'revoked') continue;
    for (const folder of byOffice.get(agent.officeId) ?? []) {
      const sum = progress.get(folder.id);
      if (sum === undefined) continue;
      sum.total += 1;
      const report = agent.folders.find(({ id }) => id === folder.id);
      if (report === undefined) continue;
      sum.reporting += 1;
      sum.bytesDone += Math.min(report.bytesDone, report.bytesTotal);
      sum.bytesTotal += report.bytesTotal;
      const stage = stageOf(report, folder.seq);
      if (stage === 'complete') sum.complete += 1;
      if (stage === 'blocked') sum.blocked += 1;
    }
  }
  return progress;
}
