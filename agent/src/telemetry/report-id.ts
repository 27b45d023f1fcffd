import { ReportId } from '@harp/broker/protocol';

/** Crockford's base32 in lower case: no i, l, o, u. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const TIME_CHARACTERS = 10;
const RANDOM_CHARACTERS = 16;

/**
 * Makes report ids in ULID form: 48 bits of milliseconds, 80 random bits. Ids of one maker grow strictly, also when the clock is set back, so
 * their order is the order of what they name. `afterId` is the newest id in use.
 */
export function createReportIds(
  nowMs: () => number,
  randomBytes: (count: number) => Uint8Array,
  afterId?: ReportId,
): () => ReportId {
  let lastMs = afterId === undefined ? 0 : timeOf(afterId);
  return () => {
    lastMs = Math.max(nowMs(), lastMs + 1);
    let text = '';
    for (let rest = lastMs, i = 0; i < TIME_CHARACTERS; i++, rest = Math.floor(rest / 32)) {
      text = ALPHABET.charAt(rest % 32) + text;
    }
    for (const byte of randomBytes(RANDOM_CHARACTERS)) text += ALPHABET.charAt(byte % 32);
    return ReportId.parse(text);
  };
}

function timeOf(id: ReportId): number {
  let ms = 0;
  for (const character of id.slice(0, TIME_CHARACTERS)) ms = ms * 32 + ALPHABET.indexOf(character);
  return ms;
}
