/** Passwords at rest: scrypt with its parameters beside the hash, so that stronger ones can come later without anyone's password lapsing. */
import { type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import { HarpError } from '@harp/broker/protocol';
import type { RandomBytes } from '../ports.ts';

/** Makes and checks password hashes. */
export interface PasswordHasher {
  /** `scrypt$LOG2N$R$P$SALT$HASH`, the last two base64url. Takes 100 ms or more. @throws {HarpError} `api.rate_limited` when too many wait. */
  hash(password: string): Promise<string>;
  /**
   * Whether `password` gives `stored`. Takes as long when `stored` is undefined, so that nobody learns which names exist.
   *
   * @throws {HarpError} `api.rate_limited` when too many wait.
   */
  verify(password: string, stored: string | undefined): Promise<boolean>;
}

/** 2^16 × 8 × 128 bytes = 64 MiB and 150–400 ms of one core (2026): dear for whoever guesses, bearable once a day. */
const strength = { log2N: 16, r: 8, p: 1 } as const;
/** Two hashes at a time hold 128 MiB and half of libuv's threads. */
const MAX_RUNNING = 2;
/** Whoever waits behind these would wait for several seconds: say so at once instead. */
const MAX_WAITING = 16;
const SALT_BYTES = 16;
const HASH_BYTES = 32;

/** A hasher. `log2N` is for tests only; 15 is the least that may guard anything real. */
export function createPasswordHasher(randomBytes: RandomBytes, log2N: number = strength.log2N): PasswordHasher {
  const inTurn = createTurnstile(MAX_RUNNING, MAX_WAITING);
  const derive = (password: string, salt: Uint8Array, parameters: { log2N: number; r: number; p: number }) =>
    inTurn(() => scryptOf(password, salt, parameters));
  const standIn = randomBytes(SALT_BYTES);
  return {
    async hash(password) {
      const salt = randomBytes(SALT_BYTES);
      const hash = await derive(password, salt, { ...strength, log2N });
      return ['scrypt', log2N, strength.r, strength.p, base64Url(salt), base64Url(hash)].join('$');
    },
    async verify(password, stored) {
      const parts = /^scrypt\$(\d+)\$(\d+)\$(\d+)\$([\w-]+)\$([\w-]+)$/.exec(stored ?? '');
      if (parts === null) {
        await derive(password, standIn, { ...strength, log2N });
        return false;
      }
      const [, storedLog2N, r, p, salt, hash] = parts as unknown as [string, string, string, string, string, string];
      const expected = Buffer.from(hash, 'base64url');
      const actual = await derive(password, Buffer.from(salt, 'base64url'), {
        log2N: Number(storedLog2N),
        r: Number(r),
        p: Number(p),
      });
      return expected.length === actual.length && timingSafeEqual(expected, actual);
    },
  };
}

function scryptOf(
  password: string,
  salt: Uint8Array,
  { log2N, r, p }: { log2N: number; r: number; p: number },
): Promise<Buffer> {
  const N = 2 ** log2N;
  const options: ScryptOptions = { N, r, p, maxmem: 2 * 128 * N * r };
  return new Promise((resolve, reject) => {
    // NFC: the same password typed on two keyboards must be the same bytes.
    scrypt(password.normalize('NFC'), salt, HASH_BYTES, options, (error, hash) =>
      error === null ? resolve(hash) : reject(error),
    );
  });
}

function createTurnstile(maxRunning: number, maxWaiting: number) {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async <T>(run: () => Promise<T>): Promise<T> => {
    if (running >= maxRunning) {
      if (waiting.length >= maxWaiting)
        throw new HarpError('api.rate_limited', 'too many people sign in at this moment: try again in a few seconds', {
          facts: { retryAfterSeconds: 5 },
        });
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else running++;
    try {
      return await run();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running--;
      else next();
    }
  };
}

function base64Url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url');
}
