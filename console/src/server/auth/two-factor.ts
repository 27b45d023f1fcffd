/**
 * The second factor: codes of an authenticator app, and recovery codes for the day the telephone is gone. A code is good once. The app's secret is kept
 * sealed, recovery codes as hashes.
 */
import { HarpError, toBase32 } from '@harp/broker/protocol';
import type { PrismaClient } from '@harp/prisma';
import type { Changes } from '../audit/request-audit.ts';
import type { SealedPlace, Secrets } from '../keys/secrets.ts';
import type { Clock, RandomBytes } from '../ports.ts';
import { hashSecret } from './secrets.ts';
import { endSessions } from './sessions.ts';
import { stepOfCode, TOTP_SECRET_BYTES, totpAddress, totpSecretText } from './totp.ts';

const RECOVERY_CODES = 10;
/** 80 random bits: a plain hash of them leads nowhere. */
const RECOVERY_BYTES = 10;

export interface TwoFactorState {
  on: boolean;
  /** Recovery codes that were not used. */
  recoveryLeft: number;
  /** Whether the person has a password. */
  password: boolean;
}

export interface TwoFactor {
  state(userId: string): Promise<TwoFactorState>;
  /** A new secret for an app, of no consequence before `confirm`. @throws {HarpError} `account.two_factor_on` */
  begin(person: { id: string; name: string }): Promise<{ secret: string; address: string }>;
  /** Turns it on if the app gives the right code. The recovery codes, which are shown once; undefined for a wrong code. */
  confirm(person: { id: string; name: string }, code: string, changes: Changes): Promise<string[] | undefined>;
  /** Whether a code, or a recovery code, is right. It is good once. */
  check(userId: string, code: string): Promise<boolean>;
  /** Turns it off; nothing happens if it is. */
  turnOff(person: { id: string; name: string }, changes: Changes): Promise<void>;
}

export function createTwoFactor(
  database: Pick<PrismaClient, 'twoFactor' | 'user' | '$executeRaw'>,
  { secrets, clock, randomBytes }: { secrets: Secrets; clock: Clock; randomBytes: RandomBytes },
): TwoFactor {
  const secretOf = ({ userId, secretSealed }: { userId: string; secretSealed: string }) =>
    Buffer.from(secrets.open(placeOf(userId), secretSealed), 'base64url');

  /** Takes the step of a right code, so that nobody who looked over a shoulder has the code too. */
  const takeCode = async (row: { userId: string; secretSealed: string }, code: string): Promise<boolean> => {
    const step = stepOfCode(secretOf(row), code, clock.nowMs());
    if (step === undefined) return false;
    const { count } = await database.twoFactor.updateMany({
      where: { userId: row.userId, lastStep: { lt: step } },
      data: { lastStep: step },
    });
    return count > 0;
  };

  return {
    async state(userId) {
      const user = await database.user.findUnique({
        where: { id: userId },
        select: { passwordHash: true, twoFactor: { select: { confirmedAt: true, recoveryHashes: true } } },
      });
      const on = (user?.twoFactor?.confirmedAt ?? null) !== null;
      const recoveryLeft = on ? (user?.twoFactor?.recoveryHashes.length ?? 0) : 0;
      return { on, recoveryLeft, password: (user?.passwordHash ?? '') !== '' };
    },

    async begin({ id, name }) {
      const secret = randomBytes(TOTP_SECRET_BYTES);
      const secretSealed = secrets.seal(placeOf(id), Buffer.from(secret).toString('base64url'));
      const fresh = { secretSealed, lastStep: 0, recoveryHashes: [] };
      await database.twoFactor.createMany({ data: { userId: id, ...fresh }, skipDuplicates: true });
      const { count } = await database.twoFactor.updateMany({ where: { userId: id, confirmedAt: null }, data: fresh });
      if (count === 0)
        throw new HarpError('account.two_factor_on', 'the second factor is on already: turn it off to begin anew');
      return { secret: totpSecretText(secret), address: totpAddress(secret, name) };
    },

    async confirm({ id: userId, name }, code, changes) {
      const row = await database.twoFactor.findUnique({ where: { userId } });
      if (row === null || row.confirmedAt !== null || !(await takeCode(row, code))) return undefined;
      const codes = Array.from({ length: RECOVERY_CODES }, () => grouped(toBase32(randomBytes(RECOVERY_BYTES))));
      return changes.change(async (tx, record) => {
        const { count } = await tx.twoFactor.updateMany({
          // The secret that was confirmed, not one that was begun meanwhile.
          where: { userId, confirmedAt: null, secretSealed: row.secretSealed },
          data: { confirmedAt: new Date(clock.nowMs()), recoveryHashes: codes.map(recoveryHash) },
        });
        if (count === 0) {
          record.nothing();
          return undefined;
        }
        // Whoever had a stolen session would keep it.
        await endSessions(tx, userId);
        record.add({ action: 'second-factor.on', object: { kind: 'user', id: userId, name } });
        return codes;
      });
    },

    async check(userId, code) {
      const row = await database.twoFactor.findUnique({ where: { userId } });
      if (row === null || row.confirmedAt === null) return false;
      if (await takeCode(row, code.replaceAll(/\s/g, ''))) return true;
      const hash = recoveryHash(code);
      // One statement, so of two who show the same code at once one is in.
      const taken = await database.$executeRaw`
        UPDATE "TwoFactor" SET "recoveryHashes" = array_remove("recoveryHashes", ${hash})
        WHERE "userId" = ${userId} AND "confirmedAt" IS NOT NULL AND ${hash} = ANY ("recoveryHashes")`;
      return taken > 0;
    },

    turnOff: ({ id, name }, changes) =>
      changes.change(async (tx, record) => {
        const { count } = await tx.twoFactor.deleteMany({ where: { userId: id } });
        if (count === 0) record.nothing();
        else record.add({ action: 'second-factor.off', object: { kind: 'user', id, name } });
      }),
  };
}

function placeOf(userId: string): SealedPlace {
  return { table: 'TwoFactor', column: 'secretSealed', id: userId };
}

/** As people read it: `abcd-efgh-ijkl-mnop`. */
function grouped(code: string): string {
  return code.match(/.{4}/g)!.join('-');
}

/** Case, hyphens and spaces do not matter. */
function recoveryHash(code: string): string {
  return hashSecret(code.toLowerCase().replaceAll(/[^a-z2-7]/g, ''));
}
