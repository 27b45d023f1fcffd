import {
  Enrolment,
  type EnrolmentToken,
  EnrolRequest,
  gatewayPaths,
  HarpError,
  PROTOCOL_VERSION,
  parseToken,
} from '@harp/broker/protocol';
import { z } from 'zod';
import type { Clock } from '../ports.ts';
import type { StateLayout } from '../state/layout.ts';
import { certificateRequest } from './certificate-request.ts';
import { callGateway, fetchPinnedCa, type GatewayAccess } from './gateway-client.ts';
import {
  agentIdOfKey,
  certificatesIn,
  checkBelongTogether,
  type EnrolmentRecord,
  ensureKey,
  lifeOf,
  readIdentity,
  storeIdentity,
} from './identity-files.ts';

/** Beyond this, certificates made now are not valid here yet, and reports land at wrong times. The issuer back-dates by about as much. */
const CLOCK_SKEW_MAX_MS = 5 * 60_000;

export interface EnrolDeps {
  layout: StateLayout;
  clock: Pick<Clock, 'nowMs'>;
  /** What the console shows of this PC. */
  host: { hostname: string; platform: string; version: string };
}

/**
 * Makes this PC an agent: key pair, certificate request, one call to the gateway whose CA the token names, files stored. The secret is sent only
 * to a server whose chain and host name were verified against that CA. After an interruption, the same call goes on with the same key.
 *
 * @throws {HarpError} `enrolment.*`, `gateway.*`, `protocol.*`, `disk.*`, `agent.state_damaged`
 */
export async function enrol(tokenText: string, deps: EnrolDeps, signal: AbortSignal): Promise<EnrolmentRecord> {
  const { layout, clock, host } = deps;
  const token = parseToken(tokenText);
  await refuseSecondEnrolment(layout, clock.nowMs());
  const key = await ensureKey(layout);
  const csr = await certificateRequest(key);

  const access: GatewayAccess = { url: token.g, ca: await fetchPinnedCa(token.g, token.f, signal) };
  await checkClock(access, clock, signal);
  const body = EnrolRequest.parse({ protocol: PROTOCOL_VERSION, secret: token.s, csr, ...host });
  const { body: enrolment } = await callGateway(access, gatewayPaths.enrol, body, Enrolment, signal);

  const { agent, office, mqttUrl, gatewayUrl, signingKeys, certificate, ca } = enrolment;
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
  const identity = { record, tls: { key, certificate, ca } };
  checkPin(ca, token);
  checkBelongTogether(identity);
  await storeIdentity(layout, identity);
  return record;
}

/** An agent whose certificate has run out may enrol again, with the key and so the id it had. */
async function refuseSecondEnrolment(layout: StateLayout, nowMs: number): Promise<void> {
  const present = await readIdentity(layout);
  if (present === undefined || lifeOf(present.tls.certificate).toMs <= nowMs) return;
  const { agent, office } = present.record;
  throw new HarpError('enrolment.already_enrolled', `${layout.root} is agent ${agent.slice(0, 8)} of ${office.name}`, {
    facts: { agent, office: office.name },
  });
}

/** Asked before the token is spent. */
async function checkClock(access: GatewayAccess, clock: Pick<Clock, 'nowMs'>, signal: AbortSignal): Promise<void> {
  const { serverMs } = await callGateway(access, gatewayPaths.health, undefined, z.unknown(), signal);
  if (serverMs === undefined) return;
  const skewMs = clock.nowMs() - serverMs;
  if (Math.abs(skewMs) <= CLOCK_SKEW_MAX_MS) return;
  const minutes = Math.round(Math.abs(skewMs) / 60_000);
  const side = skewMs > 0 ? 'ahead of' : 'behind';
  throw new HarpError('enrolment.clock_skew', `this computer’s clock is ${minutes} minutes ${side} the server’s`, {
    facts: { minutes, server: new Date(serverMs).toISOString() },
  });
}

function checkPin(ca: string, token: EnrolmentToken): void {
  const pinned = certificatesIn(ca).some(
    (certificate) => certificate.fingerprint256.replaceAll(':', '').toLowerCase() === token.f,
  );
  if (!pinned) throw new HarpError('enrolment.ca_mismatch', 'the gateway handed out another CA than the token names');
}
