/** What an agent's state is called here, worst first, and how it is shown. Icon, tone and words always go together: colour never carries it alone. */
import type { AgentSummary } from '../../api/schemas.ts';
import type { Message } from '../../i18n/messages.ts';
import type { Tone } from '../../ui/tone.ts';
import { messages } from './messages.ts';

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

/** What of an agent its state follows from. */
export type Seen = Pick<AgentSummary, 'state' | 'folders' | 'lastSeenAtMs'>;

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
