/** What a request may hold besides what its schema says: PostgreSQL keeps NUL and halves of characters in no text, and JSON can spell both. */

/** Deeper than any document of ours; beyond, whoever walks it by recursion runs out of stack. */
const MAX_DEPTH = 100;

/** Something that cannot be stored, and where it stands. */
export interface Unstorable {
  path: (string | number)[];
  message: string;
}

interface Place {
  value: unknown;
  path: (string | number)[];
}

/** The first place in `data` (texts, names of members, depth) that cannot be stored; undefined if all of it can. */
export function unstorableIn(data: unknown): Unstorable | undefined {
  const places: Place[] = [{ value: data, path: [] }];
  for (let place = places.pop(); place !== undefined; place = places.pop()) {
    const { value, path } = place;
    if (typeof value === 'string' && !isStorableText(value))
      return { path, message: 'must not hold NUL or half a character' };
    if (typeof value !== 'object' || value === null) continue;
    if (path.length === MAX_DEPTH)
      return { path: path.slice(0, 3), message: `must not be more than ${MAX_DEPTH} deep` };
    for (const [name, inner] of Object.entries(value)) {
      if (!isStorableText(name))
        return { path, message: 'must not hold NUL or half a character in the name of a member' };
      places.push({ value: inner, path: [...path, Array.isArray(value) ? Number(name) : name] });
    }
  }
  return undefined;
}

/** Whether PostgreSQL takes a text as it is. */
function isStorableText(text: string): boolean {
  return !text.includes('\0') && !/\p{Surrogate}/u.test(text);
}
