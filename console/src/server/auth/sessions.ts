/** Sessions of people: a cookie's value, known here by its hash. They end 12 h after their last use and 7 days after they began. */
import type { PrismaClient } from '@harp/prisma';
import type { Role } from '../../api/access-rules.ts';
import { grantColumns, highestRole, placedRoles } from '../access/grants.ts';
import { type Rights, rightsOf } from '../access/rights.ts';
import type { Changes } from '../audit/request-audit.ts';
import type { Tx } from '../content/rows.ts';
import type { Clock, RandomBytes } from '../ports.ts';
import { hashSecret, newId, newSecret } from './secrets.ts';

const HOUR_MS = 3_600_000;
/** A working day and its lunch break. */
export const SESSION_IDLE_MS = 12 * HOUR_MS;
export const SESSION_MAX_MS = 7 * 24 * HOUR_MS;
/** Use moves the end at most this often: one write in five minutes, not one a request. */
const RENEW_EVERY_MS = 300_000;
/** Longer names of browsers are cut: the beginning says which it is. */
const MAX_USER_AGENT = 300;

/** Who a session belongs to, and what they may do now. */
export interface SessionUser {
  id: string;
  name: string;
  /** The one of their roles that may most; null for somebody without any. */
  role: Role | null;
  rights: Rights;
  /** Names this session among the person's others. */
  sessionId: string;
}

/** A session as its owner sees it. */
export interface OpenSession {
  id: string;
  address: string;
  userAgent: string;
  createdAtMs: number;
  expiresAtMs: number;
}

/** Whose sessions they are. */
interface Person {
  id: string;
  name: string;
}

/** Where a session is opened from. */
export interface Visitor {
  address: string;
  userAgent: string;
  /** What the browser shows of an earlier sign-in. */
  device?: string | undefined;
}

export interface Sessions {
  /** Begins a session; returns the cookie's value, which is not stored. */
  open(userId: string, visitor?: Visitor): Promise<string>;
  /** Whose live session this is, if any. Counts as use. */
  find(value: string): Promise<SessionUser | undefined>;
  /** Ends a session; nothing happens if there is none. */
  close(value: string): Promise<void>;
  /** A person's live sessions, newest first. */
  listOf(userId: string): Promise<OpenSession[]>;
  /** Ends one of a person's sessions. Says whether there was one. */
  end(person: Person, id: string, changes: Changes): Promise<boolean>;
  /** Ends all of a person's sessions but the one named. Says how many there were. */
  endOthers(person: Person, keep: string, changes: Changes): Promise<number>;
  /** Deletes the rows of sessions that have ended. */
  purge(): Promise<void>;
}

export function createSessions(
  database: Pick<PrismaClient, 'session' | 'office'>,
  clock: Clock,
  randomBytes: RandomBytes,
): Sessions {
  const endOf = (createdAtMs: number) =>
    new Date(Math.min(clock.nowMs() + SESSION_IDLE_MS, createdAtMs + SESSION_MAX_MS));
  return {
    async open(userId, { address, userAgent } = { address: '', userAgent: '' }) {
      const value = newSecret('', randomBytes);
      const createdAtMs = clock.nowMs();
      await database.session.create({
        data: {
          tokenHash: hashSecret(value),
          id: newId('ses-', randomBytes),
          userId,
          address,
          userAgent: userAgent.slice(0, MAX_USER_AGENT),
          createdAt: new Date(createdAtMs),
          expiresAt: endOf(createdAtMs),
        },
      });
      return value;
    },
    async find(value) {
      const tokenHash = hashSecret(value);
      const session = await database.session.findUnique({
        where: { tokenHash },
        include: { user: { select: { id: true, name: true, grants: { select: grantColumns } } } },
      });
      if (session === null || session.expiresAt.getTime() <= clock.nowMs()) return undefined;
      const expiresAt = endOf(session.createdAt.getTime());
      if (expiresAt.getTime() - session.expiresAt.getTime() >= RENEW_EVERY_MS)
        await database.session.updateMany({ where: { tokenHash }, data: { expiresAt } });
      const { id, name, grants } = session.user;
      return {
        id,
        name,
        role: highestRole(grants.map(({ role }) => role)) ?? null,
        rights: rightsOf(await placedRoles(database, grants)),
        sessionId: session.id,
      };
    },
    async close(value) {
      await database.session.deleteMany({ where: { tokenHash: hashSecret(value) } });
    },
    async listOf(userId) {
      const rows = await database.session.findMany({
        where: { userId, expiresAt: { gt: new Date(clock.nowMs()) } },
        orderBy: [{ createdAt: 'desc' }, { id: 'asc' }],
      });
      return rows.map(({ id, address, userAgent, createdAt, expiresAt }) => ({
        id,
        address,
        userAgent,
        createdAtMs: createdAt.getTime(),
        expiresAtMs: expiresAt.getTime(),
      }));
    },
    end: ({ id: userId, name }, id, changes) =>
      changes.change(async (tx, record) => {
        const session = await tx.session.findFirst({ where: { userId, id } });
        const { count } = await tx.session.deleteMany({ where: { userId, id } });
        if (session === null || count === 0) {
          record.nothing();
          return false;
        }
        const { address, userAgent } = session;
        record.add({
          action: 'session.end',
          object: { kind: 'user', id: userId, name },
          before: { address, userAgent },
        });
        return true;
      }),
    endOthers: ({ id, name }, keep, changes) =>
      changes.change(async (tx, record) => {
        const ended = await endSessions(tx, id, keep);
        if (ended === 0) record.nothing();
        else record.add({ action: 'session.end', object: { kind: 'user', id, name }, before: { sessions: ended } });
        return ended;
      }),
    async purge() {
      await database.session.deleteMany({ where: { expiresAt: { lte: new Date(clock.nowMs()) } } });
    },
  };
}

/** Ends all of a person's sessions, but the one named. Says how many there were. */
export async function endSessions(tx: Tx, userId: string, keep?: string): Promise<number> {
  const { count } = await tx.session.deleteMany({
    where: { userId, ...(keep === undefined ? {} : { id: { not: keep } }) },
  });
  return count;
}
