import { expect, test } from 'vitest';
import { describe } from './describe.ts';

test.each([
  {
    kind: 'chain.rejected',
    body: { seq: 7, code: 'chain.fork', detail: 'two links' },
    words: 'chain refused at entry 7: two links (chain.fork)',
    tone: 'error',
  },
  {
    kind: 'folder.blocked',
    body: { code: 'disk.full', detail: 'no space' },
    words: 'folder blocked: no space (disk.full)',
    tone: 'error',
  },
  {
    kind: 'file.kept_aside',
    body: { path: 'a', keptAs: 'b' },
    words: 'a was changed on the PC; kept as b',
    tone: 'warning',
  },
  { kind: 'something.new', body: {}, words: 'something.new', tone: 'unknown' },
  { kind: 'name.refused', body: {}, words: '— cannot be stored: —', tone: 'warning' },
])('$kind is described in words', ({ kind, body, words, tone }) => {
  expect(describe({ kind, body })).toMatchObject({ words, tone });
});
