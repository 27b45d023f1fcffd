import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beginMasterRotation, openSealing, PKI_KEY, readSealedFile, writeSealedFile } from '@harp/broker/protocol/node';
import { createPrisma, type PrismaClient } from '@harp/prisma';
import { createTestDatabase, type TestDatabase } from '@harp/prisma/test-db';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { silentLogger } from '../ports.ts';
import { resealIfPending, sealedColumns } from './reseal.ts';
import { secretsWith } from './secrets.ts';
import { openSigner } from './signing-key.ts';

let database: TestDatabase;
let prisma: PrismaClient;
let dataDir: string;
beforeAll(async () => {
  database = await createTestDatabase();
  prisma = createPrisma(database.url);
});
afterAll(async () => {
  await prisma.$disconnect();
  await database.drop();
});
beforeEach(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), 'harp-reseal-'));
});
afterEach(async () => {
  await prisma.folderOffice.deleteMany();
  await prisma.folder.deleteMany();
  await prisma.office.deleteMany();
  await prisma.nextcloud.deleteMany();
  await rm(dataDir, { recursive: true, force: true });
});

const places = {
  password: { table: 'Nextcloud', column: 'passwordSealed', id: 'nxc-1' },
  token: { table: 'FolderOffice', column: 'tokenSealed', id: 'fld-1/off-1' },
};

async function fill(): Promise<void> {
  const secrets = secretsWith(await openSealing({ dataDir }));
  const passwordSealed = secrets.seal(places.password, 'hunter2');
  const account = { url: 'https://cloud.example', userName: 'u' };
  await prisma.nextcloud.create({ data: { id: 'nxc-1', name: 'one', ...account, passwordSealed } });
  // Lost long ago: its key is gone.
  await prisma.nextcloud.create({ data: { id: 'nxc-2', name: 'two', ...account, passwordSealed: 'v1.AAAA' } });
  await prisma.office.create({ data: { id: 'off-1', name: 'north' } });
  await prisma.folder.create({ data: { id: 'fld-1', name: 'f', nextcloudId: 'nxc-1', path: '/', link: '0' } });
  await prisma.folderOffice.create({
    data: { folderId: 'fld-1', officeId: 'off-1', tokenSealed: secrets.seal(places.token, 'share') },
  });
  await openSigner({ dataDir });
  await mkdir(path.join(dataDir, 'pki'));
  await writeSealedFile(path.join(dataDir, 'pki', 'root.key'), PKI_KEY, 'pem', await openSealing({ dataDir }));
}

async function secretsInDatabase(): Promise<unknown[]> {
  const secrets = secretsWith(await openSealing({ dataDir }));
  const { passwordSealed } = await prisma.nextcloud.findUniqueOrThrow({ where: { id: 'nxc-1' } });
  const { tokenSealed } = await prisma.folderOffice.findFirstOrThrow();
  return [secrets.open(places.password, passwordSealed), secrets.open(places.token, tokenSealed ?? '')];
}

test('after a rotation everything opens with the new master key, and with it alone', async () => {
  await fill();
  const before = await readFile(path.join(dataDir, 'keys', 'master.key'));
  const { key } = await openSigner({ dataDir });
  await beginMasterRotation(dataDir);
  // Also when it is begun again, because the first time was cut short.
  await beginMasterRotation(dataDir);
  expect(await secretsInDatabase()).toEqual(['hunter2', 'share']);
  await resealIfPending({ prisma, dataDir, sealing: await openSealing({ dataDir }), logger: silentLogger });

  const after = await readFile(path.join(dataDir, 'keys', 'master.key'));
  expect(after).toHaveLength(32);
  expect(after.equals(before)).toBe(false);
  expect(await secretsInDatabase()).toEqual(['hunter2', 'share']);
  expect((await openSigner({ dataDir })).key).toEqual(key);
  const rootKey = path.join(dataDir, 'pki', 'root.key');
  expect(await readSealedFile(rootKey, PKI_KEY, await openSealing({ dataDir }))).toBe('pem');
  expect((await prisma.nextcloud.findUniqueOrThrow({ where: { id: 'nxc-2' } })).passwordSealed).toBe('v1.AAAA');
  expect((await readdir(path.join(dataDir, 'keys'))).toSorted()).toEqual(['master.key', 'signing.pem']);
});

test('with the wrong master key no rotation begins', async () => {
  await fill();
  const wrong = randomBytes(32);
  await writeFile(path.join(dataDir, 'keys', 'master.key'), wrong);
  await expect(beginMasterRotation(dataDir)).rejects.toMatchObject({ code: 'keys.wrong_master' });
  expect(await readFile(path.join(dataDir, 'keys', 'master.key'))).toEqual(wrong);
});

test('every sealed column of the database is known here', async () => {
  const columns = await prisma.$queryRaw<{ table: string; column: string }[]>`
    SELECT table_name AS table, column_name AS column FROM information_schema.columns
    WHERE table_schema = current_schema() AND column_name LIKE '%Sealed' ORDER BY 1, 2`;
  expect(columns).toEqual(
    sealedColumns
      .map(({ table, column }) => ({ table, column }))
      .toSorted((a, b) => (`${a.table}.${a.column}` < `${b.table}.${b.column}` ? -1 : 1)),
  );
});
