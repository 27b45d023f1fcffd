/**
 * Makes this PC an agent: key pair, certificate request, the gateway's answer, files stored. Where somebody has to decide it waits. What the gateway
 * says counts only once it is known to be ours: by the fingerprint that a token or a file names, or by a proof that a person there knows the code
 * which this PC shows.
 */
import { randomBytes } from 'node:crypto';
import {
  Enrolment,
  EnrolRequest,
  type EnrolWaitRequest,
  enrolmentCode,
  gatewayPaths,
  HarpError,
  isHarpError,
  type Machine,
  PROTOCOL_VERSION,
  type ProofStart,
  parseToken,
  startProof,
  Waiting,
} from '@harp/broker/protocol';
import { z } from 'zod';
import type { Clock } from '../ports.ts';
import type { StateLayout } from '../state/layout.ts';
import { certificateRequest } from './certificate-request.ts';
import { refuseSkew } from './clock-skew.ts';
import { callGateway, fetchPinnedCa, fetchRoot, type GatewayAccess } from './gateway-client.ts';
import {
  agentIdOfKey,
  checkBelongTogether,
  type EnrolmentRecord,
  ensureKey,
  lifeOf,
  readIdentity,
  storeIdentity,
} from './identity-files.ts';
import { openKeyStore } from './key-store.ts';
import { adoptRoots, fingerprintsIn } from './roots.ts';

/** Where a server is, and how this PC knows. Only a token or a file says which server it must be. */
export type Contact =
  | { via: 'token' | 'file'; url: string; fingerprint: string; secret?: string }
  | { via: 'neighbour' | 'dns'; url: string };

/** What a PC that waits shows. */
export interface WaitingState {
  via: Contact['via'];
  url: string;
  cause: Waiting['cause'];
  /** To be typed by whoever approves. */
  code?: string;
}

export interface EnrolDeps {
  layout: StateLayout;
  clock: Pick<Clock, 'nowMs' | 'sleep'>;
  /** What the console shows of this PC. */
  host: { hostname: string; platform: string; version: string };
  /** What else it says of itself, to a server it knows to be ours. */
  machine?: () => Promise<Machine>;
  /** Called when what the PC waits for has changed. */
  onWaiting?: (state: WaitingState) => void;
  /** Hears what people should know though it stops nothing. */
  warn?: (why: string) => void;
}

/** One call, the 20 s included for which the server keeps a question open. */
const CALL_TIMEOUT_MS = 60_000;
/** Between failures while it waits. */
const RETRY_MS = 5_000;
/** At most one code in this time: whoever guesses has one guess per code. */
const NEW_CODE_MS = 10_000;

/**
 * Enrols with a token. After an interruption, the same call goes on with the same key.
 *
 * @throws {HarpError} `enrolment.*`, `gateway.*`, `protocol.*`, `disk.*`, `agent.state_damaged`
 */
export function enrol(tokenText: string, deps: EnrolDeps, signal: AbortSignal): Promise<EnrolmentRecord> {
  return enrolAt(contactOfToken(tokenText, 'token'), deps, signal);
}

/** Where a token leads. @throws {HarpError} `enrolment.token_malformed` */
export function contactOfToken(tokenText: string, via: 'token' | 'file'): Contact {
  const { g: url, f: fingerprint, s: secret } = parseToken(tokenText);
  return { via, url, fingerprint, secret };
}

/** Enrols at a server, waiting for as long as people need. @throws {HarpError} as `enrol` */
export async function enrolAt(contact: Contact, deps: EnrolDeps, signal: AbortSignal): Promise<EnrolmentRecord> {
  const { layout, clock } = deps;
  await refuseSecondEnrolment(layout, contact, clock.nowMs());
  const key = await ensureKey(openKeyStore(layout.key, deps.warn));
  const asking = { key, csr: await certificateRequest(key) };
  const { ca, fingerprint } = await rootOf(contact, shortly(signal));
  const access: GatewayAccess = { url: contact.url, ca };
  await checkClock(access, clock, shortly(signal));
  const enrolment = isPinned(contact)
    ? await askPinned(contact, access, asking, deps, signal)
    : await askWithCode(contact, access, fingerprint, asking, deps, signal);
  return store(enrolment, access, key, deps);
}

