/** Keeps the roots that this agent trusts those of its server, and tells the server which they are: it replaces its root only when everybody knows the new one. */
import { gatewayPaths, HarpError, isHarpError, TrustAnswer } from '@harp/broker/protocol';
import { slept } from '../wake.ts';
import { skewError } from './clock-skew.ts';
import { callGateway } from './gateway-client.ts';
import { type RenewalDeps, renew } from './renew.ts';
import { fingerprintsIn } from './roots.ts';

/** Spread by half to one and a half, so that a fleet that was switched on at eight does not ask at nine. */
const ASK_EVERY_MS = 3_600_000;
const CALL_TIMEOUT_MS = 30_000;
/** Each call may bring something new (roots, then a certificate), which the next one confirms. */
const CALLS_MAX = 4;

/** Asks at once and then about every hour, until `signal` aborts. Never rejects. */
export async function keepTrust(deps: RenewalDeps, signal: AbortSignal): Promise<void> {
  const { clock, log, random } = deps;
  do {
    try {
      await agreeOnRoots(deps, signal);
    } catch (error) {
      if (signal.aborted) return;
      const code = error instanceof HarpError ? error.code : 'internal.unexpected';
      // A server from before there was anything to ask.
      if (!isHarpError(error, 'api.not_found')) log.warn({ code }, 'the roots to trust could not be asked for');
    }
  } while (!signal.aborted && (await slept(clock, ASK_EVERY_MS * (0.5 + random()), signal)));
}

/** Tells the server what is trusted here until it has nothing new to say. @throws {HarpError} */
export async function agreeOnRoots({ identity, clock, log }: RenewalDeps, signal: AbortSignal): Promise<void> {
  for (let call = 0; call < CALLS_MAX; call++) {
    const { record, tls } = identity.stored();
    const within = AbortSignal.any([signal, AbortSignal.timeout(CALL_TIMEOUT_MS)]);
    const roots = fingerprintsIn(tls.ca);
    const access = { url: record.gatewayUrl, ...tls };
    const { body, serverMs } = await callGateway(access, gatewayPaths.trust, { roots }, TrustAnswer, within);
    const skew = serverMs === undefined ? undefined : skewError(clock.nowMs(), serverMs);
    if (skew !== undefined) log.warn({ code: skew.code, ...skew.facts }, skew.message);
    const changed = await identity.trust(body);
    if (identity.stored().record.mqttUrl !== record.mqttUrl)
      log.info({ mqttUrl: identity.stored().record.mqttUrl }, 'the broker is somewhere else now');
    if (identity.tls().ca !== tls.ca)
      log.info(
        { roots: fingerprintsIn(identity.tls().ca).map((root) => root.slice(0, 16)) },
        'other roots are trusted',
      );
    if (body.renew) await renew(identity, signal);
    if (!changed && !body.renew) return;
  }
}
