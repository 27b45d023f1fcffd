/** JSON documents that the workbench keeps at the server: a person's own, and the settings that hold for everybody. */
import { HarpError } from '@harp/broker/protocol';
import { Prisma, type PrismaClient } from '@harp/prisma';
import { z } from 'zod';
import type { ServerSettings, UserState, UserStateKey } from '../../../api/schemas.ts';
import type { Changes } from '../../audit/request-audit.ts';

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
export async function readServerSettings(database: Pick<PrismaClient, 'setting'>): Promise<ServerSettings> {
  const row = await database.setting.findUnique({ where: { key: SERVER_SETTINGS } });
  return StoredSettings.safeParse(row?.value).data ?? { settings: {}, updatedAtMs: null };
}

/** Replaces them. @throws {HarpError} `protocol.too_large` */
export async function writeServerSettings(
  changes: Changes,
  settings: Record<string, unknown>,
  nowMs: number,
): Promise<ServerSettings> {
  const stored = { settings, updatedAtMs: nowMs };
  const value = storable(stored) ?? {};
  await changes.change(async (tx, record) => {
    // Two writers at once: the second then compares with what the first has written.
    await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtext(${SERVER_SETTINGS}))`;
    const before = await readServerSettings(tx);
    await tx.setting.upsert({
      where: { key: SERVER_SETTINGS },
      create: { key: SERVER_SETTINGS, value },
      update: { value },
    });
    const difference = differing(before.settings, settings);
    if (difference === undefined) return record.nothing();
    record.add({
      action: 'settings.update',
      object: { kind: 'settings', id: SERVER_SETTINGS, name: SERVER_SETTINGS },
      ...difference,
    });
  });
  return stored;
}

/** Both sides of what differs, by setting: 64 KiB of which one word changed are no help to anybody. */
function differing(before: Record<string, unknown>, after: Record<string, unknown>) {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]),
  );
  const part = (settings: Record<string, unknown>) =>
    Object.fromEntries(names.filter((name) => Object.hasOwn(settings, name)).map((name) => [name, settings[name]]));
  return names.length === 0 ? undefined : { before: part(before), after: part(after) };
}

/** The document as it is written, if it is not too large. That its texts can be stored was seen to when it came in. */
function storable(value: unknown): Prisma.InputJsonValue | null {
  const text = JSON.stringify(value ?? null);
  if (Buffer.byteLength(text) > MAX_BYTES)
    throw new HarpError('protocol.too_large', `a stored document may have ${MAX_BYTES / 1024} KiB at most`);
  return JSON.parse(text) as Prisma.InputJsonValue | null;
}
