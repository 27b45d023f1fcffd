/**
 * Reads the text of a settings file. JSON.parse says where a text is wrong only in some browsers, and never where a key stands; this does both. Strict
 * JSON (RFC 8259), except that a key which stands twice is an error.
 */
import type { Fault } from './fault.ts';
import { faults } from './fault-messages.ts';

/** As much as the server keeps. */
const MOST_CHARS = 65_536;
const MOST_DEPTH = 32;

/** A place in a text, counted from 1 as editors do; `offset` from 0. */
export interface Place {
  readonly line: number;
  readonly column: number;
  readonly offset: number;
}

/** A place with what is wrong there. */
export interface PlacedFault extends Place {
  readonly fault: Fault;
}

export type ReadText =
  | {
      readonly ok: true;
      readonly values: Readonly<Record<string, unknown>>;
      /** Where each key and its value begins. */
      readonly places: ReadonlyMap<string, { readonly key: Place; readonly value: Place }>;
    }
  /** The first error; what follows it may be right. */
  | { readonly ok: false; readonly error: PlacedFault };

/** The settings in a text, or its first syntax error. */
export function readSettingsText(text: string): ReadText {
  const at = (offset: number) => placeIn(text, offset);
  try {
    if (text.length > MOST_CHARS)
      throw new Wrong(MOST_CHARS, { message: faults.tooLong, values: { limit: MOST_CHARS } });
    const reader = new Reader(text);
    const values = reader.document();
    const places = new Map(
      [...reader.keys].map(([key, { from, valueFrom }]) => [key, { key: at(from), value: at(valueFrom) }]),
    );
    return { ok: true, values, places };
  } catch (error) {
    if (!(error instanceof Wrong)) throw error;
    return { ok: false, error: { ...at(error.offset), fault: error.fault } };
  }
}

/** The place of a position in a text. */
export function placeIn(text: string, offset: number): Place {
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf('\n') + 1;
  return { line: before.split('\n').length, column: before.length - lineStart + 1, offset: before.length };
}

/** Settings as a text: one a line, in the order given. */
export function settingsText(values: Readonly<Record<string, unknown>>): string {
  return Object.keys(values).length === 0 ? '{\n}\n' : `${JSON.stringify(values, null, 2)}\n`;
}

class Wrong extends Error {
  override readonly name = 'Wrong';
  readonly offset: number;
  readonly fault: Fault;

  constructor(offset: number, fault: Fault) {
    super(fault.message.id);
    this.offset = offset;
    this.fault = fault;
  }
}

const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const word = /[^\s,:{}[\]"]+/y;
const words = new Map<string, unknown>([
  ['true', true],
  ['false', false],
  ['null', null],
]);
const escapes: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

class Reader {
  /** Keys of the outermost object. */
  readonly keys = new Map<string, { from: number; valueFrom: number }>();
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): Record<string, unknown> {
    this.#space();
    if (this.#at >= this.#text.length) throw new Wrong(0, { message: faults.empty, values: { example: '{}' } });
    if (this.#peek() !== '{') throw new Wrong(this.#at, { message: faults.notObject, values: { example: '{' } });
    const values = this.#object(0);
    this.#space();
    if (this.#at < this.#text.length) throw this.#unexpected(faults.expectEnd);
    return values;
  }

  #value(depth: number): unknown {
    if (depth > MOST_DEPTH) throw new Wrong(this.#at, { message: faults.tooDeep });
    const first = this.#peek();
    if (first === '{') return this.#object(depth);
    if (first === '[') return this.#list(depth);
    if (first === '"') return this.#string();
    if (first === undefined || first === ',' || first === ':' || first === '}' || first === ']') {
      throw this.#unexpected(faults.expectValue);
    }
    const found = this.#match(word) ?? '';
    const from = this.#at - found.length;
    if (words.has(found)) return words.get(found);
    number.lastIndex = 0;
    if (number.exec(found)?.[0] === found) return Number(found);
    const shown = found.slice(0, 40);
    if (/^[-+.\d]/.test(found))
      throw new Wrong(from, { message: faults.badNumber, values: { found: shown, example: '0.5' } });
    throw new Wrong(from, { message: faults.badWord, values: { found: shown } });
  }

  #object(depth: number): Record<string, unknown> {
    const values = new Map<string, unknown>();
    this.#at += 1;
    this.#space();
    while (this.#peek() !== '}') {
      const from = this.#at;
      if (this.#peek() !== '"') throw this.#unexpected(faults.expectKey);
      const key = this.#string();
      if (values.has(key)) throw new Wrong(from, { message: faults.twice, values: { key: key.slice(0, 80) } });
      this.#space();
      if (this.#peek() !== ':') throw this.#unexpected(faults.expectColon);
      this.#at += 1;
      this.#space();
      if (depth === 0) this.keys.set(key, { from, valueFrom: this.#at });
      values.set(key, this.#value(depth + 1));
      this.#separator('}', faults.expectCommaOrBrace);
    }
    this.#at += 1;
    // Not by assignment: a key named __proto__ is a key like any other.
    return Object.fromEntries(values);
  }

  #list(depth: number): unknown[] {
    const items: unknown[] = [];
    this.#at += 1;
    this.#space();
    while (this.#peek() !== ']') {
      items.push(this.#value(depth + 1));
      this.#separator(']', faults.expectCommaOrBracket);
    }
    this.#at += 1;
    return items;
  }

  /** Goes past a comma between two elements, or stops at the end. */
  #separator(end: '}' | ']', expected: Fault['message']): void {
    this.#space();
    if (this.#peek() === end) return;
    if (this.#peek() !== ',') throw this.#unexpected(expected);
    const comma = this.#at;
    this.#at += 1;
    this.#space();
    if (this.#peek() === end) throw new Wrong(comma, { message: faults.trailingComma });
  }

  #string(): string {
    const from = this.#at;
    let value = '';
    this.#at += 1;
    for (;;) {
      const letter = this.#peek();
      if (letter === undefined || letter < ' ') throw new Wrong(from, { message: faults.badString });
      this.#at += 1;
      if (letter === '"') return value;
      value += letter === '\\' ? this.#escape() : letter;
    }
  }

  #escape(): string {
    const kind = this.#peek() ?? '';
    const plain = Object.hasOwn(escapes, kind) ? escapes[kind] : undefined;
    const hex = kind === 'u' ? /^[0-9a-fA-F]{4}$/.exec(this.#text.slice(this.#at + 1, this.#at + 5))?.[0] : undefined;
    if (plain === undefined && hex === undefined) {
      throw new Wrong(this.#at - 1, { message: faults.badEscape, values: { example: '" \\ / b f n r t u0041' } });
    }
    this.#at += hex === undefined ? 1 : 5;
    return plain ?? String.fromCharCode(Number.parseInt(hex ?? '', 16));
  }

  #space(): void {
    while (/[ \t\r\n]/.test(this.#peek() ?? '')) this.#at += 1;
    if (this.#text.startsWith('//', this.#at) || this.#text.startsWith('/*', this.#at)) {
      throw new Wrong(this.#at, { message: faults.comment });
    }
  }

  #peek(): string | undefined {
    return this.#text[this.#at];
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    this.#at += found?.length ?? 0;
    return found;
  }

  #unexpected(expected: Fault['message']): Wrong {
    const letter = this.#peek();
    return letter === undefined
      ? new Wrong(this.#at, { message: faults.unexpectedEnd, values: { expected } })
      : new Wrong(this.#at, { message: faults.unexpected, values: { found: letter, expected } });
  }
}
