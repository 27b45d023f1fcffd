import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AuditEntry, type AuditHead, type AuditRow, auditRows, createAuditCheck } from './audit.ts';
import { canonicalJson } from './canonical.ts';
import { GENESIS_LINK } from './chain.ts';
import { isHarpError } from './errors.ts';
import { portableSha3 } from './hashing.ts';
import type { LinkHex } from './ids.ts';
import { sha3 } from './node/index.ts';

const name = fc.string({ unit: 'grapheme', maxLength: 20 });
const state = fc.option(
  fc.dictionary(
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }).filter((key) => key !== '__proto__'),
    fc.oneof(name, fc.maxSafeInteger(), fc.boolean(), fc.constant(null), fc.array(name, { maxLength: 3 })),
    { maxKeys: 4 },
  ),
);
const entry = fc.record({
  atMs: fc.nat(),
  actor: fc.record({
    kind: fc.constantFrom('user' as const, 'api-key' as const, 'system' as const),
    id: fc.option(name),
    name,
    operator: fc.option(name),
  }),
  action: fc.constantFrom('office.update', 'agent.revoke', 'api-key.create'),
  object: fc.record({ kind: fc.constantFrom('office', 'api-key'), id: name, name }),
  office: fc.option(name),
  before: state,
  after: state,
  requestId: fc.option(name),
  address: fc.option(name),
});
const log = (minLength: number) =>
  fc
    .array(entry, { minLength, maxLength: 12 })
    .map((list) => list.map((fields, index) => AuditEntry.parse({ v: 1, seq: index + 1, ...fields })));

const headAt = (rows: readonly AuditRow[], seq: number): AuditHead => ({
  v: 1,
  seq,
  link: rows[seq - 1]!.link as LinkHex,
  atMs: 0,
});

/** What a check of `rows` against `heads` says: nothing, or the first entry that is not right and the last that may be. */
function fault(
  rows: readonly AuditRow[],
  heads: readonly AuditHead[] = [],
): { code: string; seq: unknown; to: unknown } | undefined {
  const check = createAuditCheck(sha3);
  try {
    for (const head of heads) check.expect(head);
    for (const row of rows) check.take(row);
    check.end();
  } catch (error) {
    if (isHarpError(error)) return { code: error.code, seq: error.facts.seq, to: error.facts.to };
    throw error;
  }
  return undefined;
}

describe('an audit log', () => {
  test('that nobody touched is right, with any head that was signed on the way, by either hash', () => {
    fc.assert(
      fc.property(log(1), fc.nat(), (entries, n) => {
        const rows = auditRows(entries, GENESIS_LINK, sha3);
        expect(rows).toEqual(auditRows(entries, GENESIS_LINK, portableSha3));
        const signed = 1 + (n % rows.length);
        expect(fault(rows, [headAt(rows, signed), headAt(rows, rows.length)])).toBeUndefined();
        const check = createAuditCheck(sha3);
        check.expect(headAt(rows, signed));
        expect(rows.map((row) => check.take(row))).toEqual(entries);
        expect(check).toMatchObject({ seq: rows.length, link: rows.at(-1)?.link, signedSeq: signed });
      }),
    );
  });

  test('with a changed entry names that entry', () => {
    fc.assert(
      fc.property(log(1), fc.nat(), (entries, n) => {
        const i = n % entries.length;
        const rows = auditRows(entries, GENESIS_LINK, sha3);
        const body = canonicalJson({ ...entries[i]!, atMs: entries[i]!.atMs + 1 });
        expect(fault(rows.with(i, { ...rows[i]!, body }))).toMatchObject({ code: 'chain.link_mismatch', seq: i + 1 });
      }),
    );
  });

  test('with any changed character of a text names that entry', () => {
    fc.assert(
      fc.property(log(1), fc.nat(), fc.nat(), fc.integer({ min: 0x20, max: 0x7e }), (entries, n, at, code) => {
        const rows = auditRows(entries, GENESIS_LINK, sha3);
        const i = n % rows.length;
        const { body } = rows[i]!;
        const changed =
          body.slice(0, at % body.length) + String.fromCharCode(code) + body.slice((at % body.length) + 1);
        fc.pre(changed !== body);
        expect(fault(rows.with(i, { ...rows[i]!, body: changed }))?.seq).toBe(i + 1);
      }),
    );
  });

  test('with a removed entry names the one that is missing', () => {
    fc.assert(
      fc.property(log(2), fc.nat(), (entries, n) => {
        const i = n % (entries.length - 1);
        const rows = auditRows(entries, GENESIS_LINK, sha3).toSpliced(i, 1);
        expect(fault(rows)).toMatchObject({ code: 'chain.sequence_gap', seq: i + 1 });
      }),
    );
  });

  test('with two entries in each other’s place names the first', () => {
    fc.assert(
      fc.property(log(2), fc.nat(), (entries, n) => {
        const i = n % (entries.length - 1);
        const rows = auditRows(entries, GENESIS_LINK, sha3);
        const [a, b] = [rows[i]!, rows[i + 1]!];
        const swapped = rows.with(i, { ...a, body: b.body }).with(i + 1, { ...b, body: a.body });
        expect(fault(swapped)?.seq).toBe(i + 1);
      }),
    );
  });

  test('that was cut off before a signed entry names what is missing', () => {
    fc.assert(
      fc.property(log(2), fc.nat(), (entries, n) => {
        const rows = auditRows(entries, GENESIS_LINK, sha3);
        const left = n % rows.length;
        expect(fault(rows.slice(0, left), [headAt(rows, rows.length)])).toEqual({
          code: 'chain.sequence_gap',
          seq: left + 1,
          to: rows.length,
        });
      }),
    );
  });

  test('that was made anew from a changed entry on does not lead to what was signed, and the place is narrowed down', () => {
    fc.assert(
      fc.property(log(3), fc.nat(), (entries, n) => {
        const rows = auditRows(entries, GENESIS_LINK, sha3);
        const i = 1 + (n % (entries.length - 1));
        const forged = auditRows(entries.with(i, { ...entries[i]!, atMs: entries[i]!.atMs + 1 }), GENESIS_LINK, sha3);
        expect(fault(forged, [headAt(rows, i), headAt(rows, rows.length)])).toEqual({
          code: 'chain.link_mismatch',
          seq: i + 1,
          to: rows.length,
        });
      }),
    );
  });

  test('with two heads for one entry is a fork', () => {
    const head: AuditHead = { v: 1, seq: 3, link: GENESIS_LINK, atMs: 0 };
    expect(fault([], [head, { ...head, link: 'f'.repeat(64) as LinkHex }])).toMatchObject({
      code: 'chain.fork',
      seq: 3,
    });
  });

  test('with a text that means the same but is written otherwise is refused', () => {
    const [row] = auditRows(fc.sample(log(1), 1)[0]!.slice(0, 1), GENESIS_LINK, sha3);
    expect(fault([{ ...row!, body: ` ${row!.body}` }])).toMatchObject({ code: 'chain.malformed', seq: 1 });
  });
});
