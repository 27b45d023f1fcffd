/** Reads YAML into plain values while remembering where each of them stands, so that any later complaint can name line and column. */
import { type Document, isAlias, isMap, isPair, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';

/** A place in the file. Both count from 1. */
export interface Position {
  line: number;
  column: number;
}

type Path = readonly (string | number)[];

/** A file that could be read as YAML. */
export interface YamlSource {
  /** Objects, arrays, strings, numbers, booleans, null. Plain data: nothing is shared, whatever aliases the file uses. */
  value: unknown;
  /** Where the value at `path` starts; the nearest enclosing value if there is none. */
  positionOf(path: Path): Position;
  /** Where the key that names the last step of `path` stands; like positionOf if there is none. */
  keyPositionOf(path: Path): Position;
}

/** Why the file could not be read. */
export interface YamlFault extends Position {
  message: string;
}

/** Largest fleet file, in UTF-16 code units: ten thousand offices need about 700 000. */
const MAX_LENGTH = 4 * 1024 * 1024;
/** Values a file may hold, each use of an alias counted anew: stops a small file from growing without end. */
const MAX_VALUES = 200_000;
/** Nesting a fleet file needs is 5. */
const MAX_DEPTH = 20;

/** Reads `text`. Never throws on bad input; returns every fault the YAML grammar has to report, or the first excess. */
export function readYaml(text: string): { ok: true; source: YamlSource } | { ok: false; faults: YamlFault[] } {
  if (text.length > MAX_LENGTH)
    return { ok: false, faults: [{ line: 1, column: 1, message: 'the file is larger than 4 MiB' }] };
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  if (document.errors.length > 0) {
    return { ok: false, faults: document.errors.map(({ pos, message }) => ({ ...at(pos[0]), message })) };
  }
  const places = new Map<string, Position>();
  const keyPlaces = new Map<string, Position>();
  const keyOf = (path: Path) => JSON.stringify(path);
  const convert = createConverter(document, (kind, path, offset) => {
    (kind === 'key' ? keyPlaces : places).set(keyOf(path), at(offset));
  });
  try {
    const value = document.contents === null ? null : convert(document.contents, []);
    const positionOf = (path: Path): Position =>
      places.get(keyOf(path)) ?? (path.length === 0 ? { line: 1, column: 1 } : positionOf(path.slice(0, -1)));
    return {
      ok: true,
      source: { value, positionOf, keyPositionOf: (path) => keyPlaces.get(keyOf(path)) ?? positionOf(path) },
    };
  } catch (error) {
    if (!(error instanceof Excess)) throw error;
    return { ok: false, faults: [{ ...at(error.offset), message: error.message }] };
  }
}

class Excess extends Error {
  readonly offset: number;
  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

function createConverter(
  document: Document.Parsed,
  note: (kind: 'key' | 'value', path: Path, offset: number) => void,
): (node: Node, path: Path) => unknown {
  let values = 0;
  const convert = (node: Node, path: Path): unknown => {
    const offset = node.range?.[0] ?? 0;
    // A place is where the alias stands, not where its anchor does: that is the line to correct.
    note('value', path, offset);
    if (++values > MAX_VALUES) throw new Excess(`more than ${MAX_VALUES} values, aliases counted at each use`, offset);
    if (path.length > MAX_DEPTH) throw new Excess(`nested more than ${MAX_DEPTH} levels deep`, offset);
    const target = isAlias(node) ? node.resolve(document) : node;
    if (isScalar(target)) return target.value;
    if (isSeq(target)) return target.items.map((item, index) => convert(item as Node, [...path, index]));
    if (isMap(target)) {
      const members: [string, unknown][] = [];
      for (const pair of target.items) {
        if (!isPair(pair) || !isScalar(pair.key)) throw new Excess('a key must be plain text', offset);
        const key = String(pair.key.value);
        note('key', [...path, key], pair.key.range?.[0] ?? offset);
        members.push([key, pair.value === null ? null : convert(pair.value as Node, [...path, key])]);
      }
      return Object.fromEntries(members);
    }
    return null;
  };
  return convert;
}
