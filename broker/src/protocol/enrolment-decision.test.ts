import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addressBytes, isInNetwork, prefixLength, siteOf } from './cidr.ts';
import { enrolmentCode, readCode, shownCode } from './enrolment-code.ts';
import {
  type DecisionFacts,
  decideEnrolment,
  type EnrolmentFacts,
  type EnrolmentRuleState,
  type EnrolmentTokenFacts,
  guessOffice,
  matchesPattern,
  matchRule,
} from './enrolment-decision.ts';
import { type OfficeId, UNASSIGNED_OFFICE } from './ids.ts';

const NOW = 1_000_000;
const request: EnrolmentFacts = {
  via: 'token',
  tokenId: 'tok-1',
  hostname: 'LYON-PC-7',
  domain: 'corp.example',
  seenAddress: '10.4.1.7',
  addresses: ['192.168.0.7'],
};
const token: EnrolmentTokenFacts = {
  approval: 'manual',
  cidrs: [],
  usesLeft: 1,
  expiresAtMs: NOW + 1,
  isRevoked: false,
};
const rule: EnrolmentRuleState = {
  id: 'rule-1',
  enabled: true,
  tokenId: null,
  cidrs: [],
  hostname: null,
  domain: null,
  cap: null,
  used: 0,
  validFromMs: null,
  validUntilMs: null,
  pausedAtMs: null,
  perMinute: 20,
  usedInLastMinute: 0,
};
const facts: DecisionFacts = { request, isBlocked: false, token, hasTwin: false, rules: [] };
const decide = (change: Partial<DecisionFacts>) => decideEnrolment({ ...facts, ...change }, NOW);
const automatic: EnrolmentTokenFacts = { ...token, approval: 'automatic' };

describe('decideEnrolment', () => {
  const waits = (cause: string) => ({ state: 'waiting', cause });
  test.each<[string, Partial<DecisionFacts>, object]>([
    ['an automatic token lets in', { token: automatic }, { state: 'approved', by: 'token' }],
    ['a manual one asks a person', {}, waits('enrolment.approval_needed')],
    ['no token asks a person', { token: null }, waits('enrolment.approval_needed')],
    ['a block comes before everything', { isBlocked: true, token: automatic }, { state: 'blocked' }],
    ['a revoked token', { token: { ...automatic, isRevoked: true } }, { cause: 'enrolment.token_revoked' }],
    ['an expired token', { token: { ...automatic, expiresAtMs: NOW } }, { cause: 'enrolment.token_expired' }],
    ['a used-up token', { token: { ...automatic, usesLeft: 0 } }, { cause: 'enrolment.token_used_up' }],
    [
      'a token used elsewhere',
      { token: { ...automatic, cidrs: ['10.5.0.0/16'] } },
      { state: 'refused', cause: 'enrolment.token_network' },
    ],
    [
      'a token is not used where the PC says it is',
      { token: { ...automatic, cidrs: ['192.168.0.0/24'] } },
      { cause: 'enrolment.token_network' },
    ],
    ['a token used where it may be', { token: { ...automatic, cidrs: ['10.4.0.0/16'] } }, { state: 'approved' }],
    [
      'a twin asks a person, whatever the token says',
      { token: automatic, hasTwin: true },
      waits('enrolment.duplicate'),
    ],
    ['and whatever rules say', { rules: [rule], hasTwin: true }, waits('enrolment.duplicate')],
    [
      'a token that is none of use is refused before',
      { token: { ...automatic, isRevoked: true }, hasTwin: true },
      { state: 'refused', cause: 'enrolment.token_revoked' },
    ],
    ['a rule that matches', { rules: [rule] }, { state: 'approved', by: 'rule', ruleId: 'rule-1' }],
    ['the first of two', { rules: [rule, { ...rule, id: 'rule-2' }] }, { ruleId: 'rule-1' }],
    [
      'the first that matches',
      {
        rules: [
          { ...rule, hostname: 'nice-*' },
          { ...rule, id: 'rule-2' },
        ],
      },
      { ruleId: 'rule-2' },
    ],
    [
      'a rule at its cap takes its brake',
      {
        rules: [
          { ...rule, cap: 5, used: 5 },
          { ...rule, id: 'rule-2' },
        ],
      },
      { ...waits('enrolment.rule_paused'), pause: { ruleId: 'rule-1', cause: 'cap' } },
    ],
    [
      'a rule that lets in too many at once takes its brake',
      { rules: [{ ...rule, usedInLastMinute: 20 }] },
      { ...waits('enrolment.rule_paused'), pause: { ruleId: 'rule-1', cause: 'rate' } },
    ],
    ['a paused rule', { rules: [{ ...rule, pausedAtMs: 1 }] }, waits('enrolment.rule_paused')],
    [
      'a rule after a paused one',
      {
        rules: [
          { ...rule, pausedAtMs: 1 },
          { ...rule, id: 'rule-2' },
        ],
      },
      { ruleId: 'rule-2' },
    ],
    [
      'a paused rule for others',
      { rules: [{ ...rule, pausedAtMs: 1, domain: 'x' }] },
      waits('enrolment.approval_needed'),
    ],
  ])('%s', (_name, change, expected) => expect(decide(change)).toMatchObject(expected));

  test('who was pointed here by a neighbour or DNS is let in by a person only, whatever comes along', () => {
    const anyRule = fc.record({ ...constants(rule), perMinute: fc.nat(), usedInLastMinute: fc.nat() });
    fc.assert(
      fc.property(
        fc.constantFrom('neighbour' as const, 'dns' as const),
        fc.option(fc.constant(automatic)),
        fc.boolean(),
        fc.array(anyRule),
        (via, withToken, hasTwin, rules) => {
          const decision = decide({ request: { ...request, via }, token: withToken, hasTwin, rules });
          expect(decision).toEqual({ state: 'waiting', cause: 'enrolment.code_needed' });
        },
      ),
    );
  });

  test('nothing but a person lets in who claims the hardware of a PC that is enrolled', () => {
    const anyRule = fc.record({ ...constants(rule), perMinute: fc.nat(), usedInLastMinute: fc.nat() });
    const anyToken = fc.option(fc.record({ ...constants(automatic), usesLeft: fc.nat(2), isRevoked: fc.boolean() }));
    fc.assert(
      fc.property(
        fc.constantFrom('token' as const, 'file' as const),
        anyToken,
        fc.array(anyRule),
        (via, anyOf, rules) => {
          const decision = decide({ request: { ...request, via }, token: anyOf, hasTwin: true, rules });
          expect(['waiting', 'refused']).toContain(decision.state);
        },
      ),
    );
  });

  test('nothing lets a blocked PC in', () => {
    fc.assert(
      fc.property(fc.constantFrom('token', 'file', 'neighbour', 'dns' as const), fc.boolean(), (via, withRule) => {
        const blocked = decide({
          request: { ...request, via: via as EnrolmentFacts['via'] },
          isBlocked: true,
          token: automatic,
          rules: withRule ? [rule] : [],
        });
        expect(blocked.state).toBe('blocked');
      }),
    );
  });
});

