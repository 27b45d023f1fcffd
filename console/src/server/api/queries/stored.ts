/** JSON documents that the workbench keeps at the server: a person's own, and the settings that hold for everybody. */
import { HarpError } from '@harp/broker/protocol';
import { Prisma, type PrismaClient } from '@harp/prisma';
import { z } from 'zod';
import type { ServerSettings, UserState, UserStateKey } from '../../../api/schemas.ts';

/** A layout with hundreds of editors has a tenth of this. */
const MAX_BYTES = 64 * 1024;

const SERVER_SETTINGS = 'console.settings';
const StoredSettings = z.object({ settings: z.record(z.string(), z.unknown()), updatedAtMs: z.int() });

/** What is stored for a person under a key; null before anything was. */
export async function readUserState(database: PrismaClient, userId: string, key: UserStateKey): Promise<UserState> {
  const row = await database.userState.findUnique({ where: { userId_key: { userId, key } } });
  return { key, value: row?.value ?? null, updatedAtMs: row?.updatedAt.getTime() ?? null };
}

/** Replaces it; the last writer wins. @throws {HarpError} `protocol.too_large` */
export async function writeUserState(
  database: PrismaClient,
  userId: string,
  key: UserStateKey,
  value: unknown,
  nowMs: number,
): Promise<UserState> {
  const stored = storable(value) ?? Prisma.JsonNull;
  const updatedAt = new Date(nowMs);
  await database.userState.upsert({
    where: { userId_key: { userId, key } },
    create: { userId, key, value: stored, updatedAt },
    update: { value: stored, updatedAt },
  });
  return { key, value: value ?? null, updatedAtMs: nowMs };
}

/** The settings of the server; none before anything was stored. */
export async function readServerSettings(database: PrismaClient): Promise<ServerSettings> {
  const row = await database.setting.findUnique({ where: { key: SERVER_SETTINGS } });
  return StoredSettings.safeParse(row?.value).data ?? { settings: {}, updatedAtMs: null };
}

/** Replaces them. @throws {HarpError} `protocol.too_large` */
export async function writeServerSettings(
  database: PrismaClient,
  settings: Record<string, unknown>,
  nowMs: number,
): Promise<ServerSettings> {
  const stored = { settings, updatedAtMs: nowMs };
  const value = storable(stored) ?? {};
  await database.setting.upsert({
    where: { key: SERVER_SETTINGS },
    create: { key: SERVER_SETTINGS, value },
    update: { value },
  });
  return stored;
}

/** The document as it is written, if it is not too large. That its texts can be stored was seen to when it came in. */
function storable(value: unknown): Prisma.InputJsonValue | null {
  const text = JSON.stringify(value ?? null);
  if (Buffer.byteLength(text) > MAX_BYTES)
    throw new HarpError('protocol.too_large', `a stored document may have ${MAX_BYTES / 1024} KiB at most`);
  return JSON.parse(text) as Prisma.InputJsonValue | null;
}
