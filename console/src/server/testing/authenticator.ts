/** An authenticator app: what it shows for a secret that was typed into it. */
import { STEP_MS, totpCode } from '../auth/totp.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** The code at an instant. `secret` in base32, as people type it. */
export function codeShown(secret: string, nowMs: number): string {
  const bits = [...secret].map((letter) => ALPHABET.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const bytes = bits.match(/.{8}/g)!.map((byte) => Number.parseInt(byte, 2));
  return totpCode(Uint8Array.from(bytes), Math.floor(nowMs / STEP_MS));
}
