/** What Nextcloud's answer to a read means. Decided from status, headers and, for 503, the exception named in the body. */
import { HarpError } from '@harp/broker/protocol';

/** The bytes asked for: from `from` up to but without `to`. `whole` when no Range header was sent. */
export interface AskedRange {
  from: number;
  to: number;
  fileSize: number;
  whole: boolean;
}

export interface AnswerHead {
  status: number;
  header(name: string): string | undefined;
}

/** Refusals without `Retry-After` are waited out this long: the window in which Nextcloud counts failures (30 min). */
export const THROTTLED_MS = 30 * 60 * 1000;
/** What a maintenance page says itself. */
const MAINTENANCE_MS = 120_000;
/** No answer may silence an office for longer than Nextcloud remembers failures. */
const RETRY_AFTER_MAX_MS = 12 * 60 * 60 * 1000;

/**
 * Undefined if the body holds exactly the bytes asked for. Otherwise why not; `errorText` is the body of an answer that is not 2xx.
 * `facts.retryAfterMs` says how long to leave the server alone.
 */
export function problemOf(
  head: AnswerHead,
  asked: AskedRange,
  errorText: string,
  nowMs: number,
): HarpError | undefined {
  const { status } = head;
  const fail = (code: ConstructorParameters<typeof HarpError>[0], message: string, retryAfterMs?: number) =>
    new HarpError(code, message, { facts: { status, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) } });

  switch (status) {
    case 200:
      if (!asked.whole) return fail('origin.range_ignored', 'a range was answered with the whole file');
      return lengthProblem(head, asked.fileSize);
    case 206:
      return partProblem(head, asked);
    case 401:
    case 403:
      return fail('origin.unauthorised', `Nextcloud refused the share link (${status})`);
    case 404:
      return fail('origin.not_found', 'Nextcloud does not have that file');
    case 412:
    case 416:
      return fail('origin.changed', 'the file changed in Nextcloud');
    case 429:
      return fail('origin.throttled', 'Nextcloud blocks this network', retryAfterMs(head, nowMs) ?? THROTTLED_MS);
    case 503:
      return unavailableProblem(head, errorText, nowMs, fail);
    case 408:
    case 502:
    case 504:
      return fail('origin.unreachable', `a proxy before Nextcloud answered ${status}`);
    default:
      return fail('origin.unexpected', `Nextcloud answered ${status}`);
  }
}

/** 503 means maintenance, a dead share link (29+), a disabled owner, or trouble with the storage. */
function unavailableProblem(
  head: AnswerHead,
  errorText: string,
  nowMs: number,
  fail: (
    code: 'origin.maintenance' | 'origin.unauthorised' | 'origin.unexpected',
    message: string,
    ms?: number,
  ) => HarpError,
): HarpError {
  const after = retryAfterMs(head, nowMs);
  if (head.header('x-nextcloud-maintenance-mode') === '1' || errorText.includes('ServerMaintenanceMode')) {
    return fail('origin.maintenance', 'Nextcloud is in maintenance mode', after ?? MAINTENANCE_MS);
  }
  const message = /<s:message>([^<]*)/.exec(errorText)?.[1] ?? '';
  if (/Sabre\\DAV\\Exception\\NotFound/.test(message) || /LoginException/.test(message + errorText)) {
    return fail('origin.unauthorised', 'the share link is dead or its owner disabled');
  }
  return fail('origin.unexpected', 'Nextcloud cannot serve the file now', after);
}

function partProblem(head: AnswerHead, asked: AskedRange): HarpError | undefined {
  const expected = `bytes ${asked.from}-${asked.to - 1}/${asked.fileSize}`;
  const found = head.header('content-range');
  if (asked.whole || found !== expected) {
    return new HarpError('origin.unexpected', 'a range was answered with another range', {
      facts: { expected, found: found ?? 'none' },
    });
  }
  return lengthProblem(head, asked.to - asked.from);
}

function lengthProblem(head: AnswerHead, expected: number): HarpError | undefined {
  const found = head.header('content-length');
  if (found === undefined || Number(found) === expected) return undefined;
  return new HarpError('origin.unexpected', 'the answer has another length', { facts: { expected, found } });
}

/** `Retry-After` in seconds or as a date (RFC 9110, 10.2.3), in milliseconds; undefined if absent or unreadable. */
function retryAfterMs(head: AnswerHead, nowMs: number): number | undefined {
  const text = head.header('retry-after');
  if (text === undefined) return undefined;
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - nowMs;
  return Number.isNaN(ms) ? undefined : Math.min(RETRY_AFTER_MAX_MS, Math.max(1000, ms));
}
