import type { EntryPath, FolderId, LinkHex } from '@harp/broker/protocol';
import { expect, test } from 'vitest';
import type { FolderVerification } from '../sync/index.ts';
import { verificationText } from './verify-command.ts';

const verification = (bad: FolderVerification['bad']): FolderVerification => ({
  folder: 'fld-aaaaaaaaaaaaaaaa' as FolderId,
  seq: 12,
  link: 'ab'.repeat(32) as LinkHex,
  files: 40,
  bytes: 1_000,
  bad,
});
const problem = (path: string, storedAs = path): FolderVerification['bad'][number] => ({
  path: path as EntryPath,
  storedAs,
  problem: 'wrong_content',
});

test('a folder that is as signed is one line with its place in the chain', () => {
  expect(verificationText('Plans', verification([]))).toBe(
    'Plans: all 40 files (1000 bytes) are what was signed (entry 12, link abababababababab).\n',
  );
});

test('a file that differs is named, also as it is called here', () => {
  const text = verificationText('Plans', verification([problem('a/b.txt'), problem('aux.txt', 'aux_.txt')]));
  expect(text).toBe(`Plans: 2 of 40 files are not as signed (entry 12, link abababababababab):
  a/b.txt has other content than was signed
  aux.txt (here: aux_.txt) has other content than was signed
`);
});

test('a long list is cut for people', () => {
  const bad = Array.from({ length: 30 }, (_, index) => problem(`file ${index}`));
  expect(verificationText('Plans', verification(bad))).toContain('and 10 more; --json lists them all');
});
