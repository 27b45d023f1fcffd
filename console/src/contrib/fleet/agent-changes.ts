/** What changed between two lists of agents. Agents that did not change are the same objects, so nothing is compared field by field. */
import type { AgentSummary } from '../../api/schemas.ts';

export interface AgentChanges {
  /** New ones and changed ones. */
  readonly changed: readonly AgentSummary[];
  readonly removed: readonly AgentSummary[];
}

const nothing: AgentChanges = { changed: [], removed: [] };

/** The way from one list to the next; both are in the order of ids. One walk over both. */
export function changesBetween(before: readonly AgentSummary[], now: readonly AgentSummary[]): AgentChanges {
  if (before === now) return nothing;
  const changed: AgentSummary[] = [];
  const removed: AgentSummary[] = [];
  let left = 0;
  let right = 0;
  while (left < before.length || right < now.length) {
    const old = before[left];
    const next = now[right];
    if (old === next) {
      left += 1;
      right += 1;
    } else if (next === undefined || (old !== undefined && old.id < next.id)) {
      removed.push(old!);
      left += 1;
    } else {
      changed.push(next);
      right += 1;
      if (old?.id === next.id) left += 1;
    }
  }
  return { changed, removed };
}
