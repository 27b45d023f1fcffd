/** Addresses of editors: which address shows an input, and which input an address shows. */
import { type EditorContribution, type EditorInput, editorKey } from '../model.ts';

/** A path of encoded segments and, behind it, the params that are not empty: `/o/ofc-1/agents?sort=name`. */
export function pathOf(segments: readonly string[], params: Readonly<Record<string, string | undefined>> = {}): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(params)) if (value !== undefined && value !== '') query.set(key, value);
  const path = `/${segments.map(encodeURIComponent).join('/')}`;
  return query.size === 0 ? path : `${path}?${query}`;
}

/** The decoded segments of a path; `undefined` if it is not well encoded. */
export function segmentsOf(path: string): readonly string[] | undefined {
  try {
    return path
      .split('/')
      .filter((segment) => segment !== '')
      .map(decodeURIComponent);
  } catch {
    return undefined;
  }
}

/** The params of a query; of keys that come twice, the last. */
export function paramsOf(query: URLSearchParams): Record<string, string> {
  return Object.fromEntries(query);
}

type Editors = ReadonlyMap<string, EditorContribution>;

/** The input that an address (path and query) shows. An editor whose parser throws on it does not know it. */
export function inputAt(editors: Editors, address: string): EditorInput | undefined {
  const mark = address.indexOf('?');
  const path = mark < 0 ? address : address.slice(0, mark);
  for (const { id, path: codec } of editors.values()) {
    try {
      const input = codec.parse(path, new URLSearchParams(mark < 0 ? '' : address.slice(mark + 1)));
      if (input !== undefined) return { ...input, editor: id };
    } catch {
      // not this editor's
    }
  }
  return undefined;
}

/** The address that shows an input; `/` if its editor is gone. */
export function addressOf(editors: Editors, input: EditorInput): string {
  return editors.get(input.editor)?.path.build(input) ?? '/';
}

/** Whether two inputs show the same object the same way. */
export function looksSame(a: EditorInput, b: EditorInput): boolean {
  const [left, right] = [a.params ?? {}, b.params ?? {}];
  const keys = Object.keys(left);
  return (
    editorKey(a) === editorKey(b) &&
    keys.length === Object.keys(right).length &&
    keys.every((key) => left[key] === right[key])
  );
}
