/** Sessions of people: a cookie's value, known here by its hash. They end 12 h after their last use and 7 days after they began. */
import type { PrismaClient } from '@harp/prisma';
import type { Clock, RandomBytes } from '../ports.ts';
import { hashSecret, newSecret } from './secrets.ts';

const HOUR_MS = 3_600_000;
/** A working day and its lunch break. */
export const SESSION_IDLE_MS = 12 * HOUR_MS;
export const SESSION_MAX_MS = 7 * 24 * HOUR_MS;
/** Use moves the end at most this often: one write in five minutes, not one a request. */
const RENEW_EVERY_MS = 300_000;

/** Who a session belongs to. */
export interface SessionUser {
  id: string;
  name: string;
  role: string;
}

export interface Sessions {
  /** Begins a session; returns the cookie's value, which is not stored. */
  open(userId: string): Promise<string>;
  /** Whose live session this is, if any. Counts as use. */
  find(value: string): Promise<SessionUser | undefined>;
  /** Ends a session; nothing happens if there is none. */
  close(value: string): Promise<void>;
  /** Deletes the rows of sessions that have ended. */
  purge(): Promise<void>;
}

export function createSessions(
  database: Pick<PrismaClient, 'session'>,
  clock: Clock,
  randomBytes: RandomBytes,
): Sessions {
  const endOf = (createdAtMs: number) =>
    new Date(Math.min(clock.nowMs() + SESSION_IDLE_MS, createdAtMs + SESSION_MAX_MS));
  return {
    async open(userId) {
      const value = newSecret('', randomBytes);
      const createdAtMs = clock.nowMs();
      await database.session.create({
        data: { tokenHash: hashSecret(value), userId, createdAt: new Date(createdAtMs), expiresAt: endOf(createdAtMs) },
      });
      return value;
    },
    async find(value) {
      const tokenHash = hashSecret(value);
      const session = await database.session.findUnique({
        where: { tokenHash },
        include: { user: { select: { id: true, name: true, role: true } } },
      });
      if (session === null || session.expiresAt.getTime() <= clock.nowMs()) return undefined;
      const expiresAt = endOf(session.createdAt.getTime());
      if (expiresAt.getTime() - session.expiresAt.getTime() >= RENEW_EVERY_MS)
        await database.session.updateMany({ where: { tokenHash }, data: { expiresAt } });
      return session.user;
    },
    async close(value) {
      await database.session.deleteMany({ where: { tokenHash: hashSecret(value) } });
    },
    async purge() {
      await database.session.deleteMany({ where: { expiresAt: { lte: new Date(clock.nowMs()) } } });
    },
  };
}
