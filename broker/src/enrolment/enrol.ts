/** How a PC becomes an agent and stays one: tokens in, certificates out. The gateway calls this; nothing here knows HTTP. */
import { createHash } from 'node:crypto';
import type { Clock } from '../ports.ts';
import {
  type AgentId,
  type Enrolment,
  type EnrolRequest,
  HarpError,
  OLDEST_PROTOCOL_VERSION,
  PROTOCOL_VERSION,
  type Renewal,
  type SigningKey,
} from '../protocol/index.ts';
import type { EnrolmentStore, NewAgent, TokenRow } from '../store/enrolment-store.ts';
import { openCsr, type ProvenKey } from './csr.ts';
import type { Pki } from './pki.ts';

export interface Enroller {
  /**
   * Trades a token and a certificate request for an identity. The same key may ask again with the same office's token and gets a new certificate
   * without another use of the token: the first answer may have been lost.
   *
   * @throws {HarpError} `enrolment.token_unknown|token_expired|token_used_up|token_revoked|csr_invalid|already_enrolled|not_ready`,
   *   `identity.revoked`, `protocol.version_unsupported`
   */
  enrol(request: EnrolRequest): Promise<Enrolment>;
  /**
   * A new certificate for the key that an agent holds. The key stays: it is the agent's identity.
   *
   * @throws {HarpError} `enrolment.csr_invalid` if the request is not for this agent's key, `identity.revoked`, `enrolment.not_ready`
   */
  renew(agent: AgentId, csr: string): Promise<Renewal>;
}

export interface EnrollerOptions {
  store: EnrolmentStore;
  pki: Pick<Pki, 'ca' | 'issueFor'>;
  /** Where agents reach MQTT and gateway from now on. */
  urls: () => { mqttUrl: string; gatewayUrl: string };
  /** Called when the fleet has a new agent, before it is told so. */
  onEnrolled: (agent: AgentId) => Promise<void>;
  clock: Clock;
}

/** The enrolment service. */
export function createEnroller({ store, pki, urls, onEnrolled, clock }: EnrollerOptions): Enroller {
  const keysToPin = async (): Promise<SigningKey[]> => {
    const keys = await store.signingKeys();
    if (keys.length === 0) throw new HarpError('enrolment.not_ready', 'the console has not made its signing key yet');
    return keys;
  };

  const usableToken = async (secret: string): Promise<TokenRow> => {
    const token = await store.tokenByHash(createHash('sha256').update(secret).digest('hex'));
    if (token === undefined) throw new HarpError('enrolment.token_unknown', 'no such token');
    if (token.isRevoked) throw new HarpError('enrolment.token_revoked', 'the token was revoked');
    if (token.expiresAtMs <= clock.nowMs()) throw new HarpError('enrolment.token_expired', 'the token has expired');
    return token;
  };

  const enrolNew = async (token: TokenRow, agent: NewAgent): Promise<'inserted' | 'exists'> => {
    const outcome = await store.insertAgent(token.id, agent, clock.nowMs());
    if (outcome === 'token_gone') throw new HarpError('enrolment.token_used_up', 'the token has no uses left');
    return outcome;
  };

  const enrolAgain = async (token: TokenRow, agent: NewAgent): Promise<void> => {
    const present = await store.agentById(agent.id);
    if (present === undefined || present.isRevoked) throw new HarpError('identity.revoked', 'this agent was revoked');
    if (present.officeId !== token.office.id) {
      throw new HarpError('enrolment.already_enrolled', 'this agent belongs to another office');
    }
    const { hostname, platform, version, certificate } = agent;
    await store.updateAgent(agent.id, { hostname, platform, version, certificate });
  };

  return {
    async enrol(request) {
      if (request.protocol < OLDEST_PROTOCOL_VERSION || request.protocol > PROTOCOL_VERSION) {
        throw new HarpError('protocol.version_unsupported', `this server speaks protocol ${PROTOCOL_VERSION}`, {
          facts: { protocol: PROTOCOL_VERSION },
        });
      }
      const token = await usableToken(request.secret);
      const proven: ProvenKey = await openCsr(request.csr);
      const isKnown = (await store.agentById(proven.agent)) !== undefined;
      if (!isKnown && token.usesLeft < 1) throw new HarpError('enrolment.token_used_up', 'the token has no uses left');
      const signingKeys = await keysToPin();
      const issued = await pki.issueFor(proven);
      const agent: NewAgent = {
        id: proven.agent,
        officeId: token.office.id,
        hostname: request.hostname,
        platform: request.platform,
        version: request.version,
        certificate: issued,
      };
      if (isKnown || (await enrolNew(token, agent)) === 'exists') await enrolAgain(token, agent);
      await onEnrolled(proven.agent);
      return {
        agent: proven.agent,
        office: token.office,
        certificate: issued.certificate,
        ca: pki.ca,
        signingKeys,
        ...urls(),
      };
    },

    async renew(agent, csr) {
      const proven = await openCsr(csr);
      if (proven.agent !== agent) {
        throw new HarpError('enrolment.csr_invalid', 'the request is for another key; a new key has to enrol');
      }
      const signingKeys = await keysToPin();
      const issued = await pki.issueFor(proven);
      await store.updateAgent(agent, { certificate: issued });
      return { certificate: issued.certificate, ca: pki.ca, signingKeys };
    },
  };
}
