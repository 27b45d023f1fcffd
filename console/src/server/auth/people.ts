/**
 * People: invited by an owner, with roles from the first moment. An invitation is a secret with which they choose their password; a new one replaces a
 * password that was forgotten or is known to others. There is always somebody who may do everything.
 */
import { HarpError } from '@harp/broker/protocol';
import { Prisma, type PrismaClient } from '@harp/prisma';
import type { PersonSummary, RoleGrant } from '../../api/schemas.ts';
import { grantColumns, roleNamed } from '../access/grants.ts';
import { actorOf, type Changes } from '../audit/request-audit.ts';
import type { AuditRecord } from '../audit/trail.ts';
import type { Clock, RandomBytes } from '../ports.ts';
import type { Locks } from './locks.ts';
import type { PasswordHasher } from './passwords.ts';
import { hashSecret, newId, newSecret } from './secrets.ts';
import { endSessions } from './sessions.ts';
import { normaliseUserName } from './setup.ts';

/** Scanners for secrets find one that leaked by this. */
export const INVITATION_PREFIX = 'harpinvite_';
/** A week: who is on holiday is invited again. */
export const INVITATION_MS = 7 * 86_400_000;
/** Any number that no other advisory lock of this database uses: two changes at once would each see the other's owner. */
const OWNERS_LOCK = 0x4861_7271;
const UNIQUE_VIOLATION = 'P2002';

/** Somebody who was invited; `invitation` is shown once. */
export interface Invited {
  person: PersonSummary;
  invitation: string;
  expiresAtMs: number;
}

export interface People {
  /** Everybody, by name. */
  list(): Promise<PersonSummary[]>;
  /** @throws {HarpError} `people.name_taken` */
  invite(name: string, grants: readonly RoleGrant[], changes: Changes): Promise<Invited>;
  /** Invites again. The password there is holds until the new one is chosen. @throws {HarpError} `api.not_found` */
  inviteAgain(id: string, changes: Changes): Promise<Invited>;
  /** Sets the password, ends every session of the person, forgets the invitation. The person's id; undefined if the invitation is none or too old. */
  accept(invitation: string, password: string, changes: Changes): Promise<string | undefined>;
  /** Replaces the roles. @throws {HarpError} `api.not_found`, `people.last_owner` */
  setGrants(id: string, grants: readonly RoleGrant[], changes: Changes): Promise<PersonSummary>;
  /** Signs a person out everywhere; says of how many sessions. @throws {HarpError} `api.not_found` */
  signOut(id: string, changes: Changes): Promise<number>;
  /** Lets a person sign in without a second factor. @throws {HarpError} `api.not_found` */
  endTwoFactor(id: string, changes: Changes): Promise<void>;
  /** Forgets a person's passkeys and unlinks their accounts elsewhere; ends all of their sessions. @throws {HarpError} `api.not_found` */
  endWaysIn(id: string, changes: Changes): Promise<void>;
  /** Lets a person try their password again at once. @throws {HarpError} `api.not_found` */
  unlock(id: string, changes: Changes): Promise<PersonSummary>;
  /** Takes a person away with their sessions, keys and state. @throws {HarpError} `api.not_found`, `people.last_owner` */
  remove(id: string, changes: Changes): Promise<void>;
}

type Transaction = Prisma.TransactionClient;

