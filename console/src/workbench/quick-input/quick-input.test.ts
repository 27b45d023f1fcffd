import { expect, test } from 'vitest';
import { createRecents } from '../commands/recents.ts';
import type { QuickAccessContribution, QuickItem, WorkbenchServices } from '../model.ts';
import { createQuickInput } from './quick-input.ts';

const item = (id: string, accept: QuickItem['accept'] = () => {}): QuickItem => ({ id, label: id, accept });
const provider = (prefix: QuickAccessContribution['prefix'], items: QuickItem[]): QuickAccessContribution => ({
  prefix,
  order: 0,
  placeholder: { id: 'p', en: 'p', de: 'p' },
  provide: () => items,
});

function setUp(objects: QuickItem[] = []) {
  const log: string[] = [];
  const commandRecents = createRecents(undefined, 'k');
  const services = { commands: { recents: commandRecents } } as unknown as WorkbenchServices;
  const quickInput = createQuickInput({
    quickAccess: [provider('', objects), provider('>', [item('run')])],
    services: () => services,
    local: undefined,
    rememberFocus: () => {
      log.push('remembered');
      return () => log.push('given back');
    },
  });
  const id = () => (quickInput.state.kind === 'closed' ? -1 : quickInput.state.id);
  return { quickInput, log, id, commandRecents };
}

test('an accepted object gets the focus after it was given back, and is recent next time', () => {
  const { quickInput, log, id } = setUp([item('a'), item('b', () => log.push('accepted'))]);
  quickInput.open();
  quickInput.end(id(), { kind: 'item', item: item('b', () => log.push('accepted')) });
  expect(log).toEqual(['remembered', 'given back', 'accepted']);
  expect(quickInput.state.kind).toBe('closed');
  quickInput.open();
  expect(quickInput.state.kind === 'access' && quickInput.state.search.state.rows.map((row) => row.id)).toEqual([
    'b',
    'a',
  ]);
});

test('commands are remembered with the commands', () => {
  const { quickInput, id, commandRecents } = setUp();
  quickInput.open('>');
  quickInput.end(id(), { kind: 'item', item: item('run') });
  expect(commandRecents.list()).toEqual(['run']);
});

test('several steps answer one after the other', async () => {
  const { quickInput, id, log } = setUp();
  const both = (async () => {
    const first = await quickInput.pick({ title: 't', step: [1, 2], items: [item('a')] });
    const second = await quickInput.ask({ title: 't', step: [2, 2] });
    return [first?.id, second];
  })();
  quickInput.end(id(), { kind: 'item', item: item('a', () => log.push('never run')) });
  await Promise.resolve();
  expect(quickInput.state.kind).toBe('ask');
  quickInput.end(id(), { kind: 'text', text: 'x' });
  expect(await both).toEqual(['a', 'x']);
  expect(log).not.toContain('never run');
});

test('one that another replaces ends with nothing; the focus goes back where it first was', async () => {
  const { quickInput, log, id } = setUp();
  const picked = quickInput.pick({ title: 't', items: [] });
  const first = id();
  quickInput.open();
  expect(await picked).toBeUndefined();
  quickInput.end(first, { kind: 'cancelled', focusIsElsewhere: true });
  expect(quickInput.state.kind).toBe('access');
  quickInput.close();
  expect(log).toEqual(['remembered', 'given back']);
});

test('cancelled by going elsewhere, the focus stays there', async () => {
  const { quickInput, log, id } = setUp();
  const asked = quickInput.ask({ title: 't' });
  quickInput.end(id(), { kind: 'cancelled', focusIsElsewhere: true });
  expect(await asked).toBeUndefined();
  expect(log).toEqual(['remembered']);
});
