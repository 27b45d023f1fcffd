/** Which problems are listed, under which object, in which order, and which one is next. Pure. */
import type { Problem } from '../../api/schemas.ts';
import { matchesQuery, parseQuery } from '../../ui/query.ts';

/** The keys that terms of the filter may have. */
export const filterKeys = ['office', 'agent', 'folder', 'nextcloud', 'code'] as const;

/** What of a problem a filter looks at besides its data. */
export type WordsOf = (problem: Problem) => { what: string; why: string };

export interface ProblemFilter {
  text: string;
  hidden: ReadonlySet<Problem['severity']>;
}

/** Problems that the filter shows, in their order. */
export function filterProblems(
  problems: readonly Problem[],
  filter: ProblemFilter,
  wordsOf: WordsOf,
): readonly Problem[] {
  const terms = parseQuery(filter.text, filterKeys);
  const valuesOf = (problem: Problem, key: string | undefined): readonly string[] => {
    const objects = [problem.subject, ...(problem.related === null ? [] : [problem.related])];
    if (key === 'code') return [problem.code];
    if (key !== undefined) return objects.filter(({ kind }) => kind === key).flatMap(({ id, name }) => [name, id]);
    const { what, why } = wordsOf(problem);
    return [...objects.map(({ name }) => name), problem.code, what, why];
  };
  return problems.filter((problem) => !filter.hidden.has(problem.severity) && matchesQuery(problem, terms, valuesOf));
}

/** Problems of one object. */
export interface ProblemGroup {
  key: string;
  subject: Problem['subject'];
  /** The worst of its problems. */
  severity: Problem['severity'];
  problems: readonly Problem[];
}

const gravity: Readonly<Record<Problem['severity'], number>> = { error: 2, warning: 1, info: 0 };

/** By object, in the order in which the worst of each comes: worst first, as the server orders them. */
export function groupProblems(problems: readonly Problem[]): readonly ProblemGroup[] {
  const groups = new Map<string, { subject: Problem['subject']; problems: Problem[] }>();
  for (const problem of problems) {
    const key = `${problem.subject.kind}/${problem.subject.id}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { subject: problem.subject, problems: [problem] });
    else group.problems.push(problem);
  }
  return [...groups]
    .map(([key, group]) => ({ key, ...group, severity: worst(group.problems) }))
    .toSorted((a, b) => gravity[b.severity] - gravity[a.severity]);
}

function worst(problems: readonly Problem[]): Problem['severity'] {
  return problems.reduce<Problem['severity']>(
    (most, { severity }) => (gravity[severity] > gravity[most] ? severity : most),
    'info',
  );
}

/** The problem after or before the present one in the order of the list, round the end; the first or last when the present one is gone. */
export function stepProblem(problems: readonly Problem[], currentId: unknown, by: 1 | -1): Problem | undefined {
  const ordered = groupProblems(problems).flatMap((group) => group.problems);
  const at = ordered.findIndex(({ id }) => id === currentId);
  if (at < 0) return by === 1 ? ordered[0] : ordered.at(-1);
  return ordered[(at + by + ordered.length) % ordered.length];
}
