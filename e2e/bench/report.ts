/** The one shape every benchmark ends with: a line of JSON on stdout. Figures are measured; a bar missed is reported, not hidden. */
import { cpus, totalmem } from 'node:os';

export interface Figure {
  name: string;
  value: number;
  unit: string;
  /** What the figure is held against; absent for plain facts. */
  bar?: number;
  better?: 'lower' | 'higher';
  ok?: boolean;
}

/** A figure with its verdict. */
export function figure(
  name: string,
  value: number,
  unit: string,
  bar?: number,
  better: 'lower' | 'higher' = 'lower',
): Figure {
  const rounded = Number(value.toFixed(3));
  if (bar === undefined) return { name, value: rounded, unit };
  return { name, value: rounded, unit, bar, better, ok: better === 'lower' ? rounded <= bar : rounded >= bar };
}

/** Prints the closing line. */
export function printReport(bench: string, figures: readonly Figure[], facts: Record<string, unknown> = {}): void {
  const [cpu] = cpus();
  const machine = `${cpus().length} × ${cpu?.model.trim() ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform}, Node ${process.versions.node}`;
  process.stdout.write(`${JSON.stringify({ bench, machine, ...facts, figures })}\n`);
}
