/** Who cannot sign in for a while, among what is not right; for those who see who there is. */
import type { ProblemList } from '../../../api/schemas.ts';
import type { Lock } from '../../auth/locks.ts';
import { MAX_PROBLEMS, problem, subject } from './found-problems.ts';

/** The list with these locks at the end of what is worse. */
export function withLocks(list: ProblemList, locks: readonly Lock[]): ProblemList {
  if (locks.length === 0) return list;
  const found = locks.map(({ id, name, sinceMs }) =>
    problem('warning', {
      code: 'people.locked',
      subject: subject('person', id, name),
      sinceAt: new Date(sinceMs),
    }),
  );
  const at = list.problems.findIndex(({ severity }) => severity !== 'error');
  const problems = list.problems.toSpliced(at === -1 ? list.problems.length : at, 0, ...found);
  return { ...list, problems: problems.slice(0, MAX_PROBLEMS), warnings: list.warnings + found.length };
}
