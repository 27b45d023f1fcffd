import { expect, test } from 'vitest';
import { createFormat } from '../../i18n/format.ts';
import { translator } from '../../i18n/translate.ts';
import { addressOf, describeProblem } from './describe.ts';
import { problem } from './problem-fixture.ts';

const format = createFormat({ locale: 'en', now: () => 0 });
const plain = (text: string) => text.replace(/[\u2066-\u2069]/g, '');
const said = (differs: Parameters<typeof problem>[0], locale: 'en' | 'de' = 'en') => {
  const { what, why } = describeProblem(problem(differs), translator(locale), format);
  return { what: plain(what), why: plain(why) };
};

test('a problem says what is wrong and what helps', () => {
  expect(said({ params: { detail: '3 GB needed' } })).toEqual({
    what: 'The disk of PC-1 is full.',
    why: 'Team goes on by itself when there is space. 3 GB needed',
  });
});

test('a missing parameter leaves a dash or nothing, never a brace', () => {
  for (const code of [
    'agent.certificate_ending',
    'folder.files_skipped',
    'chain.fork',
    'origin.short_body',
    'x.y',
    '',
  ]) {
    const { what, why } = said({ code, related: null });
    expect(`${what}${why}`).not.toMatch(/[{}]/);
  }
});

test.each([
  { failure: 'unreachable', says: /Nothing answers there/ },
  { failure: 'other_name', says: /another name: make one with harp ca issue-broker --name HOST/ },
  { failure: 'from the future', says: /log of the server/ },
])('a broker that is away says why, and what to do: $failure', ({ failure, says }) => {
  const params = { url: 'mqtts://mqtt.example:8883', failure };
  const subject = { kind: 'server', id: 'broker', name: 'broker' } as const;
  const { what, why } = said({ code: 'broker.external_unreachable', subject, params });
  expect(what).toBe('The MQTT broker mqtts://mqtt.example:8883 cannot be reached.');
  expect(why).toMatch(says);
});

test.each([
  { why: 'cap', says: /^It has let in as many PCs as it may \(40\)/ },
  { why: 'rate', says: /^More than 40 PCs came in a minute/ },
])('a rule that is paused says by what: $why', ({ why, says }) => {
  const subject = { kind: 'rule', id: 'rul-a', name: 'Lab' } as const;
  expect(said({ code: 'enrolment.rule_paused', subject, params: { why, limit: 40 } }).why).toMatch(says);
});

test('a code nobody has heard of is shown as it is', () => {
  expect(said({ code: 'future.thing' }).what).toBe('PC-1: future.thing');
  expect(said({ code: 'constructor' }).what).toBe('PC-1: constructor');
});

test('counts agree with their nouns in both languages', () => {
  const skipped = { code: 'folder.files_skipped', subject: { kind: 'folder', id: 'f', name: 'Team' } } as const;
  expect(said({ ...skipped, params: { count: 1 } }).what).toBe('1 file of Team cannot be distributed.');
  expect(said({ ...skipped, params: { count: 2 } }, 'de').what).toBe(
    '2 Dateien von Team können nicht verteilt werden.',
  );
});

test('every object has an address but the server', () => {
  expect(addressOf({ kind: 'office', id: 'o1', name: 'Lyon Süd' })).toBe('/o/Lyon%20S%C3%BCd');
  expect(addressOf({ kind: 'agent', id: 'a1', name: 'x' })).toBe('/a/a1');
  expect(addressOf({ kind: 'server', id: 's', name: 's' })).toBeUndefined();
});
