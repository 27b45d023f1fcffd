/** Codes of authenticator apps: TOTP (RFC 6238) with SHA-1, six digits, 30 seconds, the one kind that every app reads. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { toBase32 } from '@harp/broker/protocol';

export const STEP_MS = 30_000;
const DIGITS = 6;
/** RFC 4226 wants 128 bits at least and recommends 160. */
export const TOTP_SECRET_BYTES = 20;
/** Clocks of telephones may be this many steps off, either way. */
const TOLERATED_STEPS = 1;

/** The code of a step. */
export function totpCode(secret: Uint8Array, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', secret).update(counter).digest();
  const offset = mac.at(-1)! & 0x0f;
  const number = mac.readUInt32BE(offset) & 0x7fff_ffff;
  return String(number % 10 ** DIGITS).padStart(DIGITS, '0');
}

/** The step at which `code` holds now; undefined if it holds at none. */
export function stepOfCode(secret: Uint8Array, code: string, nowMs: number): number | undefined {
  if (!/^\d{6}$/.test(code)) return undefined;
  const present = Math.floor(nowMs / STEP_MS);
  const typed = Buffer.from(code);
  let found: number | undefined;
  // All are compared, so that how long it takes says nothing.
  for (let step = present - TOLERATED_STEPS; step <= present + TOLERATED_STEPS; step++)
    if (step >= 0 && timingSafeEqual(Buffer.from(totpCode(secret, step)), typed)) found = step;
  return found;
}

/** The secret as people type it into an app. */
export function totpSecretText(secret: Uint8Array): string {
  return toBase32(secret).toUpperCase();
}

/** What an app reads from a picture. */
export function totpAddress(secret: Uint8Array, name: string): string {
  return `otpauth://totp/${encodeURIComponent(`Harp:${name}`)}?secret=${totpSecretText(secret)}&issuer=Harp`;
}
