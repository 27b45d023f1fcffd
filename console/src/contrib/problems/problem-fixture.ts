import type { Problem } from '../../api/schemas.ts';

/** A problem for tests: a full disk on a PC, unless told otherwise. */
export function problem(differs: Partial<Problem> = {}): Problem {
  return {
    id: 'p1',
    severity: 'error',
    code: 'disk.full',
    params: {},
    subject: { kind: 'agent', id: 'a1', name: 'PC-1' },
    related: { kind: 'folder', id: 'f1', name: 'Team' },
    sinceMs: 1000,
    ...differs,
  };
}