async function rootOf(contact: Contact, signal: AbortSignal): Promise<{ ca: string; fingerprint: string }> {
  if (isPinned(contact)) {
    const { url, fingerprint } = contact;
    return { ca: await fetchPinnedCa(url, fingerprint, signal), fingerprint };
  }
  const { pem, fingerprint } = await fetchRoot(contact.url, signal);
  return { ca: pem, fingerprint };
}

interface Asking {
  key: string;
  csr: string;
}

type Answer = Enrolment | Waiting;
const Answer = z.union([Enrolment, Waiting]);

/** At a server that is known to be ours: it may be told everything, and what it answers counts. */
async function askPinned(
  contact: Contact & { via: 'token' | 'file' },
  access: GatewayAccess,
  { csr }: Asking,
  deps: EnrolDeps,
  signal: AbortSignal,
): Promise<Enrolment> {
  const { via, secret } = contact;
  const machine = (await deps.machine?.()) ?? { addresses: [] };
  const body = request(deps, { via, csr, machine, ...(secret === undefined ? {} : { secret }) });
  for (;;) {
    const answer = await call(access, gatewayPaths.enrol, body, signal);
    if (!isWaiting(answer)) return answer;
    deps.onWaiting?.({ via, url: contact.url, cause: answer.cause });
    const enrolment = await waitFor(answer, access, deps, signal, (waiting) => {
      if (waiting.cause !== answer.cause) deps.onWaiting?.({ via, url: contact.url, cause: waiting.cause });
      return {};
    });
    if (enrolment !== 'ask anew') return enrolment;
    await deps.clock.sleep(RETRY_MS, signal);
  }
}

/** At a server that somebody unknown named: it hears a name and addresses, and counts when it has proven that a person there typed this PC's code. */
async function askWithCode(
  contact: Contact & { via: 'neighbour' | 'dns' },
  access: GatewayAccess,
  rootFingerprint: string,
  { key, csr }: Asking,
  deps: EnrolDeps,
  signal: AbortSignal,
): Promise<Enrolment> {
  const { via, url } = contact;
  const machine = (await deps.machine?.()) ?? { addresses: [] };
  const view = { rootFingerprint, agentId: agentIdOfKey(key) };
  for (;;) {
    const code = enrolmentCode(randomBytes(6));
    const proof = await startProof(code, view);
    const { addresses } = machine;
    const body = request(deps, { via, csr, machine: { addresses }, proof: proof.message });
    const first = await call(access, gatewayPaths.enrol, body, signal);
    if (!isWaiting(first)) throw unproven(url);
    deps.onWaiting?.({ via, url, cause: first.cause, code });
    const proven = createProven(proof, first.request);
    const enrolment = await waitFor(first, access, deps, signal, async (waiting) => {
      const confirm = await proven.by(waiting);
      return confirm === undefined ? {} : { confirm, machine };
    }).catch((error: unknown) => {
      if (isHarpError(error, 'enrolment.code_mismatch')) return 'wrong code' as const;
      throw error;
    });
    if (enrolment !== 'ask anew' && enrolment !== 'wrong code') {
      if (!proven.holds) throw unproven(url);
      return enrolment;
    }
    if (enrolment === 'wrong code') deps.onWaiting?.({ via, url, cause: 'enrolment.code_mismatch' });
    await deps.clock.sleep(NEW_CODE_MS, signal);
  }
}

/** One proof, which is good for one answer. */
function createProven(proof: ProofStart, request: string) {
  let confirm: string | undefined;
  return {
    get holds() {
      return confirm !== undefined;
    },
    /**
     * This PC's confirmation once the server has proven itself; undefined before.
     * @throws {HarpError} `enrolment.code_mismatch` if it has not, or if it takes back what it had proven
     */
    async by(waiting: Waiting): Promise<string | undefined> {
      if (waiting.proof === undefined && confirm === undefined) return undefined;
      confirm ??= waiting.proof && (await proof.finish(waiting.proof.answer, waiting.proof.confirm, request));
      if (confirm === undefined || waiting.proof === undefined)
        throw new HarpError('enrolment.code_mismatch', 'the server does not know the code that this computer shows');
      return confirm;
    },
  };
}

