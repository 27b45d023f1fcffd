import { expect, test } from 'vitest';
import type { QuickAccessContribution, QuickItem, WorkbenchServices } from '../model.ts';
import { createAccessSearch, prefixOf } from './access-search.ts';

const item = (id: string, more: Partial<QuickItem> = {}): QuickItem => ({ id, label: id, accept: () => {}, ...more });
const placeholder = { id: 'p', en: 'p', de: 'p' };
const services = () => ({}) as WorkbenchServices;
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** A provider that answers when the test says so, once per query. */
function slowProvider(prefix: QuickAccessContribution['prefix'] = '', order = 1) {
  const asked: { query: string; signal: AbortSignal; answer(items: QuickItem[]): void; fail(cause: Error): void }[] =
    [];
  const provider: QuickAccessContribution = {
    prefix,
    order,
    placeholder,
    provide: (query, _, signal) =>
      new Promise((answer, fail) => {
        asked.push({ query, signal, answer, fail });
      }),
  };
  return { provider, asked };
}
const quickProvider = (
  items: QuickItem[],
  prefix: QuickAccessContribution['prefix'] = '',
  order = 0,
): QuickAccessContribution => ({
  prefix,
  order,
  placeholder,
  provide: () => items,
});
const start = (providers: QuickAccessContribution[], recents: string[] = []) => {
  const search = createAccessSearch({ providers, services, recentsOf: () => recents });
  const shown = () => search.state.rows.map(({ id }) => id).join(' ');
  return { search, shown };
};

test('the prefix decides who is asked', () => {
  const providers = [quickProvider([item('object')]), quickProvider([item('command')], '>')];
  expect([prefixOf('>x', providers), prefixOf('x', providers), prefixOf('#x', providers)]).toEqual(['>', '', '']);
  const { search, shown } = start(providers);
  search.search('');
  expect(shown()).toBe('object');
  search.search('>com');
  expect(shown()).toBe('command');
  search.search('nothing like it');
  expect([shown(), search.state.isLoading]).toEqual(['', false]);
});

test('without a query the recent ones come first', () => {
  const { search, shown } = start([quickProvider([item('a'), item('b'), item('c')])], ['c', 'gone', 'b']);
  search.search('');
  expect(shown()).toBe('c b a');
});

test('among like ones a recent one wins', () => {
  const { search, shown } = start([quickProvider([item('pc-1'), item('pc-2')])], ['pc-2']);
  search.search('pc');
  expect(shown()).toBe('pc-2 pc-1');
});

test('a new query aborts the one before, and its late answer counts for nothing', async () => {
  const { provider, asked } = slowProvider();
  const { search, shown } = start([provider]);
  search.search('a');
  search.search('ab');
  expect(asked.map(({ query, signal }) => `${query} ${signal.aborted}`)).toEqual(['a true', 'ab false']);
  asked[1]!.answer([item('ab')]);
  asked[0]!.answer([item('a-late')]);
  await settled();
  expect(shown()).toBe('ab');
});

test('while a provider is slow, its last rows stay as far as they fit, and nobody is told that there are none', async () => {
  const { provider, asked } = slowProvider();
  const { search, shown } = start([provider]);
  search.search('n');
  expect([shown(), search.state.isLoading]).toEqual(['', true]);
  asked[0]!.answer([item('north'), item('nantes')]);
  await settled();
  expect(search.state.isLoading).toBe(false);
  search.search('nor');
  expect([shown(), search.state.isLoading]).toEqual(['north', true]);
  search.search('norxx');
  expect([shown(), search.state.isLoading]).toEqual(['', true]);
});

test('rows of one prefix are not shown under another', async () => {
  const { provider, asked } = slowProvider('#');
  const { search, shown } = start([quickProvider([item('north')]), provider]);
  search.search('');
  search.search('#');
  expect([shown(), search.state.isLoading]).toEqual(['', true]);
  asked[0]!.answer([item('folder')]);
  await settled();
  expect(shown()).toBe('folder');
});

test('what a server has matched stays, after what fits here; what it matched for an earlier query must fit', async () => {
  const { provider, asked } = slowProvider();
  const { search, shown } = start([quickProvider([item('lyon')]), provider]);
  search.search('ly');
  asked[0]!.answer([item('pc-7', { matches: [], description: '10.4.0.7' })]);
  await settled();
  expect(shown()).toBe('lyon pc-7');
  search.search('lyo');
  expect(shown()).toBe('lyon');
});

test('an object that two providers know is shown once', async () => {
  const { search, shown } = start([
    quickProvider([item('a', { icon: 'first' })]),
    quickProvider([item('a'), item('b')], '', 1),
  ]);
  search.search('');
  expect([shown(), search.state.rows[0]?.icon]).toEqual(['a b', 'first']);
});

test('a provider that fails costs only its own rows', async () => {
  const { provider, asked } = slowProvider();
  const throwing: QuickAccessContribution = {
    ...provider,
    provide: () => {
      throw new Error('at once');
    },
  };
  const { search, shown } = start([quickProvider([item('a')]), provider, throwing]);
  search.search('');
  expect(search.state.failure).toEqual(new Error('at once'));
  asked[0]!.fail(new Error('later'));
  await settled();
  expect([shown(), search.state.isLoading, search.state.failure]).toEqual(['a', false, new Error('later')]);
  search.search('a');
  asked[1]!.answer([]);
  await settled();
  expect(search.state.failure).toEqual(new Error('at once'));
});

test('stopping aborts what is asked', () => {
  const { provider, asked } = slowProvider();
  const { search } = start([provider]);
  search.search('a');
  search.stop();
  expect(asked[0]!.signal.aborted).toBe(true);
});

test('who wants to be asked at the opening is asked then, once', () => {
  const queries: string[] = [];
  const provider = {
    ...quickProvider([]),
    isAskedAtOpening: true,
    provide: (query: string) => {
      queries.push(query);
      return [item('north'), item('lyon')];
    },
  };
  const { search, shown } = start([provider]);
  expect(queries).toEqual(['']);
  search.search('n');
  search.search('no');
  expect([shown(), queries.length]).toEqual(['north', 1]);
});
