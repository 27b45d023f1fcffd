import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPrisma, type PrismaClient } from '@harp/prisma';
import { createTestDatabase, type TestDatabase } from '@harp/prisma/test-db';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fakeClock } from '../../test/fake-clock.ts';
import { silentLogger } from '../../test/silent-logger.ts';
import { createSealing } from '../protocol/node/index.ts';
import { createTrustStore } from '../store/trust-store.ts';
import { openPki } from './pki.ts';
import { fingerprintOf } from './pki-files.ts';
import { createTrustDesk } from './trust.ts';

const DAY_MS = 24 * 60 * 60_000;
let dir: string;
let database: TestDatabase;
let prisma: PrismaClient;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'harp-trust-'));
  database = await createTestDatabase();
  prisma = createPrisma(database.url);
});
afterAll(async () => {
  await prisma.$disconnect();
  await database.drop();
  await rm(dir, { recursive: true, force: true });
});

test('an issuing CA that is renewed by the clock is left for the audit log; other certificates are not', async () => {
  const clock = fakeClock(Date.now());
  const sealing = createSealing(randomBytes(32));
  const pki = await openPki({ dir: join(dir, 'pki'), sealing, serverNames: ['harp.example'], clock });
  const store = createTrustStore(prisma);
  const desk = createTrustDesk({ pki, store, mqttUrl: 'mqtts://harp.example', clock, logger: silentLogger });
  const before = fingerprintOf(pki.issuing);

  await clock.advance(1000 * DAY_MS);
  expect(await desk.renewDue()).toBe(true);
  expect(await prisma.auditOutbox.count()).toBe(0);

  await clock.advance(426 * DAY_MS);
  expect(await desk.renewDue()).toBe(true);
  expect(await desk.renewDue()).toBe(false);
  const rows = await prisma.auditOutbox.findMany();
  expect(rows.map(({ change }) => change)).toMatchObject([
    {
      action: 'authority.rotate',
      before: { issuing: before },
      after: { issuing: fingerprintOf(pki.issuing), step: 'issuing CA renewed' },
    },
  ]);
});
