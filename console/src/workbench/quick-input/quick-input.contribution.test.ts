import { expect, test } from 'vitest';
import type { ShownCommand, WorkbenchServices } from '../model.ts';
import { commandItems } from './quick-input.contribution.ts';

const command = (id: string, more: Partial<ShownCommand> = {}): ShownCommand => ({
  id,
  category: 'c',
  title: id,
  label: `c: ${id}`,
  alias: undefined,
  icon: undefined,
  key: undefined,
  enabled: true,
  disabledReason: undefined,
  palette: true,
  ...more,
});

test('the palette lists commands with key and reason, leaves out those that need an argument, and runs the chosen one', () => {
  const ran: string[] = [];
  const services = {
    commands: {
      all: () => [
        command('plain', { alias: 'English: plain' }),
        command('off', { enabled: false, disabledReason: 'Save first' }),
        command('menu-only', { palette: false }),
      ],
      run: async (id: string) => void ran.push(id),
    },
    keybindings: { keyOf: (id: string) => (id === 'plain' ? 'ctrl+k ctrl+s' : undefined) },
  } as unknown as WorkbenchServices;
  const items = commandItems(services);
  expect(items).toMatchObject([
    { id: 'plain', label: 'c: plain', alias: 'English: plain', keybinding: 'ctrl+k ctrl+s' },
    { id: 'off', label: 'c: off', disabledReason: 'Save first' },
  ]);
  items[0]!.accept(services);
  expect(ran).toEqual(['plain']);
});
