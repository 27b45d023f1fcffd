import { expect, test } from 'vitest';
import { fileNameOf, toCsv } from './csv.ts';

test.each([
  { name: 'a plain word', value: 'PC-1', cell: 'PC-1' },
  { name: 'a comma', value: 'a,b', cell: '"a,b"' },
  { name: 'a quote mark', value: 'say "hi"', cell: '"say ""hi"""' },
  { name: 'a line break', value: 'a\nb', cell: '"a\nb"' },
  { name: 'spaces at its ends', value: ' a ', cell: '" a "' },
  { name: 'nothing known', value: null, cell: '' },
  { name: 'a number', value: -12.5, cell: '-12.5' },
  { name: 'no number', value: Number.NaN, cell: '' },
  { name: 'a formula', value: '=HYPERLINK("http://x")', cell: `"'=HYPERLINK(""http://x"")"` },
  { name: 'a plus', value: '+1', cell: "'+1" },
  { name: 'a minus', value: '-1+2', cell: "'-1+2" },
  { name: 'an at sign', value: '@SUM(A1)', cell: "'@SUM(A1)" },
  { name: 'a tab before a formula', value: '\t=1', cell: `"'\t=1"` },
  { name: 'text from right to left', value: 'شركة', cell: 'شركة' },
])('$name', ({ value, cell }) => {
  // A quote mark in front of a tab keeps no space at the start; the cell is quoted or not, and means the same.
  const line = toCsv([[value, 'x']]);
  expect([`${cell},x\r\n`, `${cell.replace(/^"|"$/g, '')},x\r\n`]).toContain(line);
});

test('every line ends, and the titles are the first', () => {
  expect(
    toCsv([
      ['PC', 'Bytes'],
      ['a', 1],
      ['b', null],
    ]),
  ).toBe('PC,Bytes\r\na,1\r\nb,\r\n');
});

test.each([
  { title: 'Which office is not sharing?', name: 'Which-office-is-not-sharing' },
  { title: '../../etc/passwd', name: 'etc-passwd' },
  { title: '事務所', name: 'harp' },
])('$title is saved as $name', ({ title, name }) => {
  expect(fileNameOf(title)).toBe(name);
});
