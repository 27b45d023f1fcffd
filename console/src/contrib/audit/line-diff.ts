/** Two texts side by side, line by line: what is the same stands in one row, what was replaced too, the rest alone. */

export interface DiffRow {
  kind: 'same' | 'changed' | 'removed' | 'added';
  /** Line and its number from 1; undefined where there is none. */
  before?: { line: number; text: string };
  after?: { line: number; text: string };
}

/** Beyond so many pairs of lines the comparison would take longer than anybody waits; the middle is then shown as replaced whole. */
const MAX_PAIRS = 4_000_000;

/** Rows that lead from `before` to `after`, with as many lines the same as can be. */
export function diffLines(before: readonly string[], after: readonly string[]): DiffRow[] {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start += 1;
  let end = 0;
  while (
    end < before.length - start &&
    end < after.length - start &&
    before[before.length - 1 - end] === after[after.length - 1 - end]
  )
    end += 1;
  const rows: DiffRow[] = [];
  let left = 0;
  let right = 0;
  const same = () => {
    rows.push({
      kind: 'same',
      before: { line: left + 1, text: before[left]! },
      after: { line: right + 1, text: after[right]! },
    });
    left += 1;
    right += 1;
  };
  /** What was taken away and what came in its place stand beside each other. */
  const replace = (leftTo: number, rightTo: number) => {
    while (left < leftTo || right < rightTo) {
      const was = left < leftTo ? { line: left + 1, text: before[left]! } : undefined;
      const is = right < rightTo ? { line: right + 1, text: after[right]! } : undefined;
      rows.push({
        kind: was === undefined ? 'added' : is === undefined ? 'removed' : 'changed',
        ...(was === undefined ? {} : { before: was }),
        ...(is === undefined ? {} : { after: is }),
      });
      if (was !== undefined) left += 1;
      if (is !== undefined) right += 1;
    }
  };
  while (left < start) same();
  const leftEnd = before.length - end;
  const rightEnd = after.length - end;
  for (const [i, j] of commonPairs(before.slice(start, leftEnd), after.slice(start, rightEnd))) {
    replace(start + i, start + j);
    same();
  }
  replace(leftEnd, rightEnd);
  while (left < before.length) same();
  return rows;
}

/** Places of a longest common subsequence, in order. */
function commonPairs(a: readonly string[], b: readonly string[]): [number, number][] {
  if (a.length === 0 || b.length === 0 || a.length * b.length > MAX_PAIRS) return [];
  const width = b.length + 1;
  const longest = new Uint32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      longest[i * width + j] =
        a[i] === b[j]
          ? longest[(i + 1) * width + j + 1]! + 1
          : Math.max(longest[(i + 1) * width + j]!, longest[i * width + j + 1]!);
  const pairs: [number, number][] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    if (a[i] === b[j]) {
      pairs.push([i, j]);
      i += 1;
      j += 1;
    } else if (longest[(i + 1) * width + j]! >= longest[i * width + j + 1]!) i += 1;
    else j += 1;
  }
  return pairs;
}

/** Words for what stands in the place of a secret. */
export interface SecretWords {
  set: string;
  changed: string;
}

/** An object's fields as lines of JSON, names in order, secrets in words. None for null. */
export function linesOf(fields: Readonly<Record<string, unknown>> | null, secret: SecretWords): string[] {
  return fields === null ? [] : JSON.stringify(readable(fields, secret), undefined, 2).split('\n');
}

function readable(value: unknown, secret: SecretWords): unknown {
  if (Array.isArray(value)) return value.map((item) => readable(item, secret));
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value);
  const [only] = members;
  if (members.length === 1 && only?.[0] === '$secret') return only[1] === 'changed' ? secret.changed : secret.set;
  return Object.fromEntries(
    members.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, member]) => [name, readable(member, secret)]),
  );
}
