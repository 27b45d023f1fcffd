/** What an unsuccessful answer of Nextcloud means: one pure table from status, headers and body to a HarpError (api.md 0, 1.1, 4.5, 5.1). */
import type { ErrorCode } from '@harp/broker/protocol';
import { HarpError } from '@harp/broker/protocol';
import { child, namespaces, parseXml } from './xml.ts';

/** An answer as far as judging it needs. `header` looks a name up whatever its case. */
export interface Answer {
  status: number;
  header(name: string): string | undefined;
  /** The body's text, cut at a limit; errors are short. */
  text: string;
}

/** What sabre/dav says of an error. */
export interface DavError {
  /** PHP class name. */
  exception: string;
  message: string;
}

/** What to wait at least after 429: the block lasts until no failure is younger than 30 minutes, and every hit may prolong it. */
export const THROTTLE_MS = 30 * 60_000;

/** The `s:exception` and `s:message` of a DAV error body; undefined if it is something else. */
export function parseDavError(text: string): DavError | undefined {
  if (!text.includes(namespaces.sabre)) return undefined;
  try {
    const root = parseXml(text);
    if (root.ns !== namespaces.dav || root.name !== 'error') return undefined;
    return {
      exception: child(root, namespaces.sabre, 'exception')?.text.trim() ?? '',
      message: child(root, namespaces.sabre, 'message')?.text.trim() ?? '',
    };
  } catch {
    // An error body that is no XML is a proxy's page: the status alone speaks.
    return undefined;
  }
}

/** The error an answer with a status of 300 or more stands for. `doing` completes "Nextcloud … while" for people and logs. */
export function failureOf(answer: Answer, doing: string): HarpError {
  const dav = parseDavError(answer.text);
  const [code, why] = judge(answer, dav);
  const retryAfterMs = retryAfterOf(answer);
  return new HarpError(code, `${why} (${doing})`, {
    facts: {
      status: answer.status,
      ...(dav === undefined ? {} : { exception: dav.exception.slice(0, 200) }),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    },
  });
}

function judge(answer: Answer, dav: DavError | undefined): [ErrorCode, string] {
  const { status } = answer;
  const said = dav?.message === undefined || dav.message === '' ? '' : `: ${dav.message.slice(0, 300)}`;
  if (status === 503) return judgeUnavailable(answer, dav, said);
  if (status >= 300 && status < 400) {
    return [
      'origin.unexpected',
      `Nextcloud redirects to ${answer.header('location') ?? 'another address'}; use that address`,
    ];
  }
  switch (status) {
    case 401:
      return ['origin.unauthorised', `Nextcloud refused the credential${said}`];
    case 403:
      return ['origin.forbidden', `Nextcloud does not permit this${said}`];
    case 404:
      return ['origin.not_found', `Nextcloud does not have it${said}`];
    case 412:
      return answer.text.includes('CSRF')
        ? ['origin.unexpected', 'Nextcloud answered “CSRF check failed”']
        : ['origin.changed', 'it changed in Nextcloud'];
    case 416:
      return ['origin.changed', 'it is shorter than before'];
    case 429:
      return ['origin.throttled', 'Nextcloud blocks this address for too many failed logins'];
    case 502:
    case 504:
      return ['origin.unreachable', 'a proxy could not reach Nextcloud'];
    default:
      return ['origin.unexpected', `Nextcloud answered ${status}${said}`];
  }
}

/** 503 is overloaded: maintenance, a disabled user, a dead public link and an absent storage all carry it (api.md 1.1, 5.1). */
function judgeUnavailable(answer: Answer, dav: DavError | undefined, said: string): [ErrorCode, string] {
  if (answer.header('x-nextcloud-maintenance-mode') === '1' || dav?.exception.endsWith('ServerMaintenanceMode')) {
    return ['origin.maintenance', 'Nextcloud is in maintenance mode'];
  }
  if (/LoginException|User disabled/.test(`${dav?.exception} ${dav?.message}`)) {
    return ['origin.unauthorised', `Nextcloud disabled the account${said}`];
  }
  if (dav?.message.includes('Sabre\\DAV\\Exception\\NotFound')) return ['origin.not_found', 'the public link is gone'];
  if (dav?.exception.includes('StorageNotAvailable')) {
    return ['origin.unreachable', `a storage behind Nextcloud is not available${said}`];
  }
  if (dav === undefined && answer.header('retry-after') !== undefined) {
    return ['origin.maintenance', 'Nextcloud asks to come back later'];
  }
  return ['origin.unreachable', `Nextcloud is not available${said}`];
}

/** `Retry-After` in milliseconds, if it is a number of seconds. */
function retryAfterOf(answer: Answer): number | undefined {
  const seconds = Number(answer.header('retry-after') ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? Math.min(seconds, 86_400) * 1000 : undefined;
}
