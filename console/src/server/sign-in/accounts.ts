/**
 * Who may come in by a provider: people who linked their account there, who were invited and chose it in the place of a password, or whom the provider's
 * group lets in. Never by an e-mail address or a name: what is compared is the subject alone.
 */
import { HarpError } from '@harp/broker/protocol';
import { Prisma, type PrismaClient } from '@harp/prisma';
import type { LinkedAccount } from '../../api/schemas.ts';
import { actorOf, type Changes } from '../audit/request-audit.ts';
import type { AuditRecord } from '../audit/trail.ts';
import { createPending } from '../auth/pending.ts';
import { hashSecret, newId, newSecret } from '../auth/secrets.ts';
import { endSessions } from '../auth/sessions.ts';
import type { Tx } from '../content/rows.ts';
import type { Clock, RandomBytes } from '../ports.ts';
import { type Account, type Begun, beginAtProvider, finishAtProvider } from './provider-client.ts';
import type { OpenProvider, Providers } from './providers.ts';

const UNIQUE_VIOLATION = 'P2002';

interface Person {
  id: string;
  name: string;
  sessionId: string;
}

/** What somebody set out to do. */
export type Intent = { kind: 'sign-in'; invitation: string | undefined } | { kind: 'link'; person: Person };

/** What came of it. */
export type Arrival =
  | { kind: 'signed-in'; userId: string; providerName: string }
  | { kind: 'linked'; providerName: string };

export interface Accounts {
  /** Where the browser is to go, and the secret by which it is known when it comes back. @throws {HarpError} `api.not_found`, `provider.unreachable`, `provider.refused` */
  begin(providerId: string, intent: Intent, from: string): Promise<{ address: string; secret: string }>;
  /**
   * Who came back. Good once, whatever comes of it. `who` is signed in now, in the browser that came back.
   *
   * @throws {HarpError} `provider.refused`, `provider.unreachable`, `provider.stranger`, `account.linked_elsewhere`
   */
  finish(
    providerId: string,
    secret: string | undefined,
    query: URLSearchParams,
    who: Person | undefined,
    changes: Changes,
  ): Promise<Arrival>;
  /** A person's accounts, by provider. */
  listOf(userId: string): Promise<LinkedAccount[]>;
  /** Unlinks one of a person's accounts. Says whether there was one. @throws {HarpError} `api.forbidden` if it is their last way in */
  unlink(person: { id: string; name: string }, id: string, changes: Changes): Promise<boolean>;
}

