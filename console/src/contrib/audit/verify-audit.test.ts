import {
  AuditEntry,
  type AuditHead,
  type AuditRow,
  auditHeadText,
  auditRows,
  GENESIS_LINK,
  type LinkHex,
} from '@harp/broker/protocol';
import { createSigner, generateSigningKeyPem, sha3, verifyEd25519 } from '@harp/broker/protocol/node';
import { expect, test } from 'vitest';
import type { AuditChainPage } from '../../api/schemas.ts';
import type { ProveSignature } from '../../api/signature.ts';
import { verifyAudit } from './verify-audit.ts';

const signer = createSigner(generateSigningKeyPem());
const stranger = createSigner(generateSigningKeyPem());
const prove: ProveSignature = async (key, input, signature) => verifyEd25519(key, input, signature);

const entries = Array.from({ length: 25 }, (_, index) =>
  AuditEntry.parse({
    v: 1,
    seq: index + 1,
    atMs: index,
    actor: { kind: 'user', id: 'usr-1', name: 'ada', operator: null },
    action: 'office.update',
    object: { kind: 'office', id: 'off-1', name: 'north' },
    office: 'off-1',
    before: null,
    after: { n: index },
    requestId: null,
    address: null,
  }),
);
const rows = auditRows(entries, GENESIS_LINK, sha3);
const headAt = (seq: number, by = signer, from: readonly AuditRow[] = rows) => {
  const head: AuditHead = { v: 1, seq, link: from[seq - 1]!.link as LinkHex, atMs: 0 };
  return by.sign('harp/audit/v1', auditHeadText(head));
};

/** A server that has these rows and heads. */
const serverOf =
  (kept: readonly AuditRow[], heads: readonly { text: string; key: string; signature: string }[]) =>
  async (from: number): Promise<AuditChainPage> => {
    const after = kept.filter(({ seq }) => seq >= from);
    const page = after.slice(0, 10);
    return {
      entries: page,
      heads: heads.filter((head, index) => {
        const { seq } = JSON.parse(head.text) as AuditHead;
        return (seq >= from && seq <= (page.at(-1)?.seq ?? 0)) || (from === 1 && index === heads.length - 1);
      }),
      nextFrom: after.length > 10 ? (page.at(-1)?.seq ?? 0) + 1 : null,
      total: kept.length,
      keys: [signer.key],
    };
  };

const check = (kept: readonly AuditRow[], heads = [headAt(12), headAt(20)], by: ProveSignature = prove) => {
  const progress: number[] = [];
  return verifyAudit({
    read: serverOf(kept, heads),
    prove: by,
    onProgress: (done) => void progress.push(done),
    signal: new AbortController().signal,
  }).then((verdict) => ({ ...verdict, progress }));
};

test('a log that nobody touched is right, page after page', async () => {
  expect(await check(rows)).toEqual({
    finding: undefined,
    entries: 25,
    signedSeq: 20,
    signatures: 'proved',
    key: signer.key.key,
    progress: [10, 20, 25],
  });
});

test.each([
  {
    name: 'a changed entry',
    kept: rows.with(4, { ...rows[4]!, body: rows[4]!.body.replace('north', 'south') }),
    finding: { what: 'changed', seq: 5, to: 5 },
  },
  { name: 'a missing entry', kept: rows.toSpliced(14, 1), finding: { what: 'missing', seq: 15, to: 15 } },
  { name: 'a cut end', kept: rows.slice(0, 15), finding: { what: 'missingEnd', seq: 16, to: 20 } },
  { name: 'no entry at all', kept: [], finding: { what: 'missingEnd', seq: 1, to: 20 } },
  {
    name: 'another spelling',
    kept: rows.with(0, { ...rows[0]!, body: ` ${rows[0]!.body}` }),
    finding: { what: 'form', seq: 1, to: 1 },
  },
])('$name is named', async ({ kept, finding }) => {
  expect((await check(kept)).finding).toEqual(finding);
});

test('a log that was made anew does not lead to what was signed', async () => {
  const forged = auditRows(entries.with(13, { ...entries[13]!, atMs: 99 }), GENESIS_LINK, sha3);
  expect((await check(forged)).finding).toEqual({ what: 'unlikeSigned', seq: 13, to: 20 });
});

test('a head of a stranger is none', async () => {
  expect((await check(rows, [headAt(20, stranger)])).finding).toMatchObject({ what: 'head', seq: 20 });
});

test('without cryptography the links are checked, and that the signatures were not is said', async () => {
  const verdict = await check(rows, [headAt(20)], async () => undefined);
  expect(verdict).toMatchObject({ finding: undefined, signatures: 'notChecked', entries: 25 });
});

test('without a head there is nothing signed', async () => {
  expect(await check(rows, [])).toMatchObject({ finding: undefined, signatures: 'none', signedSeq: 0, key: undefined });
});

test('a log without entries is right', async () => {
  expect(await check([], [])).toMatchObject({ finding: undefined, entries: 0 });
});
