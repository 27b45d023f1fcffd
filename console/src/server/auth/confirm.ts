/** Asked again of whoever is signed in, before what a stolen session must not do. */
import { HarpError } from '@harp/broker/protocol';
import type { PrismaClient } from '@harp/prisma';
import type { Changes } from '../audit/request-audit.ts';
import type { Clock } from '../ports.ts';
import type { BackOff } from './back-off.ts';
import type { Locks } from './locks.ts';
import type { PasswordHasher } from './passwords.ts';
import type { TwoFactor } from './two-factor.ts';

/** Somebody without a password has just signed in elsewhere, if it was so long ago at most. */
const RECENT_MS = 10 * 60_000;

interface Person {
  id: string;
  name: string;
}

export interface Confirm {
  /** @throws {HarpError} `api.forbidden` if the password is not theirs, `api.rate_limited` */
  password(person: Person, password: string, changes: Changes): Promise<void>;
  /** @throws {HarpError} `api.forbidden` if the code of the second factor is wrong, `api.rate_limited` */
  code(person: Person, code: string, changes: Changes): Promise<void>;
  /**
   * Whatever they can show: the password, and the code where one is needed; for people who have no password, a session that is minutes old.
   *
   * @throws {HarpError} `api.invalid`, `api.forbidden`, `api.second_factor`, `api.rate_limited`
   */
  presence(
    person: Person & { sessionId: string },
    shown: { password?: string | undefined; code?: string | undefined },
    changes: Changes,
  ): Promise<void>;
}

/** Failures of a person who is signed in, by their id and not their name: strangers who guess cannot lock them out. */
export function ownKey(userId: string): string {
  return `own ${userId}`;
}

export function createConfirm(ports: {
  database: Pick<PrismaClient, 'user' | 'session'>;
  hasher: PasswordHasher;
  twoFactor: TwoFactor;
  locks: Locks;
  byPassword: BackOff;
  byCode: BackOff;
  clock: Clock;
}): Confirm {
  const { database, hasher, twoFactor, locks, byPassword, byCode, clock } = ports;
  const once = async (counter: BackOff, person: Person, changes: Changes, isRight: () => Promise<boolean>) => {
    const key = ownKey(person.id);
    const right = await counter.guard(key, async () => ((await isRight()) ? true : undefined), {
      onLock: (untilMs) => locks.locked(person, key, untilMs, changes),
    });
    return right === true;
  };
  const password: Confirm['password'] = async (person, given, changes) => {
    const right = await once(byPassword, person, changes, async () => {
      const row = await database.user.findUnique({ where: { id: person.id } });
      return hasher.verify(given, row?.passwordHash);
    });
    // Not `unauthorised`: whoever mistypes here is still signed in.
    if (!right) throw new HarpError('api.forbidden', 'the present password is wrong');
  };
  const code: Confirm['code'] = async (person, given, changes) => {
    if (!(await once(byCode, person, changes, () => twoFactor.check(person.id, given))))
      throw new HarpError('api.forbidden', 'the code is wrong, or was used already');
  };
  return {
    password,
    code,
    async presence(person, shown, changes) {
      const row = await database.user.findUnique({ where: { id: person.id }, select: { passwordHash: true } });
      if (row?.passwordHash !== '') {
        if (shown.password === undefined) throw new HarpError('api.invalid', 'enter your password');
        await password(person, shown.password, changes);
        if (!(await twoFactor.state(person.id)).on) return;
        if (shown.code === undefined)
          throw new HarpError('api.second_factor', 'enter the code of your authenticator app, or a recovery code');
        return code(person, shown.code, changes);
      }
      const session = await database.session.findUnique({ where: { id: person.sessionId } });
      if (session === null || clock.nowMs() - session.createdAt.getTime() > RECENT_MS)
        throw new HarpError('api.forbidden', 'sign out and in again first: this was too long ago');
    },
  };
}
