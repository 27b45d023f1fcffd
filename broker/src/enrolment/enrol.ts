/** How a PC becomes an agent and stays one: it asks, waits where somebody has to decide, and gets a certificate. The gateway calls this; nothing here knows HTTP. */
import { randomBytes } from 'node:crypto';
import type { Clock } from '../ports.ts';
import {
  type AgentId,
  decideEnrolment,
  type Enrolment,
  type EnrolmentDecision,
  type EnrolmentRequestId,
  type EnrolRequest,
  type EnrolWaitRequest,
  guessOffice,
  HarpError,
  isSameProof,
  OLDEST_PROTOCOL_VERSION,
  PROTOCOL_VERSION,
  type Renewal,
  type SigningKey,
  UNASSIGNED_OFFICE,
  type Waiting,
  type WaitingCause,
} from '../protocol/index.ts';
import type { Admission, EnrolmentStore } from '../store/enrolment-store.ts';
import type { AskingPc, RequestRow, RequestSight, RequestStore, RuleRow, TokenRow } from '../store/request-store.ts';
import { openCsr, type ProvenKey } from './csr.ts';
import type { Pki } from './pki.ts';
import { fingerprintOf } from './pki-files.ts';
import {
  askingOf,
  blocked,
  hashOf,
  isTicketOf,
  isUnpinned,
  newRequestId,
  rejected,
  saidOf,
  unknownRequest,
  waitingCause,
  waitingOf,
} from './request-forms.ts';
import type { WaitingRoom } from './waiting-room.ts';

/** Longest a question is kept open. */
const PATIENCE_MS = 20_000;
/** For whoever finds no place to wait. */
const COME_BACK_MS = 15_000;
/** How long a PC that was declined hears so; after that it may ask again. */
const REJECTED_MS = 24 * 3_600_000;

export type Answer = { enrolment: Enrolment } | { waiting: Waiting };

export interface Enroller {
  /**
   * Lets a PC in that a token or a rule vouches for, or has it wait for a person. An agent that asks again with its key and a good token gets a new
   * certificate without another use of the token: the first answer may have been lost.
   *
   * @throws {HarpError} `enrolment.token_*|csr_invalid|blocked|rejected|not_ready`, `protocol.version_unsupported`
   */
  enrol(request: EnrolRequest, seenAddress: string): Promise<Answer>;
  /**
   * How a request stands, as soon as there is news or after 20 s.
   *
   * @throws {HarpError} `enrolment.request_unknown|rejected|blocked|code_mismatch|not_ready`, and what a refused request was refused for
   */
  wait(question: EnrolWaitRequest, site: string): Promise<Answer>;
  /**
   * A new certificate for the key that an agent holds. The key stays: it is the agent's identity.
   *
   * @throws {HarpError} `enrolment.csr_invalid` if the request is not for this agent's key, `identity.revoked`, `enrolment.not_ready`
   */
  renew(agent: AgentId, csr: string): Promise<Renewal>;
}

export interface EnrollerOptions {
  store: EnrolmentStore;
  requests: RequestStore;
  room: WaitingRoom;
  pki: Pick<Pki, 'trust' | 'issueFor' | 'rootCertificates' | 'roots' | 'issuing'>;
  /** Where agents reach MQTT and gateway from now on. */
  urls: () => { mqttUrl: string; gatewayUrl: string };
  /** Called when the fleet has a new agent, before it is told so. `replaced`: agents it took the place of. */
  onEnrolled: (agent: AgentId, replaced: readonly AgentId[]) => Promise<void>;
  /** Called when a request was made or changed. */
  onRequest: (request: EnrolmentRequestId) => void;
  clock: Clock;
}

