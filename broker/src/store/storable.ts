/**
 * Whether PostgreSQL can store every text in a JSON value: its text and jsonb types take neither NUL nor lone surrogates. Asked at the border,
 * because one such text from one agent would otherwise fail the whole batch it is written with.
 */
export function isStorable(value: unknown): boolean {
  if (typeof value === 'string') return !value.includes('\0') && !LONE_SURROGATE.test(value);
  if (Array.isArray(value)) return value.every(isStorable);
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).every(([key, member]) => isStorable(key) && isStorable(member));
  }
  return true;
}

const LONE_SURROGATE = /\p{Surrogate}/u;