describe('matchRule', () => {
  test.each<[string, Partial<EnrolmentRuleState>, string | undefined]>([
    ['no condition', {}, undefined],
    ['its token', { tokenId: 'tok-1' }, undefined],
    ['another token', { tokenId: 'tok-2' }, 'token'],
    ['its network', { cidrs: ['10.9.0.0/16', '10.4.0.0/16'] }, undefined],
    ['another network', { cidrs: ['10.9.0.0/16'] }, 'network'],
    ['the network that the PC says it is in', { cidrs: ['192.168.0.0/24'] }, 'network'],
    ['a pattern', { hostname: 'lyon-pc-?' }, undefined],
    ['another pattern', { hostname: 'lyon-pc' }, 'hostname'],
    ['its domain', { domain: 'CORP.example' }, undefined],
    ['another domain', { domain: 'example' }, 'domain'],
    ['from later on', { validFromMs: NOW + 1 }, 'validity'],
    ['from now on', { validFromMs: NOW }, undefined],
    ['until now', { validUntilMs: NOW }, 'validity'],
    ['room left', { cap: 2, used: 1 }, undefined],
    ['no room left', { cap: 2, used: 2 }, 'cap'],
    ['its brake taken', { pausedAtMs: 5 }, 'paused'],
    ['switched off', { enabled: false, pausedAtMs: 5 }, 'disabled'],
    ['an empty hostname pattern is a pattern', { hostname: '' }, 'hostname'],
  ])('%s', (_name, change, why) =>
    expect(matchRule({ ...rule, ...change }, request, NOW)).toEqual(
      why === undefined ? { matches: true } : { matches: false, why },
    ),
  );

  test('a PC without a domain is in no domain', () =>
    expect(matchRule({ ...rule, domain: 'x' }, { ...request, domain: null }, NOW)).toMatchObject({ why: 'domain' }));
});

describe('matchesPattern', () => {
  const asRegExp = (pattern: string) =>
    new RegExp(
      `^${pattern
        .replace(/[.+^${}()|[\]\\]/g, '\\$&')
        .replaceAll('*', '[^]*')
        .replaceAll('?', '[^]')}$`,
      'i',
    );

  test('agrees with the regular expression it stands for', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'B', '.', '-'), maxLength: 12 });
    const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?', '.'), maxLength: 8 });
    fc.assert(fc.property(text, pattern, (a, b) => void expect(matchesPattern(a, b)).toBe(asRegExp(b).test(a))));
  });

  test('a hostile pattern costs no more than its length', () => {
    const startedAtMs = performance.now();
    expect(matchesPattern('a'.repeat(255), `${'*a'.repeat(120)}b`)).toBe(false);
    expect(performance.now() - startedAtMs).toBeLessThan(200);
  });
});

