/**
 * Who is let in, and where to. Pure, so that the broker that decides and the console that shows what a rule would match run the same lines. Letting in
 * rests on what the gateway saw, on secrets and on what people decided; what a PC says of itself narrows rules down and guesses offices, no more.
 */
import { isInNetwork, prefixLength } from './cidr.ts';
import type { ErrorCode } from './errors.ts';
import { type OfficeId, UNASSIGNED_OFFICE } from './ids.ts';

/** How a PC found the server. The first two know the server's root before they call. */
export type EnrolmentVia = 'token' | 'file' | 'neighbour' | 'dns';

/** What a rule looks at of a request. */
export interface EnrolmentFacts {
  via: EnrolmentVia;
  tokenId: string | null;
  hostname: string;
  domain: string | null;
  /** Where the request came from, as the gateway saw it. */
  seenAddress: string;
  /** The PC's own, as it says. */
  addresses: readonly string[];
}

/** What a rule asks for. A condition that is empty or null is none. */
export interface EnrolmentRuleFacts {
  id: string;
  enabled: boolean;
  tokenId: string | null;
  cidrs: readonly string[];
  hostname: string | null;
  domain: string | null;
  cap: number | null;
  used: number;
  validFromMs: number | null;
  validUntilMs: number | null;
  pausedAtMs: number | null;
}

export type RuleMatch =
  | { matches: true }
  | {
      matches: false;
      why: 'token' | 'network' | 'hostname' | 'domain' | 'cap' | 'validity' | 'paused' | 'disabled';
    };

/** Whether a rule lets a request in at `nowMs`; `why` names the first thing that is not so. `cap` and `paused` come last: all else fits. */
export function matchRule(rule: EnrolmentRuleFacts, request: EnrolmentFacts, nowMs: number): RuleMatch {
  const no = (why: Exclude<RuleMatch, { matches: true }>['why']): RuleMatch => ({ matches: false, why });
  if (!rule.enabled) return no('disabled');
  if ((rule.validFromMs ?? nowMs) > nowMs || (rule.validUntilMs ?? nowMs + 1) <= nowMs) return no('validity');
  if (rule.tokenId !== null && rule.tokenId !== request.tokenId) return no('token');
  if (rule.cidrs.length > 0 && !rule.cidrs.some((cidr) => isInNetwork(request.seenAddress, cidr))) return no('network');
  if (rule.hostname !== null && !matchesPattern(request.hostname, rule.hostname)) return no('hostname');
  if (rule.domain !== null && rule.domain.toLowerCase() !== request.domain?.toLowerCase()) return no('domain');
  if (rule.pausedAtMs !== null) return no('paused');
  if (rule.cap !== null && rule.used >= rule.cap) return no('cap');
  return { matches: true };
}

/** Whether `text` fits a pattern with `*` (any characters) and `?` (one), without regard to case. Takes time in proportion to both lengths. */
export function matchesPattern(text: string, pattern: string): boolean {
  const [name, wanted] = [[...text.toLowerCase()], [...pattern.toLowerCase()]];
  let at = 0;
  let star = -1;
  let resumeAt = 0;
  let index = 0;
  while (index < name.length) {
    if (wanted[at] === '*') {
      star = at++;
      resumeAt = index;
    } else if (at < wanted.length && (wanted[at] === '?' || wanted[at] === name[index])) {
      at++;
      index++;
    } else if (star >= 0) {
      at = star + 1;
      index = ++resumeAt;
    } else {
      return false;
    }
  }
  while (wanted[at] === '*') at++;
  return at === wanted.length;
}

/** A token as the decision sees it. */
export interface EnrolmentTokenFacts {
  approval: 'automatic' | 'manual';
  cidrs: readonly string[];
  usesLeft: number;
  expiresAtMs: number;
  isRevoked: boolean;
}

/** A rule with what it let in lately. */
export interface EnrolmentRuleState extends EnrolmentRuleFacts {
  perMinute: number;
  usedInLastMinute: number;
}

export interface DecisionFacts {
  request: EnrolmentFacts;
  /** Somebody blocked its key or its hardware. */
  isBlocked: boolean;
  /** The token whose secret came along. */
  token: EnrolmentTokenFacts | null;
  /** An agent that is not revoked has the same hardware and another key, whether or not it is connected. */
  hasTwin: boolean;
  /** In the order they are tried. */
  rules: readonly EnrolmentRuleState[];
}

/** Why a PC waits. */
export const waitingCauses = [
  'enrolment.approval_needed',
  'enrolment.code_needed',
  'enrolment.code_mismatch',
  'enrolment.duplicate',
  'enrolment.rule_paused',
] as const satisfies readonly ErrorCode[];
export type WaitingCause = (typeof waitingCauses)[number];

