import { QueryClient } from '@tanstack/react-query';
import { beforeEach, expect, test, vi } from 'vitest';
import { agentsQuery, officesQuery } from '../../api/queries.ts';
import type { EditorInput, WorkbenchServices } from '../../workbench/model.ts';
import { createFleetAccess } from './fleet-access.ts';
import { fleetQuickAccess } from './quick-access.ts';
import { agentOf, officeOf } from './testing/small-fleet.ts';

const opened: EditorInput[] = [];
const services = {
  text: ({ en }: { en: string }) => en,
  editors: { open: (input: EditorInput) => void opened.push(input) },
} as unknown as WorkbenchServices;
const signal = new AbortController().signal;

function fleet() {
  const client = new QueryClient();
  const access = createFleetAccess();
  access.connect(client);
  client.setQueryData(officesQuery.queryKey, { offices: [officeOf({ id: 'ofc-1', name: 'north', region: 'Europe' })] });
  client.setQueryData(agentsQuery.queryKey, [
    agentOf({ id: 'agent-1', officeId: 'ofc-1', hostname: 'pc-1', addresses: ['10.4.0.7:47820'] }),
    agentOf({ id: 'agent-2', officeId: 'ofc-9', hostname: '10.4.0.7-spare', addresses: ['[fd00::7]:47820'] }),
  ]);
  const [loaded, server] = fleetQuickAccess(access);
  return { client, loaded: loaded!, server: server! };
}

beforeEach(() => {
  opened.length = 0;
  vi.unstubAllGlobals();
});

test('offers every office and PC, and opens what was chosen', async () => {
  const items = await fleet().loaded.provide('nor', services, signal);
  expect(items.map(({ label, description }) => [label, description])).toEqual([
    ['north', 'Europe'],
    ['pc-1', 'north'],
    ['10.4.0.7-spare', '—'],
  ]);
  items[0]!.accept(services);
  expect(opened[0]).toMatchObject({ editor: 'harp.editor.office', subject: 'north' });
});

test('the list is the same object until the fleet changes: the widget remembers it by that', async () => {
  const { client, loaded } = fleet();
  const before = await loaded.provide('a', services, signal);
  expect(await loaded.provide('ab', services, signal)).toBe(before);
  client.setQueryData(agentsQuery.queryKey, []);
  expect(await loaded.provide('ab', services, signal)).not.toBe(before);
});

test.each([
  ['10.4.0', ['pc-1', '10.4.0.7-spare']],
  ['fd00::7', ['10.4.0.7-spare']],
  ['10.9.', []],
])('%s is an address: who has it, by address or by name', async (query, labels) => {
  const items = await fleet().loaded.provide(query, services, signal);
  expect(items.map(({ label }) => label)).toEqual(labels);
  expect(items.every(({ matches }) => matches !== undefined)).toBe(true);
});

test('of what the server finds, what the page knows already is left out, and a person is shown without a way', async () => {
  const found = [
    { kind: 'agent', id: 'agent-1', label: 'pc-1', description: 'north' },
    { kind: 'agent', id: 'agent-77', label: 'pc-77', description: 'north' },
    { kind: 'folder', id: 'fld-1', label: 'plans', description: '' },
    { kind: 'user', id: 'usr-1', label: 'Marie', description: 'admin' },
  ];
  vi.stubGlobal('fetch', async () => Response.json({ items: found, complete: true }));
  const items = await fleet().server.provide('pc', services, signal);
  expect(items.map(({ id, disabledReason }) => [id, disabledReason !== undefined])).toEqual([
    ['agent/agent-77', false],
    ['user/usr-1', true],
  ]);
});

test('a query of one letter asks nobody', async () => {
  vi.stubGlobal('fetch', () => Promise.reject(new Error('asked')));
  expect(await fleet().server.provide('p', services, signal)).toEqual([]);
});
