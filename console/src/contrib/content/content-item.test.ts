import { expect, test } from 'vitest';
import { fileInput, fileOfSubject, filePath, folderInput, folderPath, nextcloudPath, tabOf } from './content-item.ts';

const reopened = (codec: typeof filePath, address: string) => {
  const url = new URL(address, 'http://console');
  return codec.parse(url.pathname, url.searchParams);
};

test.each([
  'Plans/Größe.pdf',
  'a b/c?d=e&f#g.txt',
  '100 %/50%25.txt',
  '<img src=x onerror=alert(1)>.png',
  '\u202efdp.exe',
  `${'deep/'.repeat(40)}x`,
])('the address of the file %j opens that file', (path) => {
  const input = fileInput('fld-aaaaaaaaaaaaaaaa', path, { tab: 'chunks' });
  expect(reopened(filePath, filePath.build(input))).toEqual(input);
  expect(fileOfSubject(input.subject)).toEqual({ folder: 'fld-aaaaaaaaaaaaaaaa', path });
});

test('a folder is found by a name with every kind of letter', () => {
  const input = folderInput('CAD / north & co', 'CAD / north & co', { tab: 'chain' });
  const address = folderPath.build(input);
  expect(address).toBe('/f/CAD%20%2F%20north%20%26%20co/chain');
  expect(reopened(folderPath, address)).toEqual(input);
});

test('the first tab of a folder is not in its address', () => {
  expect(folderPath.build(folderInput('fld-a', 'A', { tab: 'overview' }))).toBe('/f/fld-a');
  expect(folderPath.build(folderInput('fld-a', 'A'))).toBe('/f/fld-a');
});

test.each(['/f', '/f/a/unknown', '/f/a/file/b', '/o/a', '/f/a/chain/more'])('%s is no folder', (address) => {
  expect(reopened(folderPath, address)).toBeUndefined();
});

test('folders and files do not take each other’s addresses', () => {
  expect(reopened(folderPath, '/f/fld-a/file?path=x')).toBeUndefined();
  expect(reopened(filePath, '/f/fld-a/chain')).toBeUndefined();
  expect(reopened(filePath, '/f/fld-a/file')).toBeUndefined();
  expect(reopened(nextcloudPath, '/n/cloud')?.subject).toBe('cloud');
});

test('a tab that nobody knows is the first one', () => {
  expect(tabOf(['a', 'b'] as const, { tab: 'b' })).toBe('b');
  expect(tabOf(['a', 'b'] as const, { tab: 'x' })).toBe('a');
});
