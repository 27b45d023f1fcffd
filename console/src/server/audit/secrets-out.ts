/** What of an object may stand in the audit log: everything but secrets, which show as set or changed, and nothing that has no canonical form. */

/** Fields of an object as a change names them. */
export type Fields = Readonly<Record<string, unknown>>;

/** Names whose values are secrets, wherever they stand. Too many is a dull entry, too few is a leak. */
const SECRET_NAME =
  /pass(word|phrase)|secret|sealed|credential|authori[sz]ation|cookie|bearer|recovery|otp|private.?key|api.?key|hash$|^(key|pin|pem|token)$|(token|key)s?$/i;

/** Values that are secrets, whatever they are called: sealed texts, API keys, enrolment tokens, private keys. */
const SECRET_VALUE = /^v\d\.[\w-]{38,}$|harpkey_|\bharp1[._-][\w.-]{20,}|-----BEGIN [A-Z ]*PRIVATE KEY/;

/** Stands where a secret stood. */
type SecretMark = { $secret: 'set' | 'changed' };

/** Both sides of a change without their secrets. A secret that differs shows as changed after the change. */
export function withoutSecrets(
  before: Fields | null,
  after: Fields | null,
): { before: Record<string, unknown> | null; after: Record<string, unknown> | null } {
  return {
    before: before === null ? null : fieldsOf(before, undefined),
    after: after === null ? null : fieldsOf(after, before ?? undefined),
  };
}

/** `earlier` is the other side's value at the same place; undefined when there is none to compare with. */
function fieldsOf(fields: Fields, earlier: unknown): Record<string, unknown> {
  const known = isObject(earlier) ? earlier : undefined;
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => {
        const other = known !== undefined && Object.hasOwn(known, name) ? known[name] : undefined;
        // As a member of an object literal this name is no member.
        const shown = name === '__proto__' ? '[__proto__]' : wellFormed(name);
        return [shown, SECRET_NAME.test(name) ? markOf(value, other) : shownValue(value, other)];
      }),
  );
}

function shownValue(value: unknown, other: unknown): unknown {
  switch (typeof value) {
    case 'string':
      return SECRET_VALUE.test(value) ? markOf(value, other) : wellFormed(value);
    case 'number':
      return Number.isSafeInteger(value) ? value : String(value);
    case 'boolean':
      return value;
    case 'object':
      if (value === null) return null;
      if (value instanceof Date) return value.toISOString();
      if (Array.isArray(value))
        return value.map((item, index) => shownValue(item, Array.isArray(other) ? other[index] : undefined));
      return fieldsOf(value as Fields, other);
    default:
      // Undefined in a list, a bigint: as people would write it.
      return String(value);
  }
}

/** Nothing where there is no secret: that somebody took a password away is worth knowing. */
function markOf(value: unknown, other: unknown): SecretMark | null {
  if (value === null || value === undefined || value === '') return null;
  const differs = other !== undefined && JSON.stringify(other) !== JSON.stringify(value);
  return { $secret: differs ? 'changed' : 'set' };
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Half characters have no UTF-8. */
function wellFormed(text: string): string {
  return text.replaceAll(/\p{Surrogate}/gu, '\uFFFD');
}
