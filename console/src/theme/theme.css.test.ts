import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { themeCss } from './css.ts';

const sources = join(import.meta.dirname, '..');

test('theme.css is what the tokens say', async () => {
  await expect(themeCss()).toMatchFileSnapshot('./theme.css');
});

/** A colour in a style sheet, or at the start of a string in code; `#` in links, queries and private fields is none. */
const rawColor = {
  css: /#[0-9a-f]{3,8}\b|\b(?:rgb|hsl|hwb|lab|lch|oklab|oklch)a?\(/gi,
  code: /["'`\s:(]#(?:[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})(?=["'`\s;,)])|["'`](?:rgb|hsl)a?\(\s*\d/gi,
};

test('no colour stands outside the theme', () => {
  const files = readdirSync(sources, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(?:tsx?|css)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !path.startsWith(import.meta.dirname));
  const found = files.flatMap((path) => {
    const pattern = path.endsWith('.css') ? rawColor.css : rawColor.code;
    return [...readFileSync(path, 'utf8').matchAll(pattern)].map(
      ([color]) => `${relative(sources, path)}: ${color.trim()}`,
    );
  });
  expect(found).toEqual([]);
});
