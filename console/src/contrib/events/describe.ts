/** What an event means: an icon, how serious it is, and words. Every value came from an agent: it is shown as text, cut, never interpreted. */
import type { EventRow } from '../../api/schemas.ts';
import type { Message } from '../../i18n/messages.ts';
import { foreign } from '../../ui/foreign-text.ts';
import type { Tone } from '../../ui/tone.ts';
import { eventsPanelText } from './panel-messages.ts';

/** An event as a person reads it. */
export interface DescribedEvent {
  icon: string;
  tone: Tone;
  message: Message;
  values: Readonly<Record<string, string | number>>;
}

interface Kind {
  icon: string;
  tone: Tone;
  message: Message;
  /** The short name, for the choice of kinds. */
  name: Message;
  /** Keys of the body that the message speaks of. */
  takes: readonly string[];
}

/** Kinds of events in the order people choose from. An agent may be newer than this page and send others. */
export const eventKinds: Readonly<Record<string, Kind>> = {
  'chain.rejected': {
    icon: 'shield',
    tone: 'error',
    message: eventsPanelText['chain.rejected'],
    name: eventsPanelText['kind.chain.rejected'],
    takes: ['seq', 'detail', 'code'],
  },
  'peer.distrusted': {
    icon: 'shield',
    tone: 'error',
    message: eventsPanelText['peer.distrusted'],
    name: eventsPanelText['kind.peer.distrusted'],
    takes: ['peer'],
  },
  'desired.rejected': {
    icon: 'shield',
    tone: 'error',
    message: eventsPanelText['desired.rejected'],
    name: eventsPanelText['kind.desired.rejected'],
    takes: ['detail', 'code'],
  },
  'folder.blocked': {
    icon: 'error',
    tone: 'error',
    message: eventsPanelText['folder.blocked'],
    name: eventsPanelText['kind.folder.blocked'],
    takes: ['detail', 'code'],
  },
  'folder.unblocked': {
    icon: 'debug-continue',
    tone: 'ok',
    message: eventsPanelText['folder.unblocked'],
    name: eventsPanelText['kind.folder.unblocked'],
    takes: [],
  },
  'folder.completed': {
    icon: 'pass',
    tone: 'ok',
    message: eventsPanelText['folder.completed'],
    name: eventsPanelText['kind.folder.completed'],
    takes: ['seq'],
  },
  'file.kept_aside': {
    icon: 'files',
    tone: 'warning',
    message: eventsPanelText['file.kept_aside'],
    name: eventsPanelText['kind.file.kept_aside'],
    takes: ['path', 'keptAs'],
  },
  'name.mapped': {
    icon: 'edit',
    tone: 'info',
    message: eventsPanelText['name.mapped'],
    name: eventsPanelText['kind.name.mapped'],
    takes: ['path', 'storedAs'],
  },
  'name.refused': {
    icon: 'circle-slash',
    tone: 'warning',
    message: eventsPanelText['name.refused'],
    name: eventsPanelText['kind.name.refused'],
    takes: ['path', 'reason'],
  },
};

/** A whole agent id says no more to a person than its beginning. */
const ID_CHARS = 8;
const VALUE_CHARS = 200;

/** Describes an event. What the body lacks is `—`. */
export function describe({ kind, body }: Pick<EventRow, 'kind' | 'body'>): DescribedEvent {
  const known = Object.hasOwn(eventKinds, kind) ? eventKinds[kind] : undefined;
  if (known === undefined) {
    return { icon: 'info', tone: 'unknown', message: eventsPanelText.unknownKind, values: { kind: foreign(kind, 60) } };
  }
  const { icon, tone, message, takes } = known;
  return { icon, tone, message, values: Object.fromEntries(takes.map((key) => [key, shownValue(body, key)])) };
}

function shownValue(body: EventRow['body'], key: string): string {
  const value = body[key];
  if (value === undefined || value === null) return '—';
  if (typeof value === 'number') return String(value);
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return foreign(key === 'peer' ? text.slice(0, ID_CHARS) : text, VALUE_CHARS);
}
