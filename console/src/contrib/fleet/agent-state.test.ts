import { expect, test } from 'vitest';
import type { AgentSummary } from '../../api/schemas.ts';
import { createFormat } from '../../i18n/format.ts';
import { translator } from '../../i18n/translate.ts';
import { conditionOf, conditions } from './agent-state.ts';
import { stateWords } from './agent-words.ts';

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
    words: 'syncing 50%',
    tone: 'info',
  },
  {
    name: 'almost there, which is not there',
    input: agent({ folders: [folder({ state: 'syncing', bytesTotal: 1000, bytesDone: 999 })] }),
    words: 'syncing 99%',
    tone: 'info',
  },
  {
    name: 'blocked for a reason this page knows',
    input: agent({ folders: [folder({ state: 'blocked', reason: 'disk.full' })] }),
    words: 'blocked: the disk is full',
    tone: 'error',
  },
  {
    name: 'blocked for a reason from the future',
    input: agent({ folders: [folder({ state: 'blocked', reason: 'moon.full' })] }),
    words: 'blocked: moon.full',
    tone: 'error',
  },
  {
    name: 'blocked without a reason',
    input: agent({ folders: [folder({ state: 'blocked' })] }),
    words: 'blocked: no reason reported',
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
  expect(stateWords(input, translator('en'), createFormat({ locale: 'en' }))).toBe(words);
  expect(conditions[conditionOf(input)].tone).toBe(tone);
});
