import type { EventPage } from '../../api/schemas.ts';

type EventRow = EventPage['events'][number];

/** An event in words and how serious it is. Unknown kinds are shown by name: an agent may be newer than this page. */
export interface DescribedEvent {
  icon: string;
  tone: 'ok' | 'warning' | 'error' | 'unknown';
  words: string;
}

/** Describes an event for the list. Every value came from an agent: it is shown as text, never interpreted. */
export function describe({ kind, body }: Pick<EventRow, 'kind' | 'body'>): DescribedEvent {
  const text = (key: string) => String(body[key] ?? '—');
  switch (kind) {
    case 'folder.completed':
      return { icon: 'pass', tone: 'ok', words: `folder complete at entry ${text('seq')}` };
    case 'peer.distrusted':
      return {
        icon: 'shield',
        tone: 'error',
        words: `neighbour ${text('peer').slice(0, 8)} sent wrong bytes and is asked for nothing more`,
      };
    case 'chain.rejected':
      return {
        icon: 'shield',
        tone: 'error',
        words: `chain refused at entry ${text('seq')}: ${text('detail')} (${text('code')})`,
      };
    case 'desired.rejected':
      return { icon: 'shield', tone: 'error', words: `instructions refused: ${text('detail')} (${text('code')})` };
    case 'file.kept_aside':
      return {
        icon: 'files',
        tone: 'warning',
        words: `${text('path')} was changed on the PC; kept as ${text('keptAs')}`,
      };
    case 'name.mapped':
      return { icon: 'edit', tone: 'unknown', words: `${text('path')} is stored as ${text('storedAs')}` };
    case 'name.refused':
      return { icon: 'circle-slash', tone: 'warning', words: `${text('path')} cannot be stored: ${text('reason')}` };
    case 'folder.blocked':
      return { icon: 'error', tone: 'error', words: `folder blocked: ${text('detail')} (${text('code')})` };
    case 'folder.unblocked':
      return { icon: 'pass', tone: 'ok', words: 'folder goes on' };
    default:
      return { icon: 'info', tone: 'unknown', words: kind };
  }
}
