/**
 * Who is asking: people by session cookie, programs by API key; and how they come to have one. The API asks `identify` at each request and knows
 * nothing of cookies' contents, hashes or back-off.
 */
import { HarpError, siteOf } from '@harp/broker/protocol';
import type { PrismaClient } from '@harp/prisma';
import type { Role } from '../../api/access-rules.ts';
import type { Rights } from '../access/rights.ts';
import type { Changes } from '../audit/request-audit.ts';
import type { Secrets } from '../keys/secrets.ts';
import type { Clock, RandomBytes } from '../ports.ts';
import { type ApiKeys, createApiKeys } from './api-keys.ts';
import { createBackOff } from './back-off.ts';
import { type Confirm, createConfirm, ownKey } from './confirm.ts';
import type { ConsoleAddress } from './console-address.ts';
import { createDevices } from './devices.ts';
import { createLocks, type Locks } from './locks.ts';
import { createPasskeys, type Passkeys, type ShownCredential } from './passkeys.ts';
import { createPasswordHasher, type PasswordHasher } from './passwords.ts';
import { createPeople, type People } from './people.ts';
import { hashSecret } from './secrets.ts';
import { createSessions, endSessions, type Sessions, type SessionUser, type Visitor } from './sessions.ts';
import { createSetup, normaliseUserName } from './setup.ts';
import { createTwoFactor, type TwoFactor } from './two-factor.ts';

/** Somebody who may use the API, as far as `rights` goes. */
export type Identity =
  | { kind: 'user'; id: string; name: string; role: Role | null; rights: Rights; sessionId: string }
  | { kind: 'api-key'; id: string; name: string; rights: Rights };

/** What a request shows of itself. */
export interface Credentials {
  /** The session cookie's value. */
  session: string | undefined;
  /** The `Authorization` header. */
  authorization: string | undefined;
  /** Where it comes from: guessing is slowed per address. */
  address: string;
}

/** What a browser is given that has signed in. */
export interface SignedIn {
  /** The session cookie's value. */
  session: string;
  /** By which the browser is known at its next sign-in. */
  device: string;
  user: SessionUser;
}

export interface Auth {
  /**
   * Who this is; undefined if nobody. An API key that is shown must be right, whatever the cookie says.
   *
   * @throws {HarpError} `api.unauthorised` for a wrong key, `api.rate_limited`
   */
  identify(credentials: Credentials): Promise<Identity | undefined>;
  /**
   * Signs in. Whoever has a second factor shows its code in the same request.
   *
   * @throws {HarpError} `api.unauthorised`, `api.second_factor` if all but the code is right, `api.rate_limited`
   */
  signIn(
    proof: { name: string; password: string; code?: string | undefined },
    visitor: Visitor,
    changes: Changes,
  ): Promise<SignedIn>;
  signOut(session: string): Promise<void>;
  setupNeeded(): Promise<boolean>;
  /** A new set-up code, or null when there is an owner. Replaces the one before. */
  newSetupCode(): Promise<string | null>;
  /** Makes the first owner and signs in. @throws {HarpError} `api.unauthorised`, `api.setup_done`, `api.rate_limited` */
  setUp(
    request: { code: string; name: string; password: string },
    visitor: Visitor,
    changes: Changes,
  ): Promise<SignedIn>;
  /** Chooses the password that an invitation is for, and signs in. @throws {HarpError} `api.unauthorised`, `api.rate_limited` */
  acceptInvitation(
    answer: { invitation: string; password: string },
    visitor: Visitor,
    changes: Changes,
  ): Promise<SignedIn>;
  /**
   * Replaces a person's password, ends all their sessions and opens a new one.
   *
   * @throws {HarpError} `api.forbidden` if the present one is wrong, `api.rate_limited`
   */
  changePassword(
    person: { id: string; name: string },
    passwords: { current: string; next: string },
    visitor: Visitor,
    changes: Changes,
  ): Promise<SignedIn>;
  readonly keys: ApiKeys;
  readonly sessions: Sessions;
  readonly people: People;
  readonly twoFactor: TwoFactor;
  /** Opens a session for somebody whom another provider vouches for. @throws {HarpError} `api.unauthorised` if there is nobody of this id */
  openFor(userId: string, visitor: Visitor): Promise<SignedIn>;
  readonly confirm: Confirm;
  readonly passkeys: Passkeys;
  /** Signs in with a passkey, which counts as both factors. @throws {HarpError} `api.unauthorised`, `account.passkey_refused`, `api.rate_limited` */
  signInWithPasskey(
    secret: string | undefined,
    shown: ShownCredential,
    visitor: Visitor,
  ): Promise<SignedIn & { passkey: string }>;
  /**
   * Turns a person's second factor on with its first code, ends all their sessions and opens a new one.
   *
   * @throws {HarpError} `api.forbidden`, `api.rate_limited`
   */
  confirmTwoFactor(
    person: { id: string; name: string },
    code: string,
    visitor: Visitor,
    changes: Changes,
  ): Promise<{ recoveryCodes: string[] } & SignedIn>;
  /** Who is locked out. */
  readonly locks: Locks;
}

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
/** Wrong passwords and wrong codes alike. */
export const LOCK = { failures: 10, ms: 15 * MINUTE_MS };
/**
 * One name from everywhere, whether or not somebody has it: slow enough against guessing. Locked, it is so for strangers only: sessions go on, and a browser that
 * its owner has signed in with before is counted by itself.
 */
