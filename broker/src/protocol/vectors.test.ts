/** The golden vectors of docs/protocol: what another implementation must reproduce, read by ours. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import * as protocol from './index.ts';
import { sha3, sha256, verifyEd25519 } from './node/index.ts';

// biome-ignore lint/suspicious/noExplicitAny: test data, asserted on field by field
const vectors = (name: string): any =>
  JSON.parse(readFileSync(new URL(`../../../docs/protocol/vectors/${name}.json`, import.meta.url), 'utf8'));

/** SHA-256(seed ‖ "/" ‖ counter), concatenated: content that any language can make. */
function generated(seed: string, sizeBytes: number): Uint8Array {
  if (seed === 'zeros') return new Uint8Array(sizeBytes);
  const blocks = Array.from({ length: Math.ceil(sizeBytes / 32) }, (_, i) =>
    createHash('sha256').update(`${seed}/${i}`).digest(),
  );
  return Buffer.concat(blocks).subarray(0, sizeBytes);
}

test.each<{ seed: string; sizeBytes: number; chunks: [number, string][] }>(vectors('chunking').cases)(
  'the content "$seed" of $sizeBytes bytes is cut as the vector says',
  ({ seed, sizeBytes, chunks }) => {
    const bytes = generated(seed, sizeBytes);
    expect(protocol.chunkLengths(bytes)).toEqual(chunks.map(([length]) => length));
    let offset = 0;
    for (const [length, id] of chunks) {
      expect(protocol.toHex(sha256(bytes.subarray(offset, offset + length)))).toBe(id);
      offset += length;
    }
  },
);

test.each<{ manifest: protocol.Manifest; bytes: string; id: string }>(vectors('manifest').cases)(
  'a manifest of $manifest.size bytes has the bytes and the name of the vector',
  ({ manifest, bytes, id }) => {
    expect(protocol.toHex(protocol.encodeManifest(manifest))).toBe(bytes);
    expect(protocol.decodeManifest(protocol.fromHex(bytes))).toEqual(manifest);
    expect(protocol.blobIdOf(protocol.fromHex(bytes), sha3)).toBe(id);
    expect(protocol.blobIdOf(protocol.fromHex(bytes), protocol.portableSha3)).toBe(id);
  },
);

test.each<{ value: unknown; text: string; utf8: string }>(vectors('canonical').cases)(
  'canonical JSON $text',
  ({ value, text, utf8 }) => {
    expect(protocol.canonicalJson(value)).toBe(text);
    expect(protocol.toHex(protocol.utf8(text))).toBe(utf8);
  },
);

describe('chain', () => {
  const chain = vectors('chain');
  const entries: protocol.Entry[] = chain.entries.map(({ entry }: { entry: unknown }) => protocol.Entry.parse(entry));

  test.each([
    { name: 'Node', hash: sha3 },
    { name: 'portable', hash: protocol.portableSha3 },
  ])('every link follows with the $name hash', ({ hash }) => {
    let previous = protocol.fromHex(protocol.GENESIS_LINK);
    entries.forEach((entry, index) => {
      expect(protocol.textOf(protocol.serialiseEntry(entry))).toBe(chain.entries[index].serialised);
      previous = Uint8Array.from(protocol.link(entry, previous, hash));
      expect(protocol.toHex(previous)).toBe(chain.entries[index].link);
    });
  });

  test('the signed head opens with the pinned key and leads through snapshot and segment', () => {
    const head = protocol.openSigned(
      'harp/head/v1',
      chain.head.signed,
      protocol.Head,
      [chain.signingKey],
      verifyEd25519,
    );
    expect(head).toEqual(chain.head.parsed);
    const snapshotBytes = protocol.utf8(chain.snapshot.text);
    expect(protocol.blobIdOf(snapshotBytes, sha3)).toBe(head.snapshot?.blob);
    const snapshot = protocol.decodeSnapshot(snapshotBytes);
    expect(protocol.textOf(protocol.encodeSnapshot(snapshot))).toBe(chain.snapshot.text);
    expect(protocol.snapshotSigningText(head.folder, head.snapshot!)).toBe(chain.snapshot.signingText);
    protocol.checkSignature(
      'harp/snapshot/v1',
      chain.snapshot.signingText,
      { key: chain.signingKey.key, signature: chain.snapshot.signature },
      [chain.signingKey],
      verifyEd25519,
    );
    const segment = protocol.decodeSegment(protocol.utf8(chain.segment.text));
    const position = protocol.verifySegment(segment, head.folder, snapshot, head.segments[0]!, sha3);
    expect(position).toEqual({ seq: head.seq, link: head.link });
    for (const entry of segment.entries) protocol.applyEntry(snapshot.state, entry);
    expect([...snapshot.state.keys()].sort()).toEqual(['Archive/big.bin', 'Plans/Größe.pdf']);
  });
});

