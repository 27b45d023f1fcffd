import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type AuditHead, auditHeadText, type LinkHex } from '@harp/broker/protocol';
import { createSigner, generateSigningKeyPem } from '@harp/broker/protocol/node';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { silentLogger } from '../ports.ts';
import { createHeadAnchor, type HeadAnchor } from './head-anchor.ts';

const signer = createSigner(generateSigningKeyPem());
const linkOf = (seq: number) => seq.toString(16).padStart(64, '0') as LinkHex;
const headAt = (seq: number, link = linkOf(seq)) => {
  const head: AuditHead = { v: 1, seq, link, atMs: 0 };
  return signer.sign('harp/audit/v1', auditHeadText(head));
};

let folder: string;
let file: string;
let complaints: string[];
let anchor: HeadAnchor;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'harp-anchor-'));
  file = path.join(folder, 'audit-head.json');
  complaints = [];
  anchor = createHeadAnchor(file, { ...silentLogger, error: (_facts, message) => void complaints.push(message) });
});
afterEach(() => rm(folder, { recursive: true }));

/** A log of `entries` entries. */
const logOf = (entries: number) => async (seq: number) => (seq <= entries ? linkOf(seq) : undefined);

test('there is nothing before the first head; then the newest, readable by its owner only', async () => {
  expect(await anchor.read()).toBeUndefined();
  await Promise.all([anchor.keep(headAt(64), logOf(64)), anchor.keep(headAt(128), logOf(128))]);
  expect(await anchor.read()).toEqual(headAt(128));
  await anchor.keep(headAt(64), logOf(128));
  expect(await anchor.read()).toEqual(headAt(128));
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(complaints).toEqual([]);
});

test('a log that was cut off does not overwrite the proof of it', async () => {
  await anchor.keep(headAt(128), logOf(128));
  await anchor.keep(headAt(100), logOf(100));
  expect(await anchor.read()).toEqual(headAt(128));
  expect(complaints).toHaveLength(1);
});

test('nor does one that was replaced and is longer now', async () => {
  await anchor.keep(headAt(64), logOf(64));
  await anchor.keep(headAt(128), async (seq) => (seq === 128 ? linkOf(128) : 'f'.repeat(64)));
  expect(await anchor.read()).toEqual(headAt(64));
  expect(complaints).toHaveLength(1);
});

test('a damaged file is said, not overwritten', async () => {
  await writeFile(file, 'nonsense');
  await expect(anchor.read()).rejects.toMatchObject({ code: 'chain.malformed' });
  await anchor.keep(headAt(64), logOf(64));
  expect(await readFile(file, 'utf8')).toBe('nonsense');
  expect(complaints).toHaveLength(1);
});
