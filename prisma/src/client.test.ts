import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPrisma } from './client.ts';
import type { PrismaClient } from './generated/client.ts';
import { createTestDatabase, type TestDatabase } from './test-db.ts';

let database: TestDatabase;
let prisma: PrismaClient;

beforeAll(async () => {
  database = await createTestDatabase();
  prisma = createPrisma(database.url, { poolSize: 2 });
});

afterAll(async () => {
  await prisma.$disconnect();
  await database.drop();
});

test('bytes, big integers, instants, JSON and lists come back as they went in', async () => {
  const bytes = new Uint8Array(256).map((_, index) => index);
  const byteCount = 2n ** 62n + 1n;
  const createdAt = new Date('2026-02-28T23:59:59.123Z');
  await prisma.blob.create({ data: { id: 'b', kind: 'manifest', bytes, createdAt } });
  await prisma.nextcloud.create({ data: { id: 'n', name: 'n', url: 'u', userName: 'u', passwordSealed: 's' } });
  await prisma.folder.create({ data: { id: 'f', name: 'f', nextcloudId: 'n', path: '/', link: '0', byteCount } });
  await prisma.office.create({
    data: { id: 'o', name: 'o', subnets: ['10.0.0.0/8', '::/0'], policy: { limit: 1.5, names: ['ä', '😀'] } },
  });

  expect(await prisma.blob.findUnique({ where: { id: 'b' } })).toMatchObject({ bytes, createdAt });
  expect(await prisma.folder.findUnique({ where: { id: 'f' } })).toMatchObject({ byteCount });
  expect(await prisma.office.findUnique({ where: { id: 'o' } })).toMatchObject({
    subnets: ['10.0.0.0/8', '::/0'],
    policy: { limit: 1.5, names: ['ä', '😀'] },
  });
});

test('a transaction that throws leaves nothing behind', async () => {
  const attempt = prisma.$transaction(async (tx) => {
    await tx.setting.create({ data: { key: 'half', value: 1 } });
    throw new Error('changed my mind');
  });
  await expect(attempt).rejects.toThrow('changed my mind');
  expect(await prisma.setting.findUnique({ where: { key: 'half' } })).toBeNull();
});

test('a client outlives the loss of its connections', async () => {
  await prisma.setting.count();
  await prisma.$executeRaw`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()`.catch(
    () => {},
  );
  await expect.poll(() => prisma.setting.count().catch(() => -1)).toBe(0);
});
