/** What every source of problems gives, and how one is put together. */
import type { Problem, Severity, Subject } from '../../../api/schemas.ts';

/** Problems of one answer; also the most that one source lists. */
export const MAX_PROBLEMS = 1000;

/** What one source found. When everybody has the same trouble, not all of it is read, but all of it counts. */
export interface FoundProblems {
  listed: Problem[];
  unlisted?: Partial<Record<Severity, number>>;
}

/** Rows of a statement that lists at most so many and says with each how many there are. */
export function counted<Row extends { total: number }>(
  rows: readonly Row[],
  severity: Severity,
  problemOf: (row: Row) => ProblemFacts,
): FoundProblems {
  const listed = rows.map((row) => problem(severity, problemOf(row)));
  return { listed, unlisted: { [severity]: (rows[0]?.total ?? 0) - rows.length } };
}

/** What there is to say of a problem besides how grave it is. */
export type ProblemFacts = Pick<Problem, 'code' | 'subject'> &
  Partial<Pick<Problem, 'related' | 'params'>> & { sinceAt?: Date | null };

/** Its id is what it is about, so it is the same for as long as it lasts. */
export function problem(severity: Severity, { sinceAt, params = {}, related = null, ...facts }: ProblemFacts): Problem {
  const parts = [facts.code, facts.subject.kind, facts.subject.id, ...(related === null ? [] : [related.id])];
  return { id: parts.join('/'), severity, ...facts, params, related, sinceMs: sinceAt?.getTime() ?? null };
}

/** What a problem is about. */
export function subject(kind: Subject['kind'], id: string, name: string): Subject {
  return { kind, id, name };
}
