import { expect, test } from 'vitest';
import { scopeChoices } from './scope-choice.ts';

test('a role is offered everywhere, in each region once, and in each office', () => {
  const choices = scopeChoices([
    { id: 'off-1', name: 'Lyon', region: 'South' },
    { id: 'off-2', name: 'Nice', region: 'South' },
    { id: 'off-3', name: 'Lille', region: 'North' },
    { id: 'off-4', name: 'Alone', region: null },
  ]);
  expect(choices.map(({ id }) => id)).toEqual([
    'everywhere',
    'region/North',
    'region/South',
    'office/off-1',
    'office/off-2',
    'office/off-3',
    'office/off-4',
  ]);
  expect(choices[0]?.scope).toEqual({ everywhere: true, regions: [], officeIds: [] });
  expect(choices[2]?.scope).toEqual({ everywhere: false, regions: ['South'], officeIds: [] });
  expect(choices[3]?.scope).toEqual({ everywhere: false, regions: [], officeIds: ['off-1'] });
});
