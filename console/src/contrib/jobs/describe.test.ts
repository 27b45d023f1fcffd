import { expect, test } from 'vitest';
import type { Job } from '../../api/schemas.ts';
import { createFormat } from '../../i18n/format.ts';
import { translator } from '../../i18n/translate.ts';
import { jobProgress, jobState, jobTitle, runningWords } from './describe.ts';

const text = translator('en');
const format = createFormat({ locale: 'en' });
const plain = (words: string | undefined) => words?.replace(/[\u2066-\u2069]/g, '');
const job = (differs: Partial<Job> = {}): Job => ({
  id: 'j1',
  kind: 'verify-folder',
  state: 'running',
  subject: { kind: 'folder', id: 'f1', name: 'Team' },
  startedBy: 'admin',
  startedAtMs: 0,
  endedAtMs: null,
  progress: { done: 30, total: 120 },
  cancellable: true,
  result: null,
  error: null,
  ...differs,
});
const verified = (ok: boolean) => ({
  folder: 'Team',
  ok,
  entries: 120,
  manifests: 1,
  snapshots: 1,
  headSeq: 120,
  firstBad: ok ? null : { seq: 7, what: 'the link differs', code: 'chain.link_mismatch' },
});

test('a job is named by what it does to what', () => {
  expect(plain(jobTitle(job(), text))).toBe('Verify Team');
});

test('a verification that found something is an error although it is done', () => {
  const state = jobState(job({ state: 'done', result: verified(false) }), text);
  expect(state.tone).toBe('error');
  expect(plain(state.detail)).toBe('not right at entry 7: the link differs (chain.link_mismatch)');
  expect(jobState(job({ state: 'done', result: verified(true) }), text).tone).toBe('ok');
});

test('a failed job says why', () => {
  const state = jobState(job({ state: 'failed', error: { code: 'origin.unreachable', message: 'no answer' } }), text);
  expect(plain(state.detail)).toBe('no answer (origin.unreachable)');
});

test('progress without a known whole is unknown, not zero', () => {
  expect(jobProgress(job({ progress: { done: 5, total: null } }), text)).toEqual({ share: null, words: '5 entries' });
  expect(jobProgress(job(), text)).toEqual({ share: 0.25, words: '30 of 120 entries' });
  expect(jobProgress(job({ progress: { done: 0, total: 0 } }), text).share).toBe(1);
});

test('the status bar names one job and counts several', () => {
  expect(plain(runningWords([job()], text, format)?.short)).toBe('Verify Team · 25%');
  expect(plain(runningWords([job(), job({ id: 'j2' })], text, format)?.short)).toBe('2 jobs');
  expect(plain(runningWords([job({ progress: { done: 1, total: null } })], text, format)?.short)).toBe('Verify Team');
  expect(runningWords([job({ state: 'done' })], text, format)).toBeUndefined();
});
