/** Requests in words: why a PC waits, where it would go and why. */
import { UNASSIGNED_OFFICE } from '@harp/broker/protocol';
import type { EnrolmentSummary, TokenSummary } from '../../api/schemas.ts';
import type { Message } from '../../i18n/messages.ts';
import type { Translate } from '../../i18n/translate.ts';
import { cutText, foreign } from '../../ui/foreign-text.ts';
import type { Tone } from '../../ui/tone.ts';
import { enrolmentEditorText } from './editor-messages.ts';
import { twinText } from './twin-messages.ts';

/** Why a PC waits or is stuck; a code this page has no words for is shown as it is. */
export function causeWords(cause: string | null, text: Translate): string {
  const key = `cause.${(cause ?? '').replace(/^enrolment\./, '')}`;
  if (!Object.hasOwn(enrolmentEditorText, key)) return cause ?? '';
  const message: Message = enrolmentEditorText[key as keyof typeof enrolmentEditorText];
  return text(message);
}

/** Where it goes when it is let in. */
export function officeWords(
  { officeId, officeName }: Pick<EnrolmentSummary, 'officeId' | 'officeName'>,
  text: Translate,
): string {
  if (officeId === null || officeId === UNASSIGNED_OFFICE) return text(enrolmentEditorText.unassigned);
  return cutText(officeName ?? officeId, 80);
}

/** Why it goes there, so that nobody need trust a guess. */
export function officeWhyWords(row: EnrolmentSummary, text: Translate): string {
  const { officeBy, officeWhy } = row;
  switch (officeBy) {
    case 'subnet':
      return officeWhy === null
        ? ''
        : text(enrolmentEditorText.bySubnet, {
            network: foreign(officeWhy, 50),
            office: foreign(officeWords(row, text), 80),
          });
    case 'token':
      return text(enrolmentEditorText.byToken);
    case 'rule':
      return text(enrolmentEditorText.byRule);
    case 'person':
      return text(enrolmentEditorText.byPerson);
    case 'hardware':
      return text(twinText.byHardware);
    default:
      return text(enrolmentEditorText.byNone);
  }
}

const vias: Readonly<Record<EnrolmentSummary['via'], Message>> = {
  token: enrolmentEditorText.viaToken,
  file: enrolmentEditorText.viaFile,
  neighbour: enrolmentEditorText.viaNeighbour,
  dns: enrolmentEditorText.viaDns,
};

/** How it found the server. */
export function viaWords(via: EnrolmentSummary['via'], text: Translate): string {
  return text(vias[via]);
}

/** Each state with its look. */
export const states: Readonly<Record<EnrolmentSummary['state'], { name: Message; tone: Tone; icon: string }>> = {
  waiting: { name: enrolmentEditorText.stateWaiting, tone: 'warning', icon: 'clockface' },
  approved: { name: enrolmentEditorText.stateApproved, tone: 'info', icon: 'check' },
  enrolled: { name: enrolmentEditorText.stateEnrolled, tone: 'ok', icon: 'pass' },
  rejected: { name: enrolmentEditorText.stateRejected, tone: 'unknown', icon: 'circle-slash' },
  blocked: { name: enrolmentEditorText.stateBlocked, tone: 'error', icon: 'error' },
  refused: { name: enrolmentEditorText.stateRefused, tone: 'error', icon: 'error' },
};

const tokenStates: Readonly<Record<TokenSummary['state'], Message>> = {
  usable: enrolmentEditorText.usable,
  'used-up': enrolmentEditorText.usedUp,
  expired: enrolmentEditorText.expired,
  revoked: enrolmentEditorText.revoked,
};

/** Whether a batch is open, in a word. */
export function tokenStateWords({ state }: TokenSummary, text: Translate): string {
  return text(tokenStates[state]);
}

/** What people call a batch. */
export function batchName({ id, name }: Pick<TokenSummary, 'id' | 'name'>): string {
  return cutText(name === '' ? id : name, 80);
}
