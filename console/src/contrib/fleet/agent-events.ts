/** What agents report as events, in words. An agent may be newer than this page: an unknown kind is shown by its name. */
import type { EventRow } from '../../api/schemas.ts';
import { UNKNOWN } from '../../i18n/format.ts';
import { defineMessages } from '../../i18n/messages.ts';
import type { Translate } from '../../i18n/translate.ts';
import { foreign } from '../../ui/foreign-text.ts';
import type { Tone } from '../../ui/tone.ts';
import { reasonWords } from './reasons.ts';

const texts = defineMessages(
  'fleet.event',
  {
    completed: 'folder complete at entry {seq}',
    distrusted: 'neighbour {peer} sent wrong bytes and is asked for nothing more',
    chainRejected: 'chain refused at entry {seq}: {reason}',
    desiredRejected: 'instructions refused: {reason}',
    keptAside: '{path} was changed on the PC; kept as {keptAs}',
    mapped: '{path} is stored as {storedAs}',
    refused: '{path} cannot be stored: {reason}',
    blocked: 'folder blocked: {reason}',
    unblocked: 'folder goes on',
  },
  {
    completed: 'Ordner vollständig bei Eintrag {seq}',
    distrusted: 'Nachbar {peer} lieferte falsche Bytes und wird nicht mehr gefragt',
    chainRejected: 'Kette bei Eintrag {seq} abgelehnt: {reason}',
    desiredRejected: 'Anweisungen abgelehnt: {reason}',
    keptAside: '{path} wurde auf dem PC geändert; aufbewahrt als {keptAs}',
    mapped: '{path} ist gespeichert als {storedAs}',
    refused: '{path} lässt sich nicht speichern: {reason}',
    blocked: 'Ordner blockiert: {reason}',
    unblocked: 'Ordner läuft weiter',
  },
);

/** An event in words and how serious it is. */
export interface DescribedEvent {
  icon: string;
  tone: Tone;
  words: string;
}

/** Describes an event. Every value came from an agent: it is shown as text, cut, and cannot turn the sentence. */
export function describeEvent({ kind, body }: Pick<EventRow, 'kind' | 'body'>, text: Translate): DescribedEvent {
  const value = (key: string, maxChars = 200) => foreign(String(body[key] ?? UNKNOWN), maxChars);
  const code = typeof body.code === 'string' ? body.code : null;
  const reason = code === null ? value('detail') : reasonWords(code, text);
  switch (kind) {
    case 'folder.completed':
      return { icon: 'pass', tone: 'ok', words: text(texts.completed, { seq: value('seq') }) };
    case 'peer.distrusted':
      return { icon: 'shield', tone: 'error', words: text(texts.distrusted, { peer: value('peer', 9) }) };
    case 'chain.rejected':
      return { icon: 'shield', tone: 'error', words: text(texts.chainRejected, { seq: value('seq'), reason }) };
    case 'desired.rejected':
      return { icon: 'shield', tone: 'error', words: text(texts.desiredRejected, { reason }) };
    case 'file.kept_aside':
      return {
        icon: 'files',
        tone: 'warning',
        words: text(texts.keptAside, { path: value('path'), keptAs: value('keptAs') }),
      };
    case 'name.mapped':
      return {
        icon: 'edit',
        tone: 'info',
        words: text(texts.mapped, { path: value('path'), storedAs: value('storedAs') }),
      };
    case 'name.refused':
      return {
        icon: 'circle-slash',
        tone: 'warning',
        words: text(texts.refused, { path: value('path'), reason: value('reason') }),
      };
    case 'folder.blocked':
      return { icon: 'error', tone: 'error', words: text(texts.blocked, { reason }) };
    case 'folder.unblocked':
      return { icon: 'pass', tone: 'ok', words: text(texts.unblocked) };
    default:
      return { icon: 'info', tone: 'unknown', words: foreign(kind) };
  }
}
