import { expect, test, vi } from 'vitest';
import type { Contributions, WorkbenchServices } from '../model.ts';
import { createCommandService } from './command-service.ts';
import { createContextKeys } from './context-keys.ts';
import type { CommandContribution, KeybindingContribution } from './model.ts';

const message = (en: string) => ({ id: en, en, de: `${en} (de)` });
const command = (id: string, more: Partial<CommandContribution> = {}): CommandContribution => ({
  id,
  category: message('View'),
  title: message(id),
  run: () => {},
  ...more,
});

/** A workbench with only what commands need: texts in German, notifications that are kept. */
function setUp(commands: readonly CommandContribution[], keybindings: readonly KeybindingContribution[] = []) {
  const shown: { severity: string; message: string }[] = [];
  const text: WorkbenchServices['text'] = ({ de = '' }, values = {}) =>
    de.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name]));
  const services = {
    text,
    notifications: { show: (n: (typeof shown)[number]) => shown.push(n) },
  } as unknown as WorkbenchServices;
  const context = createContextKeys();
  const contributions: Pick<Contributions, 'commands' | 'keybindings' | 'menus'> = {
    commands: new Map(commands.map((each) => [each.id, each])),
    keybindings,
    menus: [],
  };
  const service = createCommandService({
    contributions,
    context,
    services: () => services,
    storage: { load: async () => null, save: () => {} },
    local: undefined,
    platform: 'mac',
    timers: { set: () => 0, clear: () => {} },
  });
  return { ...service, context, shown, services };
}

test('a command is given the services and its argument', async () => {
  const run = vi.fn();
  const { commands, services } = setUp([command('a', { run })]);
  await commands.run('a', 7);
  expect(run).toHaveBeenCalledExactlyOnceWith(services, 7);
});

test('one that cannot run is not run and says why', async () => {
  const run = vi.fn();
  const { commands, context, shown } = setUp([command('a', { run, when: 'ready', whenReason: message('Not ready') })]);
  await commands.run('a');
  expect(run).not.toHaveBeenCalled();
  expect(shown).toEqual([{ severity: 'info', message: 'View (de): a (de): Not ready (de)', source: 'View (de)' }]);
  expect([commands.isEnabled('a'), commands.whyDisabled('a')]).toEqual([false, 'Not ready (de)']);
  context.set('ready', true);
  expect([commands.isEnabled('a'), commands.whyDisabled('a')]).toEqual([true, undefined]);
});

test('one that fails is reported, and nobody is left with a rejection', async () => {
  const { commands, shown } = setUp([command('a', { run: () => Promise.reject(new Error('no answer')) })]);
  await expect(commands.run('a')).resolves.toBeUndefined();
  expect(shown).toMatchObject([{ severity: 'error', message: 'View (de): a (de) ist fehlgeschlagen: no answer' }]);
});

test('an unknown command is a mistake of ours', async () => {
  const { commands } = setUp([]);
  await expect(commands.run('nothing')).rejects.toThrow('nothing');
  expect(commands.isEnabled('nothing')).toBe(false);
});

test('a shown command carries its label, its English one, its key and why it is disabled', () => {
  const { commands } = setUp(
    [command('b'), command('a', { when: 'never', palette: false, icon: 'gear' })],
    [{ command: 'a', key: 'ctrl+k ctrl+s' }],
  );
  expect(commands.all().map(({ id }) => id)).toEqual(['a', 'b']);
  expect(commands.get('a')).toEqual({
    id: 'a',
    category: 'View (de)',
    title: 'a (de)',
    label: 'View (de): a (de)',
    alias: 'View: a',
    icon: 'gear',
    key: '⌘K ⌘S',
    enabled: false,
    disabledReason: 'Hier nicht verfügbar',
    palette: false,
  });
});

test('a condition that cannot be read stops the start', () => {
  expect(() => setUp([command('a', { when: 'a &&' })])).toThrow('when clause');
  expect(() => setUp([command('a')], [{ command: 'a', key: 'ctrl+banana' }])).toThrow('banana');
});

test('listeners hear of changed facts and changed keys', () => {
  const { commands, context, keybindings } = setUp([command('a')]);
  let heard = 0;
  const stop = commands.onDidChange(() => {
    heard += 1;
  });
  context.set('x', 1);
  keybindings.add('a', 'alt+a');
  expect([heard, commands.keyFor('a')]).toEqual([2, '⌥A']);
  stop();
  context.set('x', 2);
  expect(heard).toBe(2);
});
