import { gatewayPaths, HarpError, isHarpError, Renewal } from '@harp/broker/protocol';
import type { Clock, Disposable, Identity, Logger } from '../ports.ts';
import type { StateLayout } from '../state/layout.ts';
import { slept } from '../wake.ts';
import { certificateRequest } from './certificate-request.ts';
import { callGateway } from './gateway-client.ts';
import { checkBelongTogether, lifeOf, type StoredIdentity, storeIdentity } from './identity-files.ts';
import { adoptRoots, fingerprintsIn, type OfferedRoots } from './roots.ts';

/** Look at the clock at least this often: PCs sleep and their clocks jump, and timers end at 24 days. */
const CHECK_MAX_MS = 6 * 3_600_000;
/** Shortest pause between two renewals, whatever the first one gave. */
const RETRY_MIN_MS = 60_000;
const CALL_TIMEOUT_MS = 30_000;

/** The identity of the running agent. */
export interface LiveIdentity extends Identity {
  stored(): StoredIdentity;
  /** Stores a renewed certificate and roots, then tells the listeners. @throws {HarpError} `agent.state_damaged`, `enrolment.ca_mismatch`, `disk.*` */
  replace(renewal: Renewal): Promise<void>;
  /**
   * Stores other roots, if those that are trusted vouch for them, and another address of the broker. Resolves to whether anything changed.
   *
   * @throws {HarpError} `enrolment.ca_mismatch`, `disk.*`
   */
  trust(offered: OfferedRoots & { mqttUrl?: string }): Promise<boolean>;
}

/** An identity that starts as `stored` and can be replaced. */
export function createLiveIdentity(stored: StoredIdentity, layout: StateLayout): LiveIdentity {
  const listeners = new Set<() => void>();
  let current = stored;
  let lastChange: Promise<unknown> = Promise.resolve();
  /** One change after the other: each starts from what the one before left. */
  const change = (make: () => StoredIdentity | undefined): Promise<boolean> => {
    const changed = lastChange.then(async () => {
      const next = make();
      if (next === undefined) return false;
      await storeIdentity(layout, next);
      current = next;
      for (const listener of listeners) listener();
      return true;
    });
    lastChange = changed.catch(() => undefined);
    return changed;
  };
  return {
    agent: stored.record.agent,
    stored: () => current,
    tls: () => current.tls,
    signingKeys: () => current.record.signingKeys,
    onDidChange(listener): Disposable {
      listeners.add(listener);
      return { dispose: () => void listeners.delete(listener) };
    },
    async replace(renewal) {
      await change(() => {
        const { certificate, signingKeys } = renewal;
        const next: StoredIdentity = {
          record: { ...current.record, signingKeys },
          tls: { ...current.tls, certificate, ca: adoptRoots(current.tls.ca, renewal) },
        };
        checkBelongTogether(next);
        return next;
      });
    },
    trust: (offered) =>
      change(() => {
        const ca = adoptRoots(current.tls.ca, offered);
        const isSame = fingerprintsIn(ca).toSorted().join() === fingerprintsIn(current.tls.ca).toSorted().join();
        const mqttUrl = offered.mqttUrl ?? current.record.mqttUrl;
        if (isSame && mqttUrl === current.record.mqttUrl) return undefined;
        return { record: { ...current.record, mqttUrl }, tls: { ...current.tls, ca } };
      }),
  };
}

export interface RenewalDeps {
  identity: LiveIdentity;
  clock: Clock;
  log: Logger;
  /** Uniform in [0, 1): keeps a fleet that was enrolled in one hour from renewing in one. */
  random: () => number;
}

/** Renews the certificate whenever half of its life is over, until `signal` aborts. Never rejects. */
export async function keepRenewed(deps: RenewalDeps, signal: AbortSignal): Promise<void> {
  const { identity, clock, log } = deps;
  let pauseMs = 0;
  while (!signal.aborted) {
    const { renewAtMs, toMs } = lifeOf(identity.tls().certificate);
    const waitMs = Math.min(Math.max(renewAtMs - clock.nowMs(), pauseMs), CHECK_MAX_MS);
    if (waitMs > 0) {
      if (!(await slept(clock, waitMs, signal))) return;
      pauseMs = Math.max(0, pauseMs - waitMs);
      continue;
    }
    try {
      await renew(identity, signal);
      pauseMs = RETRY_MIN_MS;
      log.info({ validToMs: lifeOf(identity.tls().certificate).toMs }, 'certificate renewed');
    } catch (error) {
      if (signal.aborted) return;
      pauseMs = retryAfterMs(deps, error, toMs);
      const code = error instanceof HarpError ? error.code : 'internal.unexpected';
      log.warn({ code, pauseMs, validToMs: toMs }, 'the certificate could not be renewed');
    }
  }
}

/** Asks the gateway for a new certificate for the same key. @throws {HarpError} */
export async function renew(identity: LiveIdentity, signal: AbortSignal): Promise<void> {
  const { record, tls } = identity.stored();
  const csr = await certificateRequest(tls.key);
  const within = AbortSignal.any([signal, AbortSignal.timeout(CALL_TIMEOUT_MS)]);
  const { body } = await callGateway({ url: record.gatewayUrl, ...tls }, gatewayPaths.renew, { csr }, Renewal, within);
  await identity.replace(body);
}

/** A sixteenth of the time that is left, so that tries are seldom at the beginning and frequent near the end; a refusal is not worth hurrying for. */
function retryAfterMs({ clock, random }: RenewalDeps, error: unknown, validToMs: number): number {
  const refused = isHarpError(error) && error.retry === 'never';
  const leftMs = validToMs - clock.nowMs();
  const baseMs = refused ? CHECK_MAX_MS : Math.min(CHECK_MAX_MS, Math.max(RETRY_MIN_MS, leftMs / 16));
  return baseMs * (0.5 + random());
}
