import { QueryClient } from '@tanstack/react-query';
import { expect, test, vi } from 'vitest';
import { agentsQuery, officesQuery } from '../../api/queries.ts';
import { createContextKeys } from '../../workbench/commands/context-keys.ts';
import type { EditorInput, QuickItem, WorkbenchServices } from '../../workbench/model.ts';
import { fleetCommands, fleetKeybindings, fleetMenus } from './commands.ts';
import { createFleetAccess } from './fleet-access.ts';
import { agentTarget, officeTarget } from './targets.ts';
import { agentOf, officeOf } from './testing/small-fleet.ts';
import { FILTER_KEY, setSelection } from './view-state.ts';

const a = agentOf({ id: 'a', hostname: 'pc-a' });
const b = agentOf({ id: 'b', hostname: 'pc-b' });
const north = officeOf({ id: 'ofc-1', name: 'north' });

/** A workbench of which the commands see as much as they need; `picks` are the ids a person would choose. */
function workbench(picks: string[] = []) {
  const client = new QueryClient();
  const access = createFleetAccess();
  access.connect(client);
  client.setQueryData(officesQuery.queryKey, { offices: [north] });
  client.setQueryData(agentsQuery.queryKey, [a, b]);
  const opened: EditorInput[] = [];
  const settings = new Map<string, unknown>();
  const services = {
    context: createContextKeys(),
    editors: { open: (input: EditorInput) => void opened.push(input) },
    layout: { showView: vi.fn() },
    notifications: { show: vi.fn() },
    quickInput: {
      pick: async ({ items }: { items: QuickItem[] }) => {
        const wanted = picks.shift();
        return items.find(({ id }) => id === wanted);
      },
    },
    settings: { set: (key: string, value: unknown) => void settings.set(key, value) },
    text: ({ en }: { en: string }) => en,
  } as unknown as WorkbenchServices;
  const commands = new Map(fleetCommands(access).map((command) => [command.id, command]));
  const run = (id: string, argument?: unknown) => commands.get(`harp.fleet.${id}`)!.run(services, argument);
  return { services, run, opened, settings, commands };
}

test('every key and menu entry names a command of the fleet', () => {
  const { commands } = workbench();
  for (const { command } of [...fleetKeybindings, ...fleetMenus]) expect(commands.has(command), command).toBe(true);
});

test('an argument is opened; without one the person is asked', async () => {
  const { run, opened } = workbench(['b']);
  await run('openAgent', { data: agentTarget(a) });
  await run('openAgent');
  expect(opened.map(({ subject }) => subject)).toEqual(['a', 'b']);
});

test('two selected PCs are compared; otherwise the person names them, and never the same one twice', async () => {
  const first = workbench();
  setSelection(first.services, [agentTarget(b), officeTarget(north), agentTarget(a)]);
  await first.run('compareSelected');
  expect(first.opened[0]?.subject).toBe('b/a');
  const second = workbench(['a', 'a']);
  await second.run('compare');
  expect(second.opened).toEqual([]);
  const third = workbench(['a', 'b']);
  await third.run('compare');
  expect(third.opened[0]?.subject).toBe('a/b');
});

test('what filters shows the view with the query', async () => {
  const { run, services } = workbench();
  await run('showOffline');
  expect(services.context.get(FILTER_KEY)).toBe('state:offline');
  expect(services.layout.showView).toHaveBeenCalledWith('harp.view.fleet');
  await run('clearFilter');
  expect(services.context.get(FILTER_KEY)).toBeUndefined();
});

test('grouping is a setting', async () => {
  const { run, settings } = workbench(['state']);
  await run('groupBy.version');
  expect(settings.get('fleet.grouping')).toBe('version');
  await run('groupBy');
  expect(settings.get('fleet.grouping')).toBe('state');
});

test('the PCs of an office are a query of the table', async () => {
  const { run, opened } = workbench();
  await run('showOfficeTable', [officeTarget(officeOf({ name: 'Zürich Süd' }))]);
  expect(opened[0]?.params).toEqual({ query: 'office:"Zürich Süd"' });
});

test('copying with nothing selected says what to do first', async () => {
  const { run, services } = workbench();
  await run('copyId');
  expect(services.notifications.show).toHaveBeenCalledOnce();
});
