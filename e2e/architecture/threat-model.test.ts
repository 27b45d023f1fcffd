import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { expect, test } from 'vitest';

const root = new URL('../../', import.meta.url);
const scripts = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')).scripts as Record<string, string>;
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .map((file) => basename(file));

/** Rows of tables whose last column is "held by": what is promised, and the tests that are named for it. */
const rows = readFileSync(new URL('docs/threat-model.md', root), 'utf8')
  .split(/^## /m)
  .filter((section) => /\| held by +\|/.test(section))
  .flatMap((section) => section.split('\n').filter((line) => line.startsWith('|')))
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .filter((cells) => !/^-+$/.test(cells[1] ?? '') && cells.at(-2) !== 'held by')
  .map((cells) => ({
    promise: cells.slice(1, -2).join(' '),
    tests: [...(cells.at(-2) ?? '').matchAll(/`([^`]+)`/g)].map(([, name = '']) => name),
  }));

function exists(name: string): boolean {
  const script = /^(?:npm run )?([a-z]+(?::[a-z]+)?)$/.exec(name)?.[1];
  if (script !== undefined && Object.hasOwn(scripts, script)) return true;
  const file = basename(name);
  return [file, `${file}.ts`, `${file}.e2e.ts`].some(
    (each) => /\.(test|spec|e2e)\.ts$/.test(each) && files.includes(each),
  );
}

test('every promise of the threat model names tests, and these exist', () => {
  expect(rows.length).toBeGreaterThan(40);
  expect(rows.filter(({ tests }) => tests.length === 0)).toEqual([]);
  expect(
    rows.flatMap(({ promise, tests }) => tests.filter((name) => !exists(name)).map((name) => ({ promise, name }))),
  ).toEqual([]);
});
