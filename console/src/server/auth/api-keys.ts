/** API keys: how programs sign in (`Authorization: Bearer …`). Shown once, known here by their hash. */
import type { PrismaClient } from '@harp/prisma';
import type { Clock, RandomBytes } from '../ports.ts';
import { hashSecret, newId, newSecret } from './secrets.ts';

/** Every key starts with this, so that secret scanners can find one that leaked. */
export const API_KEY_PREFIX = 'harpkey_';

export interface ApiKeys {
  /** A new key. @returns the key itself, which is not stored. */
  create(name: string): Promise<string>;
  /** What the key is called, if it exists and was not revoked. */
  find(key: string): Promise<{ id: string; name: string } | undefined>;
  /** Revokes every key of this name but `keep`. */
  revokeOthers(name: string, keep: string): Promise<void>;
}

export function createApiKeys(database: Pick<PrismaClient, 'apiKey'>, clock: Clock, randomBytes: RandomBytes): ApiKeys {
  return {
    async create(name) {
      const key = newSecret(API_KEY_PREFIX, randomBytes);
      await database.apiKey.create({
        data: { id: newId('key-', randomBytes), name, keyHash: hashSecret(key), createdAt: new Date(clock.nowMs()) },
      });
      return key;
    },
    async find(key) {
      if (!key.startsWith(API_KEY_PREFIX)) return undefined;
      const row = await database.apiKey.findUnique({ where: { keyHash: hashSecret(key) } });
      return row === null || row.revokedAt !== null ? undefined : { id: row.id, name: row.name };
    },
    async revokeOthers(name, keep) {
      await database.apiKey.updateMany({
        where: { name, revokedAt: null, keyHash: { not: hashSecret(keep) } },
        data: { revokedAt: new Date(clock.nowMs()) },
      });
    },
  };
}
