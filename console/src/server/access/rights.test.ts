import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Action, actions, organisationWide, roleMay, roles } from '../../api/access-rules.ts';
import {
  commonRights,
  fingerprintOf,
  isIn,
  may,
  type PlacedRole,
  type Places,
  placesOf,
  rightsOf,
  rightsTo,
} from './rights.ts';

/** Who may do what, written down a second time: o owner, m manager, h helpdesk, v viewer. */
const matrix: Record<Action, string> = {
  'fleet.read': 'omhv',
  'fleet.write': 'om',
  'content.read': 'omhv',
  'content.check': 'omh',
  'content.write': 'om',
  'logs.read': 'omh',
  'enrol.approve': 'omh',
  'enrol.token': 'om',
  'agent.revoke': 'om',
  'policy.write': 'om',
  'policy.publish': 'om',
  'audit.read': 'om',
  'audit.export': 'om',
  'people.read': 'om',
  'people.write': 'o',
  'settings.write': 'o',
  'server.write': 'o',
};
const cells = actions.flatMap((action) =>
  roles.map((role) => ({ action, role, allowed: matrix[action].includes(role[0]!) })),
);

describe('the table of roles and actions', () => {
  test('is written down here whole', () => {
    expect(Object.keys(matrix)).toEqual(actions);
  });

  test.each(cells)('$role, everywhere: $action → $allowed', ({ role, action, allowed }) => {
    expect(roleMay(role, action)).toBe(allowed);
    const holder = { rights: rightsOf([{ role, places: 'everywhere' }]) };
    for (const scope of [undefined, 'everywhere', 'off-n']) expect(may(holder, action, scope)).toBe(allowed);
  });

  test.each(cells)('$role, in one office: $action → there and nowhere else', ({ role, action, allowed }) => {
    const holder = { rights: rightsOf([{ role, places: new Set(['off-n']) }]) };
    const there = allowed && !organisationWide.has(action);
    expect(may(holder, action)).toBe(there);
    expect(may(holder, action, 'off-n')).toBe(there);
    expect(may(holder, action, 'off-s')).toBe(false);
    expect(may(holder, action, 'everywhere')).toBe(false);
  });

  test('whoever has no role, or a role that holds nowhere, may do nothing', () => {
    for (const holder of [
      undefined,
      { rights: rightsOf([]) },
      { rights: rightsOf([{ role: 'owner', places: new Set() }]) },
    ])
      for (const action of actions) expect(may(holder, action)).toBe(false);
  });
});

const office = fc.constantFrom('a', 'b', 'c', 'd');
const places: fc.Arbitrary<Places> = fc.oneof(
  fc.constant('everywhere' as const),
  fc.uniqueArray(office).map((ids) => new Set(ids)),
);
const placedRoles: fc.Arbitrary<PlacedRole[]> = fc.array(fc.record({ role: fc.constantFrom(...roles), places }), {
  maxLength: 4,
});

test('several roles allow what any of them allows, and no more', () => {
  fc.assert(
    fc.property(placedRoles, fc.constantFrom(...actions), office, (placed, action, id) => {
      const any = placed.some(
        ({ role, places: where }) =>
          roleMay(role, action) && (organisationWide.has(action) ? where === 'everywhere' : isIn(where, id)),
      );
      expect(may({ rights: rightsOf(placed) }, action, id)).toBe(any);
    }),
  );
});

test('a key may do what it was made for and its owner may do, and no more', () => {
  const key = fc.tuple(fc.subarray([...actions]), places).map(([named, where]) => rightsTo(named, where));
  fc.assert(
    fc.property(placedRoles, key, fc.constantFrom(...actions), office, (placed, own, action, id) => {
      const owner = rightsOf(placed);
      const common = { rights: commonRights(own, owner) };
      for (const scope of [id, 'everywhere'])
        expect(may(common, action, scope)).toBe(
          may({ rights: own }, action, scope) && may({ rights: owner }, action, scope),
        );
    }),
  );
});

test('a fingerprint tells rights apart, whatever order they were written down in', () => {
  const one = rightsTo(['fleet.read', 'logs.read'], new Set(['a', 'b']));
  expect(fingerprintOf(rightsTo(['logs.read', 'fleet.read'], new Set(['b', 'a'])))).toBe(fingerprintOf(one));
  for (const other of [
    rightsTo(['fleet.read'], new Set(['a', 'b'])),
    rightsTo(['fleet.read', 'logs.read'], 'everywhere'),
  ])
    expect(fingerprintOf(other)).not.toBe(fingerprintOf(one));
  expect(placesOf({ rights: one }, 'fleet.read')).toEqual(new Set(['a', 'b']));
});