describe('audit', () => {
  const audit = vectors('audit');

  test.each([
    { name: 'Node', hash: sha3 },
    { name: 'portable', hash: protocol.portableSha3 },
  ])('entries have the texts and links of the vector with the $name hash', ({ hash }) => {
    const entries: protocol.AuditEntry[] = audit.entries.map(({ entry }: { entry: unknown }) =>
      protocol.AuditEntry.parse(entry),
    );
    const rows = protocol.auditRows(entries, protocol.GENESIS_LINK, hash);
    rows.forEach(({ body, link }, index) => {
      expect(`harp/audit-entry/v1\n${body}`).toBe(audit.entries[index].serialised);
      expect(link).toBe(audit.entries[index].link);
    });
    const check = protocol.createAuditCheck(hash);
    check.expect(audit.head.parsed);
    expect(rows.map((row) => check.take(row))).toEqual(entries);
    check.end();
    expect(check.signedSeq).toBe(audit.head.parsed.seq);
  });

  test('the signed head opens with the key of the vector', () => {
    const head = protocol.openSigned(
      'harp/audit/v1',
      audit.head.signed,
      protocol.AuditHead,
      [audit.signingKey],
      verifyEd25519,
    );
    expect(head).toEqual(audit.head.parsed);
    expect(protocol.auditHeadText(head)).toBe(audit.head.signed.text);
  });
});

test.each<{ token: protocol.EnrolmentToken; text: string }>(vectors('token').cases)(
  'the token string of the vector reads and writes',
  ({ token, text }) => {
    expect(protocol.formatToken(token)).toBe(text);
    expect(protocol.parseToken(` ${text}\n`)).toEqual(token);
  },
);

test.each<{ type: keyof typeof protocol.frameType; id?: string; payload?: string; progress?: number; bytes: string }>(
  vectors('frames').cases,
)('a $type frame decodes from the bytes of the vector', ({ type, id, payload, progress, bytes }) => {
  const decoder = protocol.createFrameDecoder();
  const [frame] = decoder.push(protocol.fromHex(bytes));
  expect(frame?.type).toBe(protocol.frameType[type]);
  if (id !== undefined) expect(frame?.id).toBe(id);
  if (payload !== undefined) expect(protocol.toHex(frame!.payload)).toBe(payload);
  if (progress !== undefined) expect(protocol.progressOf(frame!)).toBe(progress);
  expect(decoder.ended).toBe(type === 'end');
});

test('ranks and fetchers are those of the vector', () => {
  const { agents, ranks, fetchers } = vectors('ownership');
  const equal = agents.map((agent: protocol.AgentId) => ({ agent, weight: 1 }));
  const weights = agents.map((agent: protocol.AgentId, i: number) => ({
    agent,
    weight: i === 0 ? 10 : i === 1 ? 0 : 1,
  }));
  for (const { key, equal: expected, firstHeavy } of ranks) {
    expect(protocol.rank(key, equal, sha256)).toEqual(expected);
    expect(protocol.rank(key, weights, protocol.portableSha256)).toEqual(firstHeavy);
  }
  expect(protocol.electFetchers(fetchers.folder, equal, fetchers.wanStreams, sha256)).toEqual(fetchers.result);
});
