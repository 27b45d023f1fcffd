import { describe, expect, test } from 'vitest';
import type { EditorInput } from '../../workbench/model.ts';
import {
  agentInput,
  agentPath,
  compareInput,
  comparePath,
  officeInput,
  officePath,
  overviewInput,
  overviewPath,
  tableInput,
  tablePath,
} from './inputs.ts';

const known: Record<string, string> = { 'ofc-1': 'north', 'agent-1': 'pc-1', 'agent-2': 'pc-2' };
const nameOf = (id: string) => known[id];
const office = officePath(nameOf);
const agent = agentPath(nameOf);
const compare = comparePath(nameOf);

function read(codec: typeof office, address: string): EditorInput | undefined {
  const [path = '', query = ''] = address.split('?');
  return codec.parse(path, new URLSearchParams(query));
}

describe('every address shows what it was made of', () => {
  const a = { kind: 'agent' as const, id: 'agent-1', name: 'pc-1' };
  const b = { kind: 'agent' as const, id: 'agent-2', name: 'pc-2' };
  test.each([
    [office, officeInput({ id: 'ofc-1', name: 'north' }, {}), '/o/north'],
    [
      office,
      officeInput({ id: 'ofc-1', name: 'north' }, { tab: 'agents', query: 'state:offline' }),
      '/o/north/agents?query=state%3Aoffline',
    ],
    [
      office,
      officeInput({ id: 'x', name: 'Zürich / Süd?' }, { tab: 'throughput', from: '1', to: '2' }),
      '/o/Z%C3%BCrich%20%2F%20S%C3%BCd%3F/throughput?from=1&to=2',
    ],
    [agent, agentInput(a, { tab: 'events' }), '/a/agent-1/events'],
    [compare, compareInput(a, b), '/compare/agent-1/agent-2'],
    [tablePath, tableInput('Fleet', 'office:north'), '/fleet?query=office%3Anorth'],
    [overviewPath, overviewInput('Fleet overview'), '/fleet/overview'],
  ])('%#', (codec, input, address) => {
    expect(codec.build(input)).toBe(address);
    expect(read(codec, address)).toEqual(input);
  });
});

test('the address with an office’s id is the same editor as the one with its name', () => {
  expect(read(office, '/o/ofc-1/agents')).toEqual(read(office, '/o/north/agents'));
});

test.each(['/o', '/o/north/nothing', '/o/north/agents/more', '/x/north', '/o/%E0%A4%A'])(
  '%s is no office',
  (address) => {
    expect(read(office, address)).toBeUndefined();
  },
);

test('an office called .. keeps an address that browsers do not fold', () => {
  expect(office.build(officeInput({ id: 'ofc-9', name: '..' }))).toBe('/o/ofc-9');
});
