import { expect, test } from 'vitest';
import { actions } from '../api/access-rules.ts';
import { createContextKeys } from '../workbench/commands/context-keys.ts';
import { mayFacts, mayKey } from './may.ts';

test('a condition holds for exactly what may be done', () => {
  const context = createContextKeys(mayFacts(['fleet.read', 'content.check']));
  const held = actions.filter((action) => context.holds(mayKey(action)));
  expect(held).toEqual(['fleet.read', 'content.check']);
  expect(context.holds(`!${mayKey('people.write')} && ${mayKey('fleet.read')}`)).toBe(true);
});
