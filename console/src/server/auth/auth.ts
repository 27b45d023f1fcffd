/**
 * Who is asking: people by session cookie, programs by API key; and how they come to have one. The API asks `identify` at each request and knows
 * nothing of cookies' contents, hashes or back-off.
 */
import { HarpError } from '@harp/broker/protocol';
import type { PrismaClient } from '@harp/prisma';
import type { Clock, RandomBytes } from '../ports.ts';
import { type ApiKeys, createApiKeys } from './api-keys.ts';
import { createBackOff } from './back-off.ts';
import { createPasswordHasher, type PasswordHasher } from './passwords.ts';
import { createSessions, type Sessions, type SessionUser } from './sessions.ts';
import { createSetup, normaliseUserName } from './setup.ts';

/** Somebody who may use the API. */
export type Identity =
  | { kind: 'user'; id: string; name: string; role: string }
  | { kind: 'api-key'; id: string; name: string };

/** What a request shows of itself. */
export interface Credentials {
  /** The session cookie's value. */
  session: string | undefined;
  /** The `Authorization` header. */
  authorization: string | undefined;
  /** Where it comes from: guessing is slowed per address. */
  address: string;
}

export interface Auth {
  /**
   * Who this is; undefined if nobody. An API key that is shown must be right, whatever the cookie says.
   *
   * @throws {HarpError} `api.unauthorised` for a wrong key, `api.rate_limited`
   */
  identify(credentials: Credentials): Promise<Identity | undefined>;
  /** Signs in; returns the cookie's value. @throws {HarpError} `api.unauthorised`, `api.rate_limited` */
  signIn(name: string, password: string, address: string): Promise<{ session: string; user: SessionUser }>;
  signOut(session: string): Promise<void>;
  setupNeeded(): Promise<boolean>;
  /** A new set-up code, or null when there is an administrator. Replaces the one before. */
  newSetupCode(): Promise<string | null>;
  /** Makes the first administrator and signs in. @throws {HarpError} `api.unauthorised`, `api.setup_done`, `api.rate_limited` */
  setUp(
    request: { code: string; name: string; password: string },
    address: string,
  ): Promise<{ session: string; user: SessionUser }>;
  readonly keys: ApiKeys;
  readonly sessions: Sessions;
}

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
/** One name from everywhere: slow enough against guessing, short enough that an attacker cannot lock the owner out for long. */
const namePatience = { freeFailures: 5, baseMs: SECOND_MS, capMs: MINUTE_MS };
/** One address for all names: an office's people may share one. */
const addressPatience = { freeFailures: 20, baseMs: SECOND_MS, capMs: 15 * MINUTE_MS };
/** The set-up code has 40 bits: at one guess in 30 s from everywhere together, a hit takes longer than anyone lives. */
const setupPatience = { freeFailures: 10, baseMs: SECOND_MS, capMs: 30 * SECOND_MS };

export interface AuthPorts {
  database: PrismaClient;
  clock: Clock;
  randomBytes: RandomBytes;
  /** For tests, which cannot spend 200 ms a hash. */
  hasher?: PasswordHasher;
}

export function createAuth({ database, clock, randomBytes, hasher: given }: AuthPorts): Auth {
  const hasher = given ?? createPasswordHasher(randomBytes);
  const sessions = createSessions(database, clock, randomBytes);
  const keys = createApiKeys(database, clock, randomBytes);
  const setup = createSetup(database, hasher, clock, randomBytes);
  const byName = createBackOff(namePatience, clock);
  const byAddress = createBackOff(addressPatience, clock);
  const bySetup = createBackOff(setupPatience, clock);

  const openFor = async (user: SessionUser) => ({ session: await sessions.open(user.id), user });

  return {
    keys,
    sessions,
    setupNeeded: () => setup.needed(),
    newSetupCode: () => setup.newCode(),
    signOut: (session) => sessions.close(session),

    async identify({ session, authorization, address }) {
      if (authorization !== undefined) {
        const key = /^Bearer ([\w-]{1,200})$/.exec(authorization)?.[1];
        const found = key === undefined ? undefined : await keys.find(key);
        if (found === undefined) {
          // Only wrong keys are counted: a forgotten script with an old one must not lock out its neighbours at the same address.
          await byAddress.guard(`key ${address}`, async () => undefined);
          throw new HarpError('api.unauthorised', 'this API key is not known here, or was revoked');
        }
        return { kind: 'api-key', ...found };
      }
      if (session === undefined) return undefined;
      const user = await sessions.find(session);
      return user === undefined ? undefined : { kind: 'user', ...user };
    },

    async signIn(name, password, address) {
      const known = normaliseUserName(name);
      const user = await byAddress.guard(`name ${address}`, () =>
        byName.guard(known, async () => {
          const row = await database.user.findUnique({ where: { name: known } });
          const right = await hasher.verify(password, row?.passwordHash);
          return right && row !== null ? { id: row.id, name: row.name, role: row.role } : undefined;
        }),
      );
      if (user === undefined) throw new HarpError('api.unauthorised', 'name or password is wrong');
      return openFor(user);
    },

    async setUp({ code, name, password }, address) {
      const user = await byAddress.guard(`setup ${address}`, () =>
        bySetup.guard('everyone', () => setup.complete(code, name, password)),
      );
      if (user === undefined)
        throw new HarpError(
          'api.unauthorised',
          'the code is wrong: use the one printed at the last start of the server',
        );
      return openFor(user);
    },
  };
}