/** Asks how things stand until this PC is let in or has to begin anew. `more`: what goes along with the next question. @throws {HarpError} what it is refused for */
async function waitFor(
  first: Waiting,
  access: GatewayAccess,
  { clock }: EnrolDeps,
  signal: AbortSignal,
  more: (waiting: Waiting) => Pick<EnrolWaitRequest, 'confirm' | 'machine'> | Promise<object>,
): Promise<Enrolment | 'ask anew'> {
  let waiting = first;
  for (;;) {
    const { request: id, ticket } = first;
    const question = { request: id, ticket, ...(await more(waiting)) };
    const answer = await call(access, gatewayPaths.enrolWait, question, signal).catch((error: unknown) => {
      if (isHarpError(error, 'enrolment.request_unknown')) return 'ask anew' as const;
      // While it waits a server may restart and a line may fail.
      if (!signal.aborted && isHarpError(error) && passing.has(error.code)) return undefined;
      throw error;
    });
    if (answer === undefined) {
      await clock.sleep(RETRY_MS, signal);
      continue;
    }
    if (answer === 'ask anew' || !isWaiting(answer)) return answer;
    waiting = answer;
    if (answer.retryAfterMs > 0) await clock.sleep(answer.retryAfterMs, signal);
  }
}

const passing: ReadonlySet<string> = new Set([
  'gateway.unreachable',
  'gateway.busy',
  'gateway.rate_limited',
  'enrolment.not_ready',
  'internal.unexpected',
]);

async function call(access: GatewayAccess, path: string, body: unknown, signal: AbortSignal): Promise<Answer> {
  signal.throwIfAborted();
  return (await callGateway(access, path, body, Answer, shortly(signal))).body;
}

function isWaiting(answer: Answer): answer is Waiting {
  return 'ticket' in answer;
}

function isPinned(contact: Contact): contact is Contact & { via: 'token' | 'file' } {
  return contact.via === 'token' || contact.via === 'file';
}

function request({ host }: EnrolDeps, more: object): EnrolRequest {
  return EnrolRequest.parse({ protocol: PROTOCOL_VERSION, ...host, ...more });
}

/** A signal for one call. */
function shortly(signal: AbortSignal): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(CALL_TIMEOUT_MS)]);
}

function unproven(url: string): HarpError {
  return new HarpError('enrolment.code_mismatch', `${url} lets this computer in without knowing its code`);
}

async function store(
  enrolment: Enrolment,
  access: GatewayAccess,
  key: string,
  { layout, clock }: EnrolDeps,
): Promise<EnrolmentRecord> {
  const { agent, office, mqttUrl, gatewayUrl, signingKeys, certificate } = enrolment;
  if (agent !== agentIdOfKey(key)) throw new HarpError('protocol.invalid_message', 'the gateway enrolled another key');
  const record: EnrolmentRecord = {
    v: 1,
    agent,
    office,
    mqttUrl,
    gatewayUrl,
    signingKeys,
    enrolledAtMs: clock.nowMs(),
  };
  const identity = { record, tls: { key, certificate, ca: adoptRoots(access.ca, enrolment) } };
  checkBelongTogether(identity);
  await storeIdentity(layout, identity);
  return record;
}

/**
 * An agent whose certificate has run out may enrol again, with the key and so the id it had; one whose server has another root than any it trusts may,
 * too, with a token of that server: it was away while the root was replaced by force, and nothing else would let it in again.
 */
async function refuseSecondEnrolment(layout: StateLayout, contact: Contact, nowMs: number): Promise<void> {
  const present = await readIdentity(layout);
  if (present === undefined || lifeOf(present.tls.certificate).toMs <= nowMs) return;
  const isLeftBehind =
    isPinned(contact) &&
    present.record.gatewayUrl === contact.url &&
    !fingerprintsIn(present.tls.ca).includes(contact.fingerprint);
  if (isLeftBehind) return;
  const { agent, office } = present.record;
  throw new HarpError('enrolment.already_enrolled', `${layout.root} is agent ${agent.slice(0, 8)} of ${office.name}`, {
    facts: { agent, office: office.name },
  });
}

/** Asked before the token is spent. */
async function checkClock(access: GatewayAccess, clock: Pick<Clock, 'nowMs'>, signal: AbortSignal): Promise<void> {
  const { serverMs } = await callGateway(access, gatewayPaths.health, undefined, z.unknown(), signal);
  if (serverMs === undefined) return;
  refuseSkew(clock.nowMs(), serverMs);
}