describe('networks', () => {
  test.each([
    ['10.4.1.7', '10.4.0.0/16', 16],
    ['10.4.1.7', '10.4.1.7/32', 32],
    ['10.4.1.7', '0.0.0.0/0', 0],
    ['10.5.1.7', '10.4.0.0/16', undefined],
    ['10.4.128.1', '10.4.128.0/17', 17],
    ['10.4.127.1', '10.4.128.0/17', undefined],
    ['::ffff:10.4.1.7', '10.4.0.0/16', 16],
    ['fd00:1::7', 'fd00:1::/64', 64],
    ['fd00:2::7', 'fd00:1::/64', undefined],
    ['fe80::1%eth0', 'fe80::/10', 10],
    ['10.4.1.7', 'fd00::/8', undefined],
    ['10.4.1.7', '10.4.0.0/33', undefined],
    ['10.4.1.7', '10.4.0.0', undefined],
    ['10.4.1.07', '10.4.0.0/16', undefined],
    ['1::2::3', '::/0', undefined],
    ['', '0.0.0.0/0', undefined],
  ])('%s in %s: %s', (address, cidr, bits) => {
    expect(prefixLength(address, cidr)).toBe(bits);
    expect(isInNetwork(address, cidr)).toBe(bits !== undefined);
  });

  test('read what they are written as, short or long', () => {
    fc.assert(
      fc.property(fc.ipV6(), (text) => {
        const bytes = addressBytes(text);
        expect([4, 16]).toContain(bytes?.length);
      }),
    );
    fc.assert(fc.property(fc.ipV4(), (text) => void expect([...addressBytes(text)!].join('.')).toBe(text)));
  });

  test.each([
    ['10.4.1.7', '10.4.1.7'],
    ['::ffff:10.4.1.7', '10.4.1.7'],
    ['2001:db8::1', '2001:db8:0:0'],
    ['2001:DB8:0:0:ffff::', '2001:db8:0:0'],
    ['2001:db8:0:1::1', '2001:db8:0:1'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
    ['unknown', 'unknown'],
  ])('%s counts as %s', (address, site) => expect(siteOf(address)).toBe(site));

  test('any text is read without a complaint', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => void prefixLength(a, b)),
      { numRuns: 1000 },
    );
  });
});

describe('guessOffice', () => {
  const office = (letter: string, ...subnets: string[]) => ({ id: `off-${letter.repeat(16)}` as OfficeId, subnets });
  const [a, b] = [office('a', '10.0.0.0/8', '192.168.0.0/16'), office('b', '10.4.0.0/16')];
  const [ruleOffice, tokenOffice] = [office('r').id, office('t').id];
  const guess = (seenAddress: string, addresses: string[] = [], ruleOfficeId: OfficeId | null = ruleOffice) =>
    guessOffice({ seenAddress, addresses, offices: [a, b], ruleOfficeId, tokenOfficeId: tokenOffice });

  test('takes the nearest network, then the rule’s, then the token’s, then none', () => {
    expect(guess('10.4.1.7')).toEqual({ officeId: b.id, officeBy: 'subnet', officeWhy: '10.4.0.0/16' });
    expect(guess('10.5.1.7')).toMatchObject({ officeId: a.id, officeWhy: '10.0.0.0/8' });
    expect(guess('10.5.1.7', ['10.4.1.1'])).toMatchObject({ officeId: a.id });
    expect(guess('203.0.113.1', ['10.4.1.1'])).toMatchObject({ officeId: b.id, officeBy: 'subnet' });
    expect(guess('203.0.113.1')).toEqual({ officeId: ruleOffice, officeBy: 'rule', officeWhy: null });
    expect(guess('203.0.113.1', [], null)).toEqual({ officeId: tokenOffice, officeBy: 'token', officeWhy: null });
    expect(
      guessOffice({ seenAddress: '::1', addresses: [], offices: [], ruleOfficeId: null, tokenOfficeId: null }),
    ).toEqual({ officeId: UNASSIGNED_OFFICE, officeBy: 'none', officeWhy: null });
  });
});

describe('a code', () => {
  test('is read as it is shown, and as people type it', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 6, maxLength: 6 }), (random) => {
        const code = enrolmentCode(random);
        expect(code).toMatch(/^[A-HJ-NP-Z2-9]{6}$/);
        expect(readCode(shownCode(code).toLowerCase())).toBe(code);
        expect(readCode(` ${code.slice(0, 2)}-${code.slice(2)} `)).toBe(code);
      }),
    );
  });

  test.each(['', 'K7M2Q', 'K7M2QXX', 'K7M2Q0', 'K7M2QI'])('%s is none', (typed) =>
    expect(readCode(typed)).toBeUndefined(),
  );
});

/** A model in which every member is what it is. */
function constants<T extends object>(value: T): { [Key in keyof T]: fc.Arbitrary<T[Key]> } {
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, fc.constant(member)])) as {
    [Key in keyof T]: fc.Arbitrary<T[Key]>;
  };
}