export function createPeople(
  database: PrismaClient,
  hasher: PasswordHasher,
  clock: Clock,
  randomBytes: RandomBytes,
  locks: Locks,
): People {
  const peopleNow = async (reader: Transaction, where: Prisma.UserWhereInput): Promise<PersonSummary[]> => {
    const lockedUntil = new Map(locks.list().map(({ id, untilMs }) => [id, untilMs]));
    const rows = await peopleWhere(reader, where, clock.nowMs());
    return rows.map((row) => ({ ...row, lockedUntilMs: lockedUntil.get(row.id) ?? null }));
  };
  const summaryOf = async (reader: Transaction, id: string): Promise<PersonSummary> => {
    const [person] = await peopleNow(reader, { id });
    if (person === undefined) throw notFound(id);
    return person;
  };
  const grantRows = (grants: readonly RoleGrant[]) =>
    grants.map(({ role, everywhere, regions, officeIds }) => ({
      id: newId('grt-', randomBytes),
      role,
      everywhere,
      regions: everywhere ? [] : regions,
      officeIds: everywhere ? [] : officeIds,
    }));
  const newInvitation = () => {
    const invitation = newSecret(INVITATION_PREFIX, randomBytes);
    const expiresAtMs = clock.nowMs() + INVITATION_MS;
    return { invitation, expiresAtMs, row: { secretHash: hashSecret(invitation), expiresAt: new Date(expiresAtMs) } };
  };
  /** Runs a change of who owns; what would leave nobody is taken back. */
  const keepingAnOwner = <T>(
    changes: Changes,
    change: (transaction: Transaction, record: AuditRecord) => Promise<T>,
  ): Promise<T> =>
    changes.change(async (transaction, record) => {
      await transaction.$executeRaw`SELECT pg_advisory_xact_lock(${OWNERS_LOCK}::bigint)`;
      const done = await change(transaction, record);
      // Somebody who was invited and never came owns nothing yet.
      const owners = await transaction.grant.count({
        where: { role: 'owner', everywhere: true, user: { passwordHash: { not: '' } } },
      });
      if (owners === 0)
        throw new HarpError(
          'people.last_owner',
          'nobody would be left who may do everything: make somebody else owner first',
        );
      return done;
    });

  return {
    list: () => peopleNow(database, {}),

    async invite(name, grants, changes) {
      const { invitation, expiresAtMs, row } = newInvitation();
      const id = newId('usr-', randomBytes);
      try {
        return await changes.change(async (transaction, record) => {
          await transaction.user.create({
            data: {
              id,
              name: normaliseUserName(name),
              passwordHash: '',
              createdAt: new Date(clock.nowMs()),
              grants: { create: grantRows(grants) },
              invitation: { create: row },
            },
          });
          const person = await summaryOf(transaction, id);
          record.add({
            action: 'user.invite',
            object: objectOf(person),
            after: { grants: person.grants, expiresAtMs },
          });
          return { person, invitation, expiresAtMs };
        });
      } catch (error) {
        if (error instanceof Prisma.PrismaClientKnownRequestError && error.code === UNIQUE_VIOLATION)
          throw new HarpError('people.name_taken', `somebody is called ${name} already`);
        throw error;
      }
    },

    async inviteAgain(id, changes) {
      const { invitation, expiresAtMs, row } = newInvitation();
      return changes.change(async (transaction, record) => {
        const before = await summaryOf(transaction, id);
        await transaction.invitation.upsert({ where: { userId: id }, create: { userId: id, ...row }, update: row });
        record.add({
          action: 'user.invite',
          object: objectOf(before),
          before: { expiresAtMs: before.invitedUntilMs },
          after: { expiresAtMs },
        });
        return { person: await summaryOf(transaction, id), invitation, expiresAtMs };
      });
    },

    async accept(invitation, password, changes) {
      const where = { secretHash: hashSecret(invitation), expiresAt: { gt: new Date(clock.nowMs()) } };
      const open = await database.invitation.findFirst({ where });
      if (open === null) return undefined;
      const passwordHash = await hasher.hash(password);
      return changes.change(async (transaction, record) => {
        // Deleting the invitation is the lock: of two answers at once, one deletes a row.
        if ((await transaction.invitation.deleteMany({ where })).count === 0) {
          record.nothing();
          return undefined;
        }
        const { id, name } = await transaction.user.update({ where: { id: open.userId }, data: { passwordHash } });
        await endSessions(transaction, id);
        record.by(actorOf({ kind: 'user', id, name }));
        record.add({ action: 'user.accept', object: objectOf({ id, name }) });
        return id;
      });
    },

    setGrants: (id, grants, changes) =>
      keepingAnOwner(changes, async (transaction, record) => {
        const before = await summaryOf(transaction, id);
        await transaction.grant.deleteMany({ where: { userId: id } });
        await transaction.grant.createMany({ data: grantRows(grants).map((row) => ({ ...row, userId: id })) });
        const person = await summaryOf(transaction, id);
        record.add({
          action: 'user.grant',
          object: objectOf(person),
          before: { grants: before.grants },
          after: { grants: person.grants },
        });
        return person;
      }),

    signOut: (id, changes) =>
      changes.change(async (transaction, record) => {
        const person = await summaryOf(transaction, id);
        const ended = await endSessions(transaction, id);
        record.add({
          action: 'session.end',
          object: objectOf(person),
          before: { sessions: ended },
          after: { sessions: 0 },
        });
        return ended;
      }),

    endTwoFactor: (id, changes) =>
      changes.change(async (transaction, record) => {
        const person = await summaryOf(transaction, id);
        const { count } = await transaction.twoFactor.deleteMany({ where: { userId: id } });
        if (count === 0) return record.nothing();
        record.add({ action: 'second-factor.off', object: objectOf(person) });
      }),

    endWaysIn: (id, changes) =>
      changes.change(async (transaction, record) => {
        const person = await summaryOf(transaction, id);
        const { count: passkeys } = await transaction.passkey.deleteMany({ where: { userId: id } });
        const { count: accounts } = await transaction.linkedAccount.deleteMany({ where: { userId: id } });
        const sessions = await endSessions(transaction, id);
        if (passkeys + accounts + sessions === 0) return record.nothing();
        // Counts: what is called by a secret's name is not shown.
        const before = { devices: passkeys, accounts, sessions };
        record.add({ action: 'passkey.remove', object: objectOf(person), before });
      }),

    async unlock(id, changes) {
      const person = await summaryOf(database, id);
      await locks.unlock(person, changes);
      return { ...person, lockedUntilMs: null };
    },

    remove: (id, changes) =>
      keepingAnOwner(changes, async (transaction, record) => {
        const person = await summaryOf(transaction, id);
        await transaction.user.delete({ where: { id } });
        record.add({ action: 'user.remove', object: objectOf(person), before: { grants: person.grants } });
      }),
  };
}

function objectOf({ id, name }: { id: string; name: string }) {
  return { kind: 'user', id, name } as const;
}

/** Some people, by name. */
async function peopleWhere(
  reader: Transaction,
  where: Prisma.UserWhereInput,
  nowMs: number,
): Promise<Omit<PersonSummary, 'lockedUntilMs'>[]> {
  const now = new Date(nowMs);
  const rows = await reader.user.findMany({
    where,
    orderBy: { name: 'asc' },
    include: {
      grants: { select: grantColumns, orderBy: { id: 'asc' } },
      invitation: { select: { expiresAt: true } },
      _count: { select: { sessions: { where: { expiresAt: { gt: now } } }, links: true } },
    },
  });
  return rows.map(({ id, name, passwordHash, createdAt, grants, invitation, _count }) => ({
    id,
    name,
    active: passwordHash !== '' || _count.links > 0,
    invitedUntilMs: invitation === null || invitation.expiresAt <= now ? null : invitation.expiresAt.getTime(),
    createdAtMs: createdAt.getTime(),
    sessions: _count.sessions,
    grants: grants.flatMap(({ role, ...scope }) => {
      const known = roleNamed(role);
      return known === undefined ? [] : [{ role: known, ...scope }];
    }),
  }));
}

function notFound(id: string): HarpError {
  return new HarpError('api.not_found', `there is nobody of the id ${id}`);
}
