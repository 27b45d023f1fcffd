import { describe, expect, test } from 'vitest';
import type { EditorContribution, EditorInput } from '../model.ts';
import { addressOf, inputAt, looksSame, paramsOf, pathOf, segmentsOf } from './address.ts';

const office: EditorContribution = {
  id: 'office',
  component: () => null,
  path: {
    build: ({ subject, params }) => pathOf(['o', subject], params),
    parse(path, query) {
      const [kind, subject, ...rest] = segmentsOf(path) ?? [];
      if (kind !== 'o' || subject === undefined || rest.length > 0) return undefined;
      return { editor: 'ignored', subject, title: subject, icon: 'organization', params: paramsOf(query) };
    },
  },
};
const broken: EditorContribution = {
  id: 'broken',
  component: () => null,
  path: {
    build: () => '/broken',
    parse() {
      throw new Error('parser');
    },
  },
};
const editors = new Map([broken, office].map((each) => [each.id, each]));
const input = (subject: string, params: Record<string, string> = {}): EditorInput => ({
  editor: 'office',
  subject,
  title: subject,
  icon: 'organization',
  params,
});

describe('addresses', () => {
  test.each([
    { name: 'a plain subject', given: input('ofc-1') },
    { name: 'params', given: input('ofc-1', { from: '1', q: 'a b&c=d' }) },
    { name: 'a hostile subject', given: input('../<img src=x>/%2F\u202E?#') },
    { name: 'a subject of slashes', given: input('a/b//c') },
  ])('lead back to $name', ({ given }) => {
    expect(inputAt(editors, addressOf(editors, given))).toEqual({ ...given, title: given.subject });
  });

  test.each(['/', '/nothing', '/o', '/o/a/b', '/o/%E0%A4', '//evil.example/o/x/y'])('%s is nobody’s', (address) => {
    expect(inputAt(editors, address)).toBeUndefined();
  });

  test('an editor that is gone has the root', () => {
    expect(addressOf(editors, { ...input('x'), editor: 'gone' })).toBe('/');
  });

  test('leave empty params out', () => {
    expect(pathOf(['o', 'x'], { a: '', b: undefined, c: '1' })).toBe('/o/x?c=1');
  });
});

test('two inputs look the same only with the same params', () => {
  expect(looksSame(input('x', { a: '1' }), input('x', { a: '1' }))).toBe(true);
  expect(looksSame(input('x', { a: '1' }), input('x', { b: '1' }))).toBe(false);
  expect(looksSame(input('x', { a: '1' }), input('x'))).toBe(false);
  expect(looksSame(input('x'), input('y'))).toBe(false);
});