export function createAccounts(
  database: PrismaClient,
  ports: { providers: Providers; consoleOrigin: string; clock: Clock; randomBytes: RandomBytes },
): Accounts {
  const { providers, consoleOrigin, clock, randomBytes } = ports;
  const pending = createPending<{ providerId: string; intent: Intent; begun: Begun }>(clock);
  const now = () => new Date(clock.nowMs());
  const userObject = ({ id, name }: { id: string; name: string }) => ({ kind: 'user', id, name }) as const;

  const link = async (
    tx: Tx,
    record: AuditRecord,
    user: { id: string; name: string },
    { provider, account, admitted }: { provider: OpenProvider; account: Account; admitted: boolean },
  ) => {
    const { subject, label } = account;
    await tx.linkedAccount.create({
      data: {
        id: newId('lnk-', randomBytes),
        providerId: provider.id,
        subject,
        userId: user.id,
        label,
        admitted,
        createdAt: now(),
        lastUsedAt: now(),
      },
    });
    record.add({
      action: 'account.link',
      object: userObject(user),
      after: { provider: provider.name, subject, label, admitted },
    });
  };

  const linkOwn = async (provider: OpenProvider, account: Account, person: Person, changes: Changes) => {
    const { id: providerId, name } = provider;
    const theirs = await database.linkedAccount.findUnique({
      where: { providerId_subject: { providerId, subject: account.subject } },
    });
    if (theirs?.userId === person.id) return;
    if (theirs !== null)
      throw new HarpError(
        'account.linked_elsewhere',
        `the account ${account.label} at ${name} belongs to somebody else here`,
      );
    await changes
      .change((tx, record) => link(tx, record, person, { provider, account, admitted: false }))
      .catch((error: unknown) => {
        if (!isUniqueViolation(error)) throw error;
        throw new HarpError('account.linked_elsewhere', `you have linked another account at ${name}: unlink it first`);
      });
  };

  /** Somebody who was invited, and comes with an account instead of a password. */
  const accept = async (provider: OpenProvider, account: Account, invitation: string, changes: Changes) => {
    const where = { secretHash: hashSecret(invitation), expiresAt: { gt: now() } };
    const open = await database.invitation.findFirst({ where });
    const ended = () =>
      new HarpError('api.unauthorised', 'this invitation was used, has ended, or was replaced by a newer one');
    if (open === null) throw ended();
    return changes
      .change(async (tx, record) => {
        // Deleting the invitation is the lock: of two answers at once, one deletes a row.
        if ((await tx.invitation.deleteMany({ where })).count === 0) throw ended();
        const user = await tx.user.findUniqueOrThrow({ where: { id: open.userId } });
        await endSessions(tx, user.id);
        record.by(actorOf({ kind: 'user', ...user }));
        await link(tx, record, user, { provider, account, admitted: false });
        return user.id;
      })
      .catch((error: unknown) => {
        if (!isUniqueViolation(error)) throw error;
        throw new HarpError('account.linked_elsewhere', `the account ${account.label} is linked here already`);
      });
  };

  /** Somebody whom the provider's group lets in, seen for the first time. */
  const admit = async (provider: OpenProvider, account: Account, role: string, changes: Changes) => {
    for (const name of namesFor(account.label, provider.name)) {
      if ((await database.user.count({ where: { name } })) > 0) continue;
      const id = newId('usr-', randomBytes);
      const grant = { id: newId('grt-', randomBytes), role, everywhere: true };
      const made = changes.change(async (tx, record) => {
        await tx.user.create({ data: { id, name, passwordHash: '', createdAt: now(), grants: { create: grant } } });
        record.by(actorOf({ kind: 'user', id, name }));
        record.add({
          action: 'user.create',
          object: userObject({ id, name }),
          after: { role, provider: provider.name, group: provider.admitGroup },
        });
        await link(tx, record, { id, name }, { provider, account, admitted: true });
        return id;
      });
      // Somebody took the name, or the same person came twice, in this moment.
      const own = await made.catch((error: unknown) => {
        if (!isUniqueViolation(error)) throw error;
        return undefined;
      });
      if (own !== undefined) return own;
    }
    throw new HarpError(
      'provider.stranger',
      `everybody called ${account.label} is somebody else here: ask for an invitation`,
    );
  };

  const signIn = async (provider: OpenProvider, account: Account, invitation: string | undefined, changes: Changes) => {
    const { id: providerId, name, admitGroup, admitRole } = provider;
    const isAdmitted = admitGroup !== null && admitRole !== null && account.groups.includes(admitGroup);
    const known = await database.linkedAccount.findUnique({
      where: { providerId_subject: { providerId, subject: account.subject } },
    });
    if (known !== null) {
      // Whoever left the group has lost what it gave.
      if (known.admitted && !isAdmitted)
        throw new HarpError(
          'provider.stranger',
          `your account at ${name} is not in the group any more that lets people in here`,
        );
      await database.linkedAccount.updateMany({
        where: { id: known.id },
        data: { label: account.label, lastUsedAt: now() },
      });
      return known.userId;
    }
    if (invitation !== undefined) return accept(provider, account, invitation, changes);
    if (isAdmitted) return admit(provider, account, admitRole, changes);
    throw new HarpError(
      'provider.stranger',
      `nobody here has the account ${account.label} at ${name}: sign in another way and link it under Account, or ask for an invitation`,
    );
  };

  return {
    async begin(providerId, intent, from) {
      const provider = await providers.open(providerId, true);
      if (provider === undefined) throw new HarpError('api.not_found', 'there is no such way to sign in');
      const { address, begun } = await beginAtProvider(provider, consoleOrigin);
      const secret = newSecret('', randomBytes);
      pending.put(secret, from, { providerId, intent, begun });
      return { address, secret };
    },

    async finish(providerId, secret, query, who, changes) {
      const flow = secret === undefined ? undefined : pending.take(secret);
      if (flow === undefined || flow.providerId !== providerId)
        throw new HarpError(
          'provider.refused',
          'this browser has not begun to sign in there, or too long ago, or has used the answer already: begin again',
        );
      const provider = await providers.open(providerId, true);
      if (provider === undefined) throw new HarpError('api.not_found', 'there is no such way to sign in any more');
      const { intent, begun } = flow;
      if (intent.kind === 'link' && intent.person.sessionId !== who?.sessionId)
        throw new HarpError('api.unauthorised', 'your session has ended meanwhile: sign in and begin again');
      const account = await finishAtProvider(provider, consoleOrigin, query, begun);
      if (intent.kind === 'link') {
        await linkOwn(provider, account, intent.person, changes);
        return { kind: 'linked', providerName: provider.name };
      }
      const userId = await signIn(provider, account, intent.invitation, changes);
      return { kind: 'signed-in', userId, providerName: provider.name };
    },

    async listOf(userId) {
      const rows = await database.linkedAccount.findMany({
        where: { userId },
        orderBy: { provider: { name: 'asc' } },
        include: { provider: { select: { name: true } } },
      });
      return rows.map(({ id, providerId, provider, label, createdAt, lastUsedAt }) => ({
        id,
        providerId,
        providerName: provider.name,
        label,
        createdAtMs: createdAt.getTime(),
        lastUsedAtMs: lastUsedAt?.getTime() ?? null,
      }));
    },

    unlink: (person, id, changes) =>
      changes.change(async (tx, record) => {
        const row = await tx.linkedAccount.findFirst({ where: { id, userId: person.id }, include: { provider: true } });
        if (row === null) {
          record.nothing();
          return false;
        }
        const user = await tx.user.findUniqueOrThrow({
          where: { id: person.id },
          select: { passwordHash: true, _count: { select: { links: true, passkeys: true } } },
        });
        if (user.passwordHash === '' && user._count.links + user._count.passkeys < 2)
          throw new HarpError(
            'api.forbidden',
            'this is your last way in: add a passkey, or ask for an invitation to choose a password',
          );
        await tx.linkedAccount.deleteMany({ where: { id } });
        record.add({
          action: 'account.unlink',
          object: userObject(person),
          before: { provider: row.provider.name, subject: row.subject, label: row.label },
        });
        return true;
      }),
  };
}

/** What somebody may be called who comes with this name. */
function namesFor(label: string, provider: string): string[] {
  const short = [...label].slice(0, 40).join('');
  return [label, ...['', ' 2', ' 3', ' 4'].map((more) => `${short} (${[...provider].slice(0, 12).join('')}${more})`)];
}

function isUniqueViolation(error: unknown): boolean {
  return error instanceof Prisma.PrismaClientKnownRequestError && error.code === UNIQUE_VIOLATION;
}
