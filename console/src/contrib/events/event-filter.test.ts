import { expect, test } from 'vitest';
import type { EventRow } from '../../api/schemas.ts';
import { chosenKind, eventFilter, withKind } from './event-filter.ts';

const event: EventRow = {
  id: 'e1',
  atMs: 1,
  agentId: 'abc',
  hostname: 'PC-LYO-07',
  officeId: 'ofc-1',
  kind: 'chain.rejected',
  folderId: 'fld-1',
  body: {},
};
const words = { office: () => 'Lyon', folder: () => 'Team', words: () => 'Chain refused at entry 7' };

test.each([
  ['', true],
  ['office:lyon', true],
  ['office:north', false],
  ['-office:north', true],
  ['kind:chain', true],
  ['kind:name', false],
  ['agent:pc-lyo', true],
  ['folder:Team refused', true],
  ['refused', true],
  ['-refused', false],
  ['agent:abc entry', true],
])('"%s" shows the event: %s', (text, shown) => {
  expect(eventFilter(text, words)(event)).toBe(shown);
});

test('choosing a kind replaces the one chosen before and keeps the rest', () => {
  const text = withKind(withKind('office:lyon', 'name.mapped'), 'chain.rejected');
  expect(text).toBe('office:lyon kind:chain.rejected');
  expect(chosenKind(text)).toBe('chain.rejected');
  expect(withKind(text, undefined)).toBe('office:lyon');
});
