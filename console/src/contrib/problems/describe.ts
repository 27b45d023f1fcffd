/** A problem in words: what is wrong, and why or what helps. */
import type { Problem } from '../../api/schemas.ts';
import type { Format } from '../../i18n/format.ts';
import type { Message } from '../../i18n/messages.ts';
import type { Translate } from '../../i18n/translate.ts';
import { foreign } from '../../ui/foreign-text.ts';
import type { Tone } from '../../ui/tone.ts';
import { problemsText } from './messages.ts';
import { sentences } from './sentence-messages.ts';

type Sentence = keyof typeof sentences;
type Pair = readonly [what: Sentence, why: Sentence];

const byCode: Readonly<Record<string, Pair>> = {
  'broker.disconnected': ['brokerDisconnected', 'brokerDisconnectedWhy'],
  'broker.external_unreachable': ['brokerUnreachable', 'brokerUnreachableWhy'],
  'broker.rights_behind': ['rightsBehind', 'rightsBehindWhy'],
  'agent.certificate_ending': ['certificateEnding', 'certificateEndingWhy'],
  'agent.silent': ['agentSilent', 'agentSilentWhy'],
  'office.nobody_online': ['nobodyOnline', 'nobodyOnlineWhy'],
  'folder.files_skipped': ['filesSkipped', 'filesSkippedWhy'],
  'agent.chain_rejected': ['chainRejected', 'chainRejectedWhy'],
  'agent.peer_distrusted': ['peerDistrusted', 'peerDistrustedWhy'],
  'enrolment.rule_paused': ['rulePaused', 'rulePausedWhy'],
  'enrolment.waiting_long': ['waitingLong', 'waitingLongWhy'],
  'enrolment.batch_incomplete': ['batchIncomplete', 'batchIncompleteWhy'],
  'people.locked': ['personLocked', 'personLockedWhy'],
  'disk.full': ['diskFull', 'diskFullWhy'],
  'disk.failed': ['diskFailed', 'diskFailedWhy'],
  'origin.unreachable': ['originUnreachable', 'originUnreachableWhy'],
  'origin.unauthorised': ['originUnauthorised', 'originUnauthorisedWhy'],
  'origin.forbidden': ['originForbidden', 'originForbiddenWhy'],
  'origin.throttled': ['originThrottled', 'originThrottledWhy'],
  'origin.maintenance': ['originMaintenance', 'originMaintenanceWhy'],
  'origin.not_found': ['originNotFound', 'originNotFoundWhy'],
  'identity.revoked': ['revoked', 'revokedWhy'],
  'name.refused': ['nameRefused', 'nameRefusedWhy'],
  'file.locally_changed': ['locallyChanged', 'locallyChangedWhy'],
};
/** For codes of an area that have no sentence of their own. */
const byArea: Readonly<Record<string, Pair>> = {
  origin: ['originOther', 'originOtherWhy'],
  chain: ['chain', 'chainWhy'],
  disk: ['diskFailed', 'diskFailedWhy'],
  peer: ['peers', 'peersWhy'],
};
const anyCode: Pair = ['other', 'otherWhy'];

/** What each severity looks like and is called. */
export const severities: Readonly<Record<Problem['severity'], { tone: Tone; icon: string; name: Message }>> = {
  error: { tone: 'error', icon: 'error', name: problemsText.error },
  warning: { tone: 'warning', icon: 'warning', name: problemsText.warning },
  info: { tone: 'info', icon: 'info', name: problemsText.info },
};

export interface DescribedProblem {
  what: string;
  /** Why, or what helps; empty when nothing is known. */
  why: string;
}

/** The sentences of a problem in the reader's language. What a sentence speaks of and the problem lacks is `—`, and no detail is nothing. */
export function describeProblem(problem: Problem, text: Translate, format: Format): DescribedProblem {
  const { code, params, subject, related } = problem;
  const [what, why] = pairOf(code);
  const ago = (key: string) => format.ago(typeof params[key] === 'number' ? params[key] : undefined);
  const detail = params.detail ?? params.code;
  const values = {
    count: 0,
    limit: 0,
    expected: 0,
    path: format.UNKNOWN,
    url: format.UNKNOWN,
    ...Object.fromEntries(
      Object.entries(params).map(([key, value]) => [key, typeof value === 'string' ? foreign(value) : value]),
    ),
    // Words that choose among sentences, and are not shown.
    failure: typeof params.failure === 'string' ? params.failure : 'other',
    why: typeof params.why === 'string' ? params.why : 'other',
    code: foreign(code, 60),
    // The code stands beside the sentences already.
    detail: typeof detail === 'string' && detail !== code && detail !== '' ? foreign(detail, 300) : '',
    ends: ago('endsAtMs'),
    seen: ago('lastSeenAtMs'),
    subject: foreign(subject.name, 80),
    related: related === null ? format.UNKNOWN : foreign(related.name, 80),
  };
  return { what: text(sentences[what], values), why: text(sentences[why], values).trim() };
}

function pairOf(code: string): Pair {
  const area = code.split('.')[0] ?? '';
  if (Object.hasOwn(byCode, code)) return byCode[code] ?? anyCode;
  return Object.hasOwn(byArea, area) ? (byArea[area] ?? anyCode) : anyCode;
}

/** The address that shows what a problem is about; undefined when nothing does. */
export function addressOf({ kind, id, name }: Problem['subject']): string | undefined {
  switch (kind) {
    case 'office':
      return `/o/${encodeURIComponent(name)}`;
    case 'agent':
      return `/a/${encodeURIComponent(id)}`;
    case 'folder':
      return `/f/${encodeURIComponent(id)}`;
    case 'nextcloud':
      return `/n/${encodeURIComponent(id)}`;
    case 'rule':
      return `/enrolment/rules?rule=${encodeURIComponent(id)}`;
    case 'batch':
      return `/enrolment/batch/${encodeURIComponent(id)}`;
    case 'enrolment':
      return '/enrolment';
    case 'person':
      return '/people';
    case 'server':
      return undefined;
  }
}
