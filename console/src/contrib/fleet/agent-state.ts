/** What an agent's state is called here, worst first, and how it is shown. Icon, tone and words always go together: colour never carries it alone. */
import type { AgentSummary } from '../../api/schemas.ts';
import type { Format } from '../../i18n/format.ts';
import type { Message } from '../../i18n/messages.ts';
import type { Translate } from '../../i18n/translate.ts';
import type { Tone } from '../../ui/tone.ts';
import { messages } from './messages.ts';
import { reasonWords } from './reasons.ts';

/** In the order of how much they ask for attention. */
export const conditionIds = [
  'blocked',
  'offline',
  'never-seen',
  'starting',
  'syncing',
  'online',
  'complete',
  'revoked',
] as const;
export type ConditionId = (typeof conditionIds)[number];

interface Look {
  icon: string;
  tone: Tone;
  /** Name of the state, for groups, filters and columns. */
  name: Message;
}

/** How each state looks. */
export const conditions: Readonly<Record<ConditionId, Look>> = {
  blocked: { icon: 'error', tone: 'error', name: messages.blocked },
  offline: { icon: 'debug-disconnect', tone: 'warning', name: messages.offline },
  'never-seen': { icon: 'circle-large-outline', tone: 'unknown', name: messages.neverSeen },
  starting: { icon: 'watch', tone: 'info', name: messages.starting },
  syncing: { icon: 'sync', tone: 'info', name: messages.syncing },
  online: { icon: 'vm-active', tone: 'ok', name: messages.online },
  complete: { icon: 'pass', tone: 'ok', name: messages.complete },
  revoked: { icon: 'circle-slash', tone: 'unknown', name: messages.revoked },
};

type Seen = Pick<AgentSummary, 'state' | 'folders' | 'lastSeenAtMs'>;

/** The state of an agent: that which asks for most attention of those that hold. */
export function conditionOf({ state, folders, lastSeenAtMs }: Seen): ConditionId {
  if (state === 'revoked') return 'revoked';
  if (folders.some((folder) => folder.state === 'blocked')) return 'blocked';
  if (state === 'offline') return lastSeenAtMs === null ? 'never-seen' : 'offline';
  if (folders.length === 0) return 'online';
  if (folders.every((folder) => folder.state === 'complete')) return 'complete';
  return totalsOf(folders).bytesTotal === 0 ? 'starting' : 'syncing';
}

/** Bytes and files of all folders of an agent together. */
export function totalsOf(folders: AgentSummary['folders']): {
  bytesDone: number;
  bytesTotal: number;
  filesDone: number;
  filesTotal: number;
} {
  const sum = { bytesDone: 0, bytesTotal: 0, filesDone: 0, filesTotal: 0 };
  for (const { bytesDone, bytesTotal, filesDone, filesTotal } of folders) {
    sum.bytesDone += bytesDone;
    sum.bytesTotal += bytesTotal;
    sum.filesDone += filesDone;
    sum.filesTotal += filesTotal;
  }
  return sum;
}

/** The state in words, with its reason or how far it is. */
export function stateWords(agent: Seen, text: Translate, format: Format): string {
  const id = conditionOf(agent);
  if (id === 'blocked') {
    const reason = agent.folders.find(({ state }) => state === 'blocked')?.reason ?? null;
    return text(messages.blockedBecause, { reason: reasonWords(reason, text) });
  }
  if (id === 'syncing') {
    const { bytesDone, bytesTotal } = totalsOf(agent.folders);
    return text(messages.syncingShare, { share: format.share(bytesDone, bytesTotal) });
  }
  return text(conditions[id].name);
}
