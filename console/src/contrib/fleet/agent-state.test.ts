import { expect, test } from 'vitest';
import type { AgentSummary } from '../../api/schemas.ts';
import { shownState, worstTone } from './agent-state.ts';

const folder = (fields: Partial<AgentSummary['folders'][number]> = {}) => ({
  id: 'f',
  state: 'complete' as const,
  reason: null,
  seq: 1,
  filesTotal: 2,
  filesDone: 2,
  bytesTotal: 100,
  bytesDone: 100,
  ...fields,
});
const agent = (fields: Partial<AgentSummary>) => ({
  state: 'online' as const,
  lastSeenAtMs: 1,
  folders: [folder()],
  ...fields,
});

test.each([
  { name: 'online and complete', input: agent({}), words: 'complete', tone: 'ok' },
  { name: 'without folders', input: agent({ folders: [] }), words: 'online', tone: 'ok' },
  {
    name: 'half way',
    input: agent({ folders: [folder({ state: 'syncing', bytesDone: 50 })] }),
    words: 'syncing 50 %',
    tone: 'ok',
  },
  {
    name: 'almost there, which is not there',
    input: agent({ folders: [folder({ state: 'syncing', bytesTotal: 1000, bytesDone: 999 })] }),
    words: 'syncing 99 %',
    tone: 'ok',
  },
  {
    name: 'blocked',
    input: agent({ folders: [folder({ state: 'blocked', reason: 'disk.full' })] }),
    words: 'blocked: disk.full',
    tone: 'error',
  },
  { name: 'offline', input: agent({ state: 'offline' }), words: 'offline', tone: 'warning' },
  { name: 'never seen', input: agent({ state: 'offline', lastSeenAtMs: null }), words: 'never seen', tone: 'unknown' },
  {
    name: 'revoked although blocked',
    input: agent({ state: 'revoked', folders: [folder({ state: 'blocked' })] }),
    words: 'revoked',
    tone: 'unknown',
  },
])('an agent that is $name shows "$words"', ({ input, words, tone }) => {
  expect(shownState(input)).toMatchObject({ words, tone });
});

test('a group shows its worst member', () => {
  expect(worstTone(['ok', 'warning', 'unknown'])).toBe('warning');
  expect(worstTone(['ok', 'error', 'warning'])).toBe('error');
  expect(worstTone([])).toBe('ok');
});