export type EnrolmentDecision =
  | { state: 'blocked'; cause: 'enrolment.blocked' }
  | { state: 'refused'; cause: ErrorCode }
  /** `pause`: the rule that is over its limits and must let nobody in any more until a person lets go of its brake. */
  | { state: 'waiting'; cause: WaitingCause; pause?: { ruleId: string; cause: 'cap' | 'rate' } }
  | { state: 'approved'; by: 'token' }
  | { state: 'approved'; by: 'rule'; ruleId: string };

/** What becomes of a request. */
export function decideEnrolment(facts: DecisionFacts, nowMs: number): EnrolmentDecision {
  const { request, token } = facts;
  if (facts.isBlocked) return { state: 'blocked', cause: 'enrolment.blocked' };
  // Whoever came this way was told by somebody unknown where the server is: only a person who compared the code may let it in.
  if (request.via === 'neighbour' || request.via === 'dns') return { state: 'waiting', cause: 'enrolment.code_needed' };
  const fault = token === null ? undefined : tokenFault(token, request.seenAddress, nowMs);
  if (fault !== undefined) return { state: 'refused', cause: fault };
  // Hardware is a claim: a PC that was installed anew looks like a thief of a token who wants the place of that PC.
  if (facts.hasTwin) return { state: 'waiting', cause: 'enrolment.duplicate' };
  if (token?.approval === 'automatic') return { state: 'approved', by: 'token' };
  return decideByRules(facts, nowMs);
}

/** What is wrong with a token, as its error code. */
export function tokenFault(token: EnrolmentTokenFacts, seenAddress: string, nowMs: number): ErrorCode | undefined {
  if (token.isRevoked) return 'enrolment.token_revoked';
  if (token.expiresAtMs <= nowMs) return 'enrolment.token_expired';
  if (token.usesLeft < 1) return 'enrolment.token_used_up';
  const fits = token.cidrs.length === 0 || token.cidrs.some((cidr) => isInNetwork(seenAddress, cidr));
  return fits ? undefined : 'enrolment.token_network';
}

function decideByRules({ request, rules }: DecisionFacts, nowMs: number): EnrolmentDecision {
  let isHeldBack = false;
  for (const rule of rules) {
    const match = matchRule(rule, request, nowMs);
    if (!match.matches && match.why === 'cap') return paused(rule.id, 'cap');
    if (!match.matches) {
      isHeldBack ||= match.why === 'paused';
      continue;
    }
    if (rule.usedInLastMinute >= rule.perMinute) return paused(rule.id, 'rate');
    return { state: 'approved', by: 'rule', ruleId: rule.id };
  }
  return { state: 'waiting', cause: isHeldBack ? 'enrolment.rule_paused' : 'enrolment.approval_needed' };
}

function paused(ruleId: string, cause: 'cap' | 'rate'): EnrolmentDecision {
  return { state: 'waiting', cause: 'enrolment.rule_paused', pause: { ruleId, cause } };
}

/** Why an agent belongs to its office. `hardware`: a request's alone, which asks for the place of an agent that is there. */
export type OfficeBy = 'subnet' | 'token' | 'rule' | 'person' | 'hardware' | 'none';

export interface OfficeGuess {
  officeId: OfficeId;
  officeBy: OfficeBy;
  /** For people: the network that claimed it. */
  officeWhy: string | null;
}

/** The office of a PC: by the nearest network, where it was seen before where it says it is; then the rule's, then the token's, then none. */
export function guessOffice(facts: {
  seenAddress: string;
  addresses: readonly string[];
  offices: readonly { id: OfficeId; subnets: readonly string[] }[];
  ruleOfficeId: OfficeId | null;
  tokenOfficeId: OfficeId | null;
}): OfficeGuess {
  for (const address of [facts.seenAddress, ...facts.addresses]) {
    const found = officeOfAddress(address, facts.offices);
    if (found !== undefined) return { officeId: found.officeId, officeBy: 'subnet', officeWhy: found.subnet };
  }
  if (facts.ruleOfficeId !== null) return { officeId: facts.ruleOfficeId, officeBy: 'rule', officeWhy: null };
  if (facts.tokenOfficeId !== null) return { officeId: facts.tokenOfficeId, officeBy: 'token', officeWhy: null };
  return { officeId: UNASSIGNED_OFFICE, officeBy: 'none', officeWhy: null };
}

/** The office that has the nearest network around `address`. Of equal ones, the first. */
export function officeOfAddress(
  address: string,
  offices: readonly { id: OfficeId; subnets: readonly string[] }[],
): { officeId: OfficeId; subnet: string } | undefined {
  let nearest = -1;
  let found: { officeId: OfficeId; subnet: string } | undefined;
  for (const { id, subnets } of offices) {
    for (const subnet of subnets) {
      const bits = prefixLength(address, subnet) ?? -1;
      if (bits > nearest) [nearest, found] = [bits, { officeId: id, subnet }];
    }
  }
  return found;
}
