/** A wrong clock is a common cause with strange effects, so it is looked for by itself and told with how much it is off. */
import { HarpError } from '@harp/broker/protocol';

/** Beyond this, certificates made now may not be valid here yet, and reports land at wrong times. The issuer back-dates by an hour. */
const CLOCK_SKEW_MAX_MS = 5 * 60_000;

/** What is wrong with this computer's clock by the server's, if anything. */
export function skewError(nowMs: number, serverMs: number): HarpError | undefined {
  const skewMs = nowMs - serverMs;
  if (Math.abs(skewMs) <= CLOCK_SKEW_MAX_MS) return undefined;
  const minutes = Math.round(Math.abs(skewMs) / 60_000);
  const side = skewMs > 0 ? 'ahead of' : 'behind';
  return new HarpError('enrolment.clock_skew', `this computer’s clock is ${minutes} minutes ${side} the server’s`, {
    facts: { minutes, side, server: new Date(serverMs).toISOString() },
  });
}

/** @throws {HarpError} `enrolment.clock_skew` */
export function refuseSkew(nowMs: number, serverMs: number): void {
  const error = skewError(nowMs, serverMs);
  if (error !== undefined) throw error;
}
