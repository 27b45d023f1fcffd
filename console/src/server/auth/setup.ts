/** First run: whoever can read the server's output may make the first owner, once. */
import { HarpError } from '@harp/broker/protocol';
import type { PrismaClient } from '@harp/prisma';
import { actorOf, type Changes } from '../audit/request-audit.ts';
import type { Clock, RandomBytes } from '../ports.ts';
import type { PasswordHasher } from './passwords.ts';
import { newId } from './secrets.ts';

/** 32 letters and digits that cannot be mistaken for each other when read aloud. */
const ALPHABET = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';
const CODE_LENGTH = 8;
const SETTING = 'setup.code';

export interface Setup {
  /** Whether an owner has still to be made. */
  needed(): Promise<boolean>;
  /** A new code that replaces any older one, as people read it (`ABCD-EFGH`); null once there is an owner. Call at each start. */
  newCode(): Promise<string | null>;
  /**
   * Makes the first owner and forgets the code. The owner's id; undefined if the code is wrong.
   *
   * @throws {HarpError} `api.setup_done` if there is one already
   */
  complete(code: string, name: string, password: string, changes: Changes): Promise<string | undefined>;
}

export function createSetup(
  database: PrismaClient,
  hasher: PasswordHasher,
  clock: Clock,
  randomBytes: RandomBytes,
): Setup {
  const done = () => new HarpError('api.setup_done', 'the first owner exists already: sign in');
  return {
    async needed() {
      return (await database.user.count()) === 0;
    },
    async newCode() {
      if ((await database.user.count()) > 0) {
        await database.setting.deleteMany({ where: { key: SETTING } });
        return null;
      }
      // 256 is a multiple of 32, so every character is equally likely.
      const code = Array.from(randomBytes(CODE_LENGTH), (byte) => ALPHABET[byte % ALPHABET.length]).join('');
      const value = { hash: await hasher.hash(code) };
      await database.setting.upsert({ where: { key: SETTING }, create: { key: SETTING, value }, update: { value } });
      return `${code.slice(0, 4)}-${code.slice(4)}`;
    },
    async complete(code, given, password, changes) {
      if ((await database.user.count()) > 0) throw done();
      const setting = await database.setting.findUnique({ where: { key: SETTING } });
      if (!(await hasher.verify(plain(code), hashIn(setting?.value)))) return undefined;
      const passwordHash = await hasher.hash(password);
      const name = normaliseUserName(given);
      return changes.change(async (transaction, record) => {
        // Deleting the code is the lock: of two requests at once, one deletes a row.
        const { count } = await transaction.setting.deleteMany({ where: { key: SETTING } });
        if (count === 0 || (await transaction.user.count()) > 0) throw done();
        const { id } = await transaction.user.create({
          data: {
            id: newId('usr-', randomBytes),
            name,
            passwordHash,
            grants: { create: { id: newId('grt-', randomBytes), role: 'owner', everywhere: true } },
            createdAt: new Date(clock.nowMs()),
          },
        });
        record.by(actorOf({ kind: 'user', id, name }));
        record.add({ action: 'user.create', object: { kind: 'user', id, name }, after: { role: 'owner' } });
        return id;
      });
    },
  };
}

/** The one spelling of a user's name that is stored and looked up. */
export function normaliseUserName(name: string): string {
  return name.trim().normalize('NFC');
}

/** A code as typed: case, hyphens and spaces do not matter. */
function plain(code: string): string {
  return code.toUpperCase().replaceAll(/[^A-Z0-9]/g, '');
}

function hashIn(value: unknown): string | undefined {
  const hash = typeof value === 'object' && value !== null && 'hash' in value ? value.hash : undefined;
  return typeof hash === 'string' ? hash : undefined;
}