const namePatience = { freeFailures: 5, baseMs: SECOND_MS, capMs: MINUTE_MS, lock: LOCK };
/**
 * One address for all names: an office's people may share one. Three names can be locked from one in half an hour, not all there are, and an account of one's own
 * does not help. Browsers that are known for a name do not count here and are not kept waiting.
 */
const addressPatience = { freeFailures: 20, baseMs: SECOND_MS, capMs: 15 * MINUTE_MS };
/** The set-up code has 40 bits: at one guess in 30 s from everywhere together, a hit takes longer than anyone lives. */
const setupPatience = { freeFailures: 10, baseMs: SECOND_MS, capMs: 30 * SECOND_MS };

export interface AuthPorts {
  database: PrismaClient;
  clock: Clock;
  randomBytes: RandomBytes;
  secrets: Secrets;
  /** Where people reach the console. */
  address: ConsoleAddress;
  /** For tests, which cannot spend 200 ms a hash. */
  hasher?: PasswordHasher;
}

export function createAuth({ database, clock, randomBytes, secrets, address, hasher: given }: AuthPorts): Auth {
  const hasher = given ?? createPasswordHasher(randomBytes);
  const sessions = createSessions(database, clock, randomBytes);
  const keys = createApiKeys(database, clock, randomBytes);
  const twoFactor = createTwoFactor(database, { secrets, clock, randomBytes });
  const setup = createSetup(database, hasher, clock, randomBytes);
  const byName = createBackOff(namePatience, clock);
  const byAddress = createBackOff(addressPatience, clock);
  const bySetup = createBackOff(setupPatience, clock);
  const byCode = createBackOff(namePatience, clock);
  const locks = createLocks([byName, byCode], clock);
  const people = createPeople(database, hasher, clock, randomBytes, locks);
  const devices = createDevices(secrets, clock, randomBytes);
  const passkeys = createPasskeys(database, { address, clock, randomBytes });
  const confirm = createConfirm({ database, hasher, twoFactor, locks, byPassword: byName, byCode, clock });

  const isCode = async (userId: string, code: string | undefined) =>
    code !== undefined && (await twoFactor.check(userId, code));
  const openFor = async (userId: string, visitor: Visitor): Promise<SignedIn> => {
    const session = await sessions.open(userId, visitor);
    const [user, row] = await Promise.all([
      sessions.find(session),
      database.user.findUnique({ where: { id: userId }, select: { id: true, passwordHash: true } }),
    ]);
    // Whoever was deleted in this moment.
    if (user === undefined || row === null) throw wrongPassword();
    return { session, device: devices.mark(row), user };
  };

  return {
    keys,
    sessions,
    people,
    twoFactor,
    locks,
    confirm,
    passkeys,
    openFor,
    setupNeeded: () => setup.needed(),
    newSetupCode: () => setup.newCode(),
    signOut: (session) => sessions.close(session),

    async identify({ session, authorization, address }) {
      if (authorization !== undefined) {
        const key = /^Bearer ([\w-]{1,200})$/.exec(authorization)?.[1];
        const found = key === undefined ? undefined : await keys.find(key);
        if (found === undefined) {
          // Only wrong keys are counted: a forgotten script with an old one must not lock out its neighbours at the same address.
          await byAddress.guard(`key ${siteOf(address)}`, async () => undefined);
          throw new HarpError('api.unauthorised', 'this API key is not known here, or was revoked');
        }
        return { kind: 'api-key', ...found };
      }
      if (session === undefined) return undefined;
      const user = await sessions.find(session);
      return user === undefined ? undefined : { kind: 'user', ...user };
    },

    async signIn({ name, password, code }, visitor, changes) {
      const known = normaliseUserName(name);
      const row = await database.user.findUnique({ where: { name: known } });
      const device = row === null ? undefined : devices.read(visitor.device, row);
      const key = device ?? `name ${known}`;
      const attempt = async () => {
        const right = await hasher.verify(password, row?.passwordHash);
        if (!right || row === null) return undefined;
        // Thrown, so that it stands as a failure: a right password must not clear what wrong codes have counted.
        if ((await twoFactor.state(row.id)).on && !(await isCode(row.id, code))) throw codeNeeded(code);
        return row.id;
      };
      const onLock = async (untilMs: number) => {
        if (row !== null) await locks.locked(row, key, untilMs, changes);
      };
      const guarded = () => byName.guard(key, attempt, { onLock });
      // Whoever guesses where a known browser is, behind the same proxy or line, does not keep it out.
      const userId =
        device === undefined
          ? await byAddress.guard(`name ${siteOf(visitor.address)}`, guarded, { by: known })
          : await guarded();
      if (userId === undefined) throw wrongPassword();
      return openFor(userId, visitor);
    },

    async acceptInvitation({ invitation, password }, visitor, changes) {
      const userId = await byAddress.guard(
        `invitation ${siteOf(visitor.address)}`,
        () => people.accept(invitation, password, changes),
        { by: hashSecret(invitation) },
      );
      if (userId === undefined)
        throw new HarpError('api.unauthorised', 'this invitation was used, has ended, or was replaced by a newer one');
      return openFor(userId, visitor);
    },

    async signInWithPasskey(secret, shown, visitor) {
      const known = await byAddress.guard(`passkey ${siteOf(visitor.address)}`, () => passkeys.signIn(secret, shown), {
        by: hashSecret(shown.id),
      });
      if (known === undefined)
        throw new HarpError('api.unauthorised', 'this passkey is not known here, or was removed: sign in another way');
      return { ...(await openFor(known.userId, visitor)), passkey: known.passkey };
    },

    async confirmTwoFactor({ id, name }, code, visitor, changes) {
      const recoveryCodes = await byCode.guard(ownKey(id), () => twoFactor.confirm({ id, name }, code, changes));
      if (recoveryCodes === undefined)
        throw new HarpError('api.forbidden', 'the code is wrong: is the clock of the telephone right?');
      return { recoveryCodes, ...(await openFor(id, visitor)) };
    },

    async changePassword({ id, name }, { current, next }, visitor, changes) {
      await confirm.password({ id, name }, current, changes);
      const passwordHash = await hasher.hash(next);
      await changes.change(async (tx, record) => {
        await tx.user.update({ where: { id }, data: { passwordHash } });
        await endSessions(tx, id);
        record.add({ action: 'user.password', object: { kind: 'user', id, name } });
      });
      return openFor(id, visitor);
    },

    async setUp({ code, name, password }, visitor, changes) {
      const userId = await byAddress.guard(`setup ${siteOf(visitor.address)}`, () =>
        bySetup.guard('everyone', () => setup.complete(code, name, password, changes)),
      );
      if (userId === undefined)
        throw new HarpError(
          'api.unauthorised',
          'the code is wrong: use the one printed at the last start of the server',
        );
      return openFor(userId, visitor);
    },
  };
}

function codeNeeded(code: string | undefined): HarpError {
  return new HarpError(
    'api.second_factor',
    code === undefined
      ? 'enter the code of your authenticator app, or a recovery code'
      : 'the code is wrong, or was used already',
  );
}

function wrongPassword(): HarpError {
  return new HarpError('api.unauthorised', 'name or password is wrong');
}
