/** What a rule would let in of the PCs that wait, by the lines that the broker decides with. Pure. */
import { matchRule, type RuleMatch } from '@harp/broker/protocol';
import type { EnrolmentSummary, RuleRequest, RuleSummary } from '../../api/schemas.ts';

/** Why one is not let in. No rule lets these in: `code`: a person compares its code; `duplicate`: a person gives it the place of the PC it claims to be. */
export type NotWhy = Exclude<RuleMatch, { matches: true }>['why'] | 'code' | 'duplicate';

export interface RulePreview {
  matched: readonly EnrolmentSummary[];
  /** How many are not, by why; most first. */
  not: readonly { why: NotWhy; count: number }[];
  total: number;
}

/** Compares a rule, as it is written or as it is kept, with every PC that waits. */
export function previewRule(
  rule: RuleRequest & Partial<Pick<RuleSummary, 'used' | 'pausedAtMs'>>,
  waiting: readonly EnrolmentSummary[],
  nowMs: number,
): RulePreview {
  const matched: EnrolmentSummary[] = [];
  const counts = new Map<NotWhy, number>();
  let used = rule.used ?? 0;
  for (const row of waiting) {
    const facts = { ...rule, id: '', used, pausedAtMs: rule.pausedAtMs ?? null };
    const match = byPersonOnly(row) ?? matchRule(facts, row, nowMs);
    if (match.matches) {
      matched.push(row);
      used += 1;
    } else counts.set(match.why, (counts.get(match.why) ?? 0) + 1);
  }
  const not = [...counts].map(([why, count]) => ({ why, count })).sort((a, b) => b.count - a.count);
  return { matched, not, total: waiting.length };
}

function byPersonOnly({ needsCode, cause }: EnrolmentSummary): { matches: false; why: NotWhy } | undefined {
  if (needsCode) return { matches: false, why: 'code' };
  return cause === 'enrolment.duplicate' ? { matches: false, why: 'duplicate' } : undefined;
}
