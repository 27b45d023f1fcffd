/**
 * API keys: how programs sign in (`Authorization: Bearer …`). Shown once, known here by their hash. A person's key does what it was made for, where it
 * was made for, until it expires, and never more than its owner may do at that moment. The server's own keys, in cli.json, do everything.
 */
import type { Prisma, PrismaClient } from '@harp/prisma';
import { type Action, actions } from '../../api/access-rules.ts';
import { grantColumns, placedRoles, placesOfScopes, type StoredScope } from '../access/grants.ts';
import { commonRights, type Rights, rightsOf, rightsTo } from '../access/rights.ts';
import type { Changes } from '../audit/request-audit.ts';
import type { AuditRecord } from '../audit/trail.ts';
import type { Tx } from '../content/rows.ts';
import type { Clock, RandomBytes } from '../ports.ts';
import { hashSecret, newId, newSecret } from './secrets.ts';

/** Every key starts with this, so that secret scanners can find one that leaked. */
export const API_KEY_PREFIX = 'harpkey_';

/** In place of a list of actions: all there are, later ones too. */
const EVERYTHING = '*';
/** Use is noted at most this often: one write in five minutes, not one a request. */
const NOTE_USE_EVERY_MS = 300_000;

/** A key that a person asks for. */
export interface KeyOrder extends StoredScope {
  name: string;
  actions: readonly Action[];
  expiresAtMs: number;
}

/** A key as its owner sees it. */
export interface KeyInfo extends StoredScope {
  id: string;
  name: string;
  actions: readonly Action[];
  createdAtMs: number;
  expiresAtMs: number | null;
  lastUsedAtMs: number | null;
  state: 'usable' | 'expired' | 'revoked';
}

export interface ApiKeys {
  /** A new key of the server's own. @returns the key itself, which is not stored. */
  create(name: string, changes: Changes): Promise<string>;
  /** A new key of a person. @returns its id, and the key itself, which is not stored. */
  createFor(userId: string, order: KeyOrder, changes: Changes): Promise<{ id: string; key: string }>;
  /** What the key is called and what it may do now, if it exists, has not expired and was not revoked. */
  find(key: string): Promise<{ id: string; name: string; rights: Rights } | undefined>;
  /** A person's keys, newest first, those that are of no use any more too. */
  listOf(userId: string): Promise<KeyInfo[]>;
  /** Revokes one of a person's keys. Says whether there is one. */
  revokeOf(userId: string, id: string, changes: Changes): Promise<boolean>;
  /** Revokes every key of the server's own of this name but `keep`. */
  revokeOthers(name: string, keep: string, changes: Changes): Promise<void>;
}

export function createApiKeys(
  database: Pick<PrismaClient, 'apiKey' | 'office'>,
  clock: Clock,
  randomBytes: RandomBytes,
): ApiKeys {
  const store = (name: string, userId: string | null, order: StoredKey, changes: Changes) =>
    changes.change(async (tx, record) => {
      const key = newSecret(API_KEY_PREFIX, randomBytes);
      const id = newId('key-', randomBytes);
      const { actions: may, everywhere, regions, officeIds, expiresAtMs } = order;
      const shown = { actions: [...may], everywhere, regions: [...regions], officeIds: [...officeIds] };
      await tx.apiKey.create({
        data: {
          id,
          name,
          keyHash: hashSecret(key),
          userId,
          ...shown,
          expiresAt: expiresAtMs === null ? null : new Date(expiresAtMs),
          createdAt: new Date(clock.nowMs()),
        },
      });
      record.add({ action: 'api-key.create', object: { kind: 'api-key', id, name }, after: { ...shown, expiresAtMs } });
      return { id, key };
    });
  const revoke = async (tx: Tx, record: AuditRecord, where: Prisma.ApiKeyWhereInput) => {
    const revokedAtMs = clock.nowMs();
    const rows = await tx.apiKey.updateManyAndReturn({
      where: { ...where, revokedAt: null },
      data: { revokedAt: new Date(revokedAtMs) },
      select: { id: true, name: true },
    });
    if (rows.length === 0) record.nothing();
    for (const { id, name } of rows)
      record.add({
        action: 'api-key.revoke',
        object: { kind: 'api-key', id, name },
        before: { revokedAtMs: null },
        after: { revokedAtMs },
      });
  };
  return {
    async create(name, changes) {
      const everything = { actions: [EVERYTHING], everywhere: true, regions: [], officeIds: [], expiresAtMs: null };
      return (await store(name, null, everything, changes)).key;
    },
    createFor: (userId, { name, ...order }, changes) => store(name, userId, order, changes),
    async find(key) {
      if (!key.startsWith(API_KEY_PREFIX)) return undefined;
      const keyHash = hashSecret(key);
      const row = await database.apiKey.findUnique({
        where: { keyHash },
        include: { user: { select: { grants: { select: grantColumns } } } },
      });
      const nowMs = clock.nowMs();
      if (row === null || row.revokedAt !== null || (row.expiresAt !== null && row.expiresAt.getTime() <= nowMs))
        return undefined;
      if (row.lastUsedAt === null || nowMs - row.lastUsedAt.getTime() >= NOTE_USE_EVERY_MS)
        await database.apiKey.updateMany({ where: { keyHash }, data: { lastUsedAt: new Date(nowMs) } });
      const [places] = await placesOfScopes(database, [row]);
      const own = rightsTo(actionsNamed(row.actions), places!);
      const rights =
        row.user === null ? own : commonRights(own, rightsOf(await placedRoles(database, row.user.grants)));
      return { id: row.id, name: row.name, rights };
    },
    async listOf(userId) {
      const rows = await database.apiKey.findMany({
        where: { userId },
        orderBy: [{ createdAt: 'desc' }, { id: 'asc' }],
        take: 1000,
      });
      return rows.map((row) => ({
        id: row.id,
        name: row.name,
        actions: actionsNamed(row.actions),
        everywhere: row.everywhere,
        regions: row.regions,
        officeIds: row.officeIds,
        createdAtMs: row.createdAt.getTime(),
        expiresAtMs: row.expiresAt?.getTime() ?? null,
        lastUsedAtMs: row.lastUsedAt?.getTime() ?? null,
        state:
          row.revokedAt !== null
            ? 'revoked'
            : row.expiresAt !== null && row.expiresAt.getTime() <= clock.nowMs()
              ? 'expired'
              : 'usable',
      }));
    },
    async revokeOf(userId, id, changes) {
      await changes.change((tx, record) => revoke(tx, record, { userId, id }));
      return (await database.apiKey.count({ where: { userId, id } })) > 0;
    },
    revokeOthers: (name, keep, changes) =>
      changes.change((tx, record) => revoke(tx, record, { name, userId: null, keyHash: { not: hashSecret(keep) } })),
  };
}

type StoredKey = StoredScope & { actions: readonly string[]; expiresAtMs: number | null };

/** The actions of these names; what is none any more allows nothing. */
function actionsNamed(names: readonly string[]): readonly Action[] {
  return names.includes(EVERYTHING) ? actions : actions.filter((action) => names.includes(action));
}
