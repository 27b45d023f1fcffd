import { expect, test } from 'vitest';
import { translator } from '../../i18n/translate.ts';
import { describeEvent } from './agent-events.ts';

const text = translator('en');
/** Without the marks that isolate what agents wrote. */
const plain = (kind: string, body: Record<string, unknown>) =>
  describeEvent({ kind, body }, text).words.replace(/[\u2066-\u2069]/g, '');

test.each([
  ['folder.completed', { seq: 7 }, 'folder complete at entry 7'],
  ['folder.blocked', { code: 'disk.full', detail: 'ENOSPC' }, 'folder blocked: the disk is full'],
  ['desired.rejected', { code: 'from.the_future' }, 'instructions refused: from.the_future'],
  ['file.kept_aside', { path: 'a.txt' }, 'a.txt was changed on the PC; kept as —'],
  ['name.mapped', { path: '<b>', storedAs: '_b_' }, '<b> is stored as _b_'],
  ['from.the_future', {}, 'from.the_future'],
])('%s %o reads "%s"', (kind, body, words) => {
  expect(plain(kind, body)).toBe(words);
});

test('a path of an agent neither turns the sentence nor floods it', () => {
  const { words } = describeEvent(
    { kind: 'name.mapped', body: { path: `\u202e${'x'.repeat(5000)}`, storedAs: 'y' } },
    text,
  );
  expect(words).not.toContain('\u202e');
  expect(words.length).toBeLessThan(400);
});
