/**
 * Canonical JSON (RFC 8785, JCS) for the values Harp signs and hashes: objects, arrays, well-formed strings, safe integers, booleans, null.
 * Fractions are left out on purpose: no Harp structure has one, and integers serialise alike in every language.
 */
import { HarpError } from './errors.ts';

/**
 * The canonical JSON text of `value`: keys sorted by UTF-16 code unit, no white space, RFC 8785 string escapes.
 *
 * @throws {HarpError} `canonical.not_representable` for fractions, unsafe integers, lone surrogates, undefined members of arrays, functions.
 * @see docs/protocol/chain-v1.md, section 1
 */
export function canonicalJson(value: unknown): string {
  switch (typeof value) {
    case 'string':
      if (!isWellFormed(value)) throw notRepresentable('a string with a lone surrogate');
      return JSON.stringify(value);
    case 'number':
      if (!Number.isSafeInteger(value)) throw notRepresentable(`the number ${value}`);
      return Object.is(value, -0) ? '0' : String(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object': {
      if (value === null) return 'null';
      if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
      const members = Object.entries(value)
        .filter(([, member]) => member !== undefined)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, member]) => `${canonicalJson(key)}:${canonicalJson(member)}`);
      return `{${members.join(',')}}`;
    }
    default:
      throw notRepresentable(`a ${typeof value}`);
  }
}

function isWellFormed(text: string): boolean {
  return !/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(text);
}

function notRepresentable(what: string): HarpError {
  return new HarpError('canonical.not_representable', `canonical JSON cannot hold ${what}`);
}
