import type { AgentSummary } from '../../api/schemas.ts';
import { formatShare } from '../../ui/format.ts';

/** How an agent is shown: icon, tone and words always go together, so that colour never carries the meaning alone. */
export interface ShownState {
  icon: string;
  tone: 'ok' | 'warning' | 'error' | 'unknown';
  words: string;
}

/** The state of an agent, worst first: revoked, blocked folder, offline, syncing, complete. */
export function shownState(agent: Pick<AgentSummary, 'state' | 'folders' | 'lastSeenAtMs'>): ShownState {
  if (agent.state === 'revoked') return { icon: 'circle-slash', tone: 'unknown', words: 'revoked' };
  const blocked = agent.folders.find(({ state }) => state === 'blocked');
  if (blocked !== undefined)
    return { icon: 'error', tone: 'error', words: `blocked: ${blocked.reason ?? 'no reason reported'}` };
  if (agent.state === 'offline') {
    return agent.lastSeenAtMs === null
      ? { icon: 'circle-large-outline', tone: 'unknown', words: 'never seen' }
      : { icon: 'debug-disconnect', tone: 'warning', words: 'offline' };
  }
  if (agent.folders.length === 0) return { icon: 'vm-active', tone: 'ok', words: 'online' };
  if (agent.folders.every(({ state }) => state === 'complete')) return { icon: 'pass', tone: 'ok', words: 'complete' };
  const done = agent.folders.reduce((sum, { bytesDone }) => sum + bytesDone, 0);
  const total = agent.folders.reduce((sum, { bytesTotal }) => sum + bytesTotal, 0);
  return { icon: 'sync', tone: 'ok', words: total === 0 ? 'starting' : `syncing ${formatShare(done, total)}` };
}

const severity = { error: 3, warning: 2, unknown: 1, ok: 0 } as const;

/** What a group shows: the worst of its members. */
export function worstTone(tones: readonly ShownState['tone'][]): ShownState['tone'] {
  return tones.reduce((worst, tone) => (severity[tone] > severity[worst] ? tone : worst), 'ok');
}