/** The enrolment service. */
export function createEnroller(options: EnrollerOptions): Enroller {
  const { store, requests, room, pki, urls, onEnrolled, onRequest, clock } = options;

  const keysToPin = async (): Promise<SigningKey[]> => {
    const keys = await store.signingKeys();
    if (keys.length === 0) throw new HarpError('enrolment.not_ready', 'the console has not made its signing key yet');
    return keys;
  };

  // A lost answer is asked for again before anything else, so what is handed out counts as known.
  const trustOfNew = () => ({
    trustedRoots: [...pki.rootCertificates.keys()],
    certificateRoot: pki.roots.present,
    certificateIssuer: fingerprintOf(pki.issuing),
  });

  const answerOf = (
    agent: AgentId,
    office: Enrolment['office'],
    certificate: string,
    signingKeys: SigningKey[],
  ): Answer => ({ enrolment: { agent, office, certificate, ...pki.trust(), signingKeys, ...urls() } });

  /** A new certificate for a key that is an agent's already. */
  const enrolAgain = async (proven: ProvenKey, said: Pick<AskingPc, 'hostname' | 'platform' | 'version'>) => {
    const signingKeys = await keysToPin();
    const issued = await pki.issueFor(proven);
    const { hostname, platform, version } = said;
    await store.updateAgent(proven.agent, { hostname, platform, version, certificate: issued, trust: trustOfNew() });
    const office = await store.officeOf(proven.agent);
    if (office === undefined) throw new HarpError('identity.revoked', 'this agent was revoked');
    await onEnrolled(proven.agent, []);
    return answerOf(proven.agent, office, issued.certificate, signingKeys);
  };

  /** Lets it in. Resolves to what came between if it may not be let in any more. */
  const admit = async (proven: ProvenKey, admission: Omit<Admission, 'certificate' | 'trust'>) => {
    const signingKeys = await keysToPin();
    const issued = await pki.issueFor(proven);
    const admitted = await store.admit({ ...admission, certificate: issued, trust: trustOfNew() }, clock.nowMs());
    if (admitted.outcome !== 'admitted') return admitted;
    await onEnrolled(proven.agent, admitted.replaced);
    onRequest(admission.request.id as EnrolmentRequestId);
    return answerOf(proven.agent, admitted.office, issued.certificate, signingKeys);
  };

  interface Case {
    proven: ProvenKey;
    pc: AskingPc;
    token: TokenRow | undefined;
    sight: RequestSight;
    proofMessage: string | null;
    /** Of the ticket that the PC waits with, if it does. */
    ticketHash?: string;
  }

  /** The office: what a person chose while it waits, else what is known of it says. */
  const officeFor = ({ pc, token, sight }: Case, rule?: RuleRow) => {
    const { present } = sight;
    if (present?.officeBy === 'person' && (present.state === 'waiting' || present.state === 'approved'))
      return { officeId: present.officeId ?? UNASSIGNED_OFFICE, officeBy: 'person' as const, officeWhy: null };
    return guessOffice({
      ...pc,
      offices: sight.offices,
      ruleOfficeId: rule?.officeId ?? null,
      tokenOfficeId: token?.officeId ?? null,
    });
  };

  /** Where it would go. Whoever takes an agent's place asks for that agent's office, and the people there decide. */
  const placeAskedFor = (asked: Case) => {
    const office = officeFor(asked);
    const { twin } = asked.sight;
    return twin === undefined || twin.officeId === UNASSIGNED_OFFICE || office.officeBy === 'person'
      ? office
      : { officeId: twin.officeId, officeBy: 'hardware' as const, officeWhy: null };
  };

  const decide = ({ pc, token, sight }: Pick<Case, 'pc' | 'token' | 'sight'>): EnrolmentDecision =>
    decideEnrolment(
      {
        request: pc,
        isBlocked: sight.isBlocked,
        token: token ?? null,
        hasTwin: sight.twin !== undefined,
        rules: sight.rules,
      },
      clock.nowMs(),
    );

  /** Files the request under what was decided and tells the PC how to hear of it. */
  const file = async (
    asked: Case,
    decision: { state: 'waiting'; cause: WaitingCause } | { state: 'refused'; cause: HarpError['code'] },
  ): Promise<Waiting> => {
    const { pc, token, sight, proofMessage } = asked;
    const ticket = randomBytes(32).toString('base64url');
    const guess = placeAskedFor(asked);
    const request = await requests.file(
      pc,
      {
        id: sight.present?.id ?? newRequestId(),
        state: decision.state,
        cause: decision.cause,
        office: guess.officeId === UNASSIGNED_OFFICE ? { ...guess, officeId: null } : guess,
        duplicateOf: sight.twin?.id ?? null,
        tags: token?.tags ?? [],
        ticketHash: hashOf(ticket),
        proofMessage,
      },
      clock.nowMs(),
    );
    onRequest(request);
    return { request, ticket, cause: waitingCause(decision.cause), retryAfterMs: 0 };
  };

  const carryOut = async (asked: Case, decision: EnrolmentDecision): Promise<Answer> => {
    const { proven, pc, token, sight } = asked;
    switch (decision.state) {
      case 'blocked':
        throw blocked();
      case 'refused': {
        // The row is for the people who wait for this PC; it takes nothing from a request that stands better.
        if (sight.present === undefined || sight.present.state === 'refused') await file(asked, decision);
        throw new HarpError(decision.cause, 'the token does not let this computer in');
      }
      case 'waiting':
        if (decision.pause !== undefined)
          await requests.pauseRule(decision.pause.ruleId, decision.pause.cause, clock.nowMs());
        return { waiting: await file(asked, decision) };
      case 'approved': {
        const rule: RuleRow | undefined =
          decision.by === 'rule' ? sight.rules.find(({ id }) => id === decision.ruleId) : undefined;
        const office = officeFor(asked, rule);
        const ticketHash = asked.ticketHash ?? hashOf(randomBytes(32).toString('base64url'));
        const admitted = await admit(proven, {
          pc,
          request: { id: sight.present?.id ?? newRequestId(), ticketHash },
          by: rule === undefined ? { kind: 'token' } : { kind: 'rule', ruleId: rule.id },
          office,
          tags: [...(token?.tags ?? []), ...(rule?.tags ?? [])],
        });
        if (!('outcome' in admitted)) return admitted;
        return cameBetween(asked, rule, admitted);
      }
    }
  };

  /** Another PC was faster, or a person decided, since the decision was made. */
  const cameBetween = async (
    asked: Case,
    rule: RuleRow | undefined,
    admitted: Exclude<Awaited<ReturnType<EnrolmentStore['admit']>>, { outcome: 'admitted' }>,
  ): Promise<Answer> => {
    switch (admitted.outcome) {
      case 'exists':
        return enrolAgain(asked.proven, asked.pc);
      case 'blocked':
        throw blocked();
      case 'token_gone':
        return carryOut(asked, { state: 'refused', cause: 'enrolment.token_used_up' });
      case 'rule_full':
        return carryOut(asked, {
          state: 'waiting',
          cause: 'enrolment.rule_paused',
          pause: { ruleId: rule!.id, cause: admitted.cause },
        });
      case 'twin': {
        const seen = { ...asked, sight: { ...asked.sight, twin: admitted.twin } };
        return carryOut(seen, { state: 'waiting', cause: 'enrolment.duplicate' });
      }
      case 'taken_back':
        return carryOut(asked, { state: 'waiting', cause: 'enrolment.rule_paused' });
    }
  };

  /** A request that a person has decided about, and that comes again. */
  const resume = async (asked: Case, present: RequestRow): Promise<Answer | undefined> => {
    const isDeclined =
      present.state === 'rejected' &&
      present.tokenId === asked.pc.tokenId &&
      (present.decidedAtMs ?? 0) > clock.nowMs() - REJECTED_MS;
    if (isDeclined) throw rejected();
    if (isUnpinned(asked.pc) && present.proof !== undefined && present.state !== 'enrolled') {
      // It was answered and asks anew: the answer did not prove that we know its code.
      return { waiting: await file(asked, { state: 'waiting', cause: 'enrolment.code_mismatch' }) };
    }
    if (present.state !== 'approved' || isUnpinned(asked.pc)) return undefined;
    const ticket = randomBytes(32).toString('base64url');
    await requests.renewTicket(present.id, hashOf(ticket), clock.nowMs());
    return {
      waiting: { request: present.id, ticket, cause: 'enrolment.approval_needed', retryAfterMs: 0 },
    };
  };

  /** The request is approved, and the time to take that back is over. */
  const admitApproved = async (row: RequestRow, proven: ProvenKey): Promise<Answer | 'taken_back'> => {
    const admitted = await admit(proven, {
      pc: row,
      request: { id: row.id, ticketHash: row.ticketHash },
      by: { kind: 'person', requestId: row.id, twin: isUnpinned(row) ? 'by_code' : row.duplicateOf },
      office: {
        officeId: row.officeId ?? UNASSIGNED_OFFICE,
        officeBy: row.officeId === null ? 'none' : row.officeBy,
        officeWhy: null,
      },
      tags: row.tags,
    });
    if (!('outcome' in admitted)) return admitted;
    if (admitted.outcome === 'exists') return enrolAgain(proven, row);
    if (admitted.outcome === 'blocked') throw blocked();
    if (admitted.outcome === 'twin') {
      await requests.noteTwin(row.id, admitted.twin.id);
      onRequest(row.id);
    }
    return 'taken_back';
  };

  /** Rules change while a PC waits, tokens get more uses, and its twin comes or is revoked. */
  const decideAnew = async (row: RequestRow): Promise<Answer | undefined> => {
    const [token, sight] = await Promise.all([
      row.tokenId === null ? undefined : requests.tokenById(row.tokenId),
      requests.look(row.agentId, row.hardwareId ?? undefined, clock.nowMs()),
    ]);
    const decision = decide({ pc: row, token, sight });
    switch (decision.state) {
      case 'blocked':
        throw blocked();
      case 'refused':
        // Its token has ended since; whoever looks at the list may let it in all the same.
        return undefined;
      case 'waiting':
        if (decision.pause !== undefined)
          await requests.pauseRule(decision.pause.ruleId, decision.pause.cause, clock.nowMs());
        if (decision.cause !== row.cause || (sight.twin?.id ?? null) !== row.duplicateOf) {
          await requests.noteCause(row.id, decision.cause, sight.twin?.id ?? null);
          onRequest(row.id);
        }
        return undefined;
      case 'approved': {
        const proven = await openCsr(row.csr);
        const { ticketHash } = row;
        return carryOut({ proven, pc: askingOf(row), token, sight, proofMessage: null, ticketHash }, decision);
      }
    }
  };

  /** What a PC that waits is told now, or until when there is nothing to say. */
  const standing = async (row: RequestRow, question: EnrolWaitRequest): Promise<Answer | { untilMs: number }> => {
    // What people decide can be undone until then.
    if ((row.effectiveAtMs ?? 0) > clock.nowMs() && ['rejected', 'blocked'].includes(row.state))
      return { untilMs: row.effectiveAtMs! };
    switch (row.state) {
      case 'rejected':
        throw rejected();
      case 'blocked':
        throw blocked();
      case 'refused':
        throw new HarpError(row.cause ?? 'enrolment.request_unknown', 'the token does not let this computer in');
      case 'waiting':
        if (!isUnpinned(row)) return (await decideAnew(row)) ?? { untilMs: Number.POSITIVE_INFINITY };
        // A code is good for one answer, and that was taken back: it has to show another.
        if (row.proofMessage === null) throw unknownRequest();
        return { untilMs: Number.POSITIVE_INFINITY };
      default:
    }
    if (isUnpinned(row)) {
      if (row.proof === undefined) return { untilMs: Number.POSITIVE_INFINITY };
      if (question.confirm === undefined) return { waiting: waitingOf(row, question.ticket) };
      if (!isSameProof(question.confirm, row.proof.expected)) {
        await requests.takeBack(row.id);
        onRequest(row.id);
        throw new HarpError('enrolment.code_mismatch', 'the code was wrong, or somebody is in between');
      }
    }
    const proven = await openCsr(row.csr);
    if (row.state === 'enrolled') return enrolAgain(proven, row);
    // What it held back until it knew whom it talks to.
    const known = isUnpinned(row) && question.machine !== undefined ? { ...row, ...saidOf(question.machine) } : row;
    if (known !== row && row.hardwareId === null) await requests.addMachine(row.id, known);
    const effectiveAtMs = row.effectiveAtMs ?? 0;
    if (effectiveAtMs > clock.nowMs()) return { untilMs: effectiveAtMs };
    const admitted = await admitApproved(known, proven);
    return admitted === 'taken_back' ? { untilMs: Number.POSITIVE_INFINITY } : admitted;
  };

  return {
    async enrol(request, seenAddress) {
      if (request.protocol < OLDEST_PROTOCOL_VERSION || request.protocol > PROTOCOL_VERSION) {
        throw new HarpError('protocol.version_unsupported', `this server speaks protocol ${PROTOCOL_VERSION}`, {
          facts: { protocol: PROTOCOL_VERSION },
        });
      }
      const token = request.secret === undefined ? undefined : await requests.tokenByHash(hashOf(request.secret));
      if (request.secret !== undefined && token === undefined)
        throw new HarpError('enrolment.token_unknown', 'no such token');
      const proven = await openCsr(request.csr);
      const sight = await requests.look(proven.agent, request.machine.hardwareId, clock.nowMs());
      const { csr, hostname, platform, version, via, machine } = request;
      const pc: AskingPc = {
        agentId: proven.agent,
        csr,
        hostname,
        platform,
        version,
        ...saidOf(machine),
        addresses: machine.addresses,
        seenAddress,
        via,
        tokenId: token?.id ?? null,
      };
      const asked: Case = { proven, pc, token, sight, proofMessage: request.proof ?? null };
      const decision = decide(asked);
      // Its key proves who it is, and it was let in before: a token that has ended only because it was used by this PC costs it nothing.
      const isGoodToken = token !== undefined && !['blocked', 'refused'].includes(decision.state);
      const isOwnUse = decision.state === 'refused' && decision.cause === 'enrolment.token_used_up';
      if (sight.agent?.isRevoked === false && (isGoodToken || isOwnUse)) return enrolAgain(proven, pc);
      if (decision.state !== 'blocked' && sight.present !== undefined) {
        const resumed = await resume(asked, sight.present);
        if (resumed !== undefined) return resumed;
      }
      return carryOut(asked, decision);
    },

    async wait(question, site) {
      const endsAtMs = clock.nowMs() + PATIENCE_MS;
      const place = room.enter(site);
      let hasBeenSeen = false;
      try {
        for (;;) {
          const news = room.news(question.request, Math.max(0, endsAtMs - clock.nowMs()));
          try {
            const row = await requests.find(question.request);
            if (row === undefined || !isTicketOf(row, question.ticket)) throw unknownRequest();
            if (!hasBeenSeen) await requests.noteSeen(row.id, clock.nowMs());
            hasBeenSeen = true;
            const answer = await standing(row, question);
            if (!('untilMs' in answer)) return answer;
            const waiting = waitingOf(row, question.ticket);
            if (place === undefined) return { waiting: { ...waiting, retryAfterMs: COME_BACK_MS } };
            if (clock.nowMs() >= endsAtMs) return { waiting };
            const callOff = clock.after(Math.min(answer.untilMs, endsAtMs) - clock.nowMs(), news.cancel);
            await news.heard;
            callOff();
          } finally {
            news.cancel();
          }
        }
      } finally {
        place?.leave();
      }
    },

    async renew(agent, csr) {
      const proven = await openCsr(csr);
      if (proven.agent !== agent) {
        throw new HarpError('enrolment.csr_invalid', 'the request is for another key; a new key has to enrol');
      }
      const signingKeys = await keysToPin();
      const issued = await pki.issueFor(proven);
      await store.updateAgent(agent, { certificate: issued });
      return { certificate: issued.certificate, ...pki.trust(), signingKeys };
    },
  };
}
