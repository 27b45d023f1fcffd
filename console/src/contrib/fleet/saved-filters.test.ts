import { expect, test } from 'vitest';
import { filtersIn, nameProblem, withFilter, withFilters } from './saved-filters.ts';

const offline = { name: 'Offline', query: 'state:offline' };

test.each([null, undefined, 'text', [], { fleet: 'x' }, { fleet: [{ name: 1 }] }])('%o holds no filters', (value) => {
  expect(filtersIn(value)).toEqual([]);
});

test('what can be read is kept, what cannot is left out', () => {
  expect(filtersIn({ fleet: [offline, { name: '' }, 7] })).toEqual([offline]);
});

test('what other features keep in the document stays', () => {
  expect(withFilters({ events: [1], fleet: [] }, [offline])).toEqual({ events: [1], fleet: [offline] });
  expect(withFilters(null, [offline])).toEqual({ fleet: [offline] });
});

test('a filter of the same name is replaced, and names are in order', () => {
  const filters = withFilter(withFilter([offline], { name: 'Blocked', query: 'state:blocked' }), {
    ...offline,
    query: 'x',
  });
  expect(filters).toEqual([
    { name: 'Blocked', query: 'state:blocked' },
    { name: 'Offline', query: 'x' },
  ]);
});

test('a name is neither empty nor a story', () => {
  expect([nameProblem(' '), nameProblem('x'.repeat(61)), nameProblem('Offline')]).toEqual(['empty', 'long', undefined]);
});
