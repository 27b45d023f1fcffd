import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { writeExport } from './chain-files.ts';

async function target(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'harp-export-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return join(folder, 'out');
}
const stream = async function* (lines: readonly object[], cut = Number.POSITIVE_INFINITY, pieceBytes = 7) {
  const bytes = Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join('')).subarray(0, cut);
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
};
const data = (text: string) => ({ data: Buffer.from(text).toString('base64') });
const whole = [{ file: 'a' }, data('one '), data('two'), { file: 'b/ü' }, { end: true, files: 2 }];

test('files arrive whole, however the bytes were cut on their way', async () => {
  const out = await target();
  expect(await writeExport(stream(whole), out)).toEqual({ files: 2, bytes: 7 });
  expect(await readFile(join(out, 'a'), 'utf8')).toBe('one two');
  expect(await readFile(join(out, 'b', 'ü'), 'utf8')).toBe('');
});

test.each([
  { name: 'that broke off', lines: whole.slice(0, 3), says: /broke off/ },
  { name: 'cut inside a line', lines: whole, cut: 20, says: /broke off/ },
  { name: 'that counts other files', lines: [{ file: 'a' }, { end: true, files: 2 }], says: /1 files instead of 2/ },
  {
    name: 'that reports a failure',
    lines: [{ error: { code: 'x', message: 'the disk is gone' } }],
    says: /the disk is gone/,
  },
  { name: 'with bytes of no file', lines: [data('x')], says: /bytes of no file/ },
  { name: 'that goes on after its end', lines: [{ end: true, files: 0 }, { file: 'a' }], says: /after its end/ },
  { name: 'of lines nobody knows', lines: [{ hello: 1 }], says: /not understood/ },
  { name: 'that leaves its folder', lines: [{ file: '../evil' }], says: /"\.\."/ },
  { name: 'with an absolute name', lines: [{ file: '/etc/evil' }], says: /slash/ },
  { name: 'with a Windows path', lines: [{ file: 'C:\\evil' }], says: /backslash/ },
])('an export $name is refused', async ({ lines, cut, says }) => {
  await expect(writeExport(stream(lines, cut), await target())).rejects.toThrow(says);
});
