import { stat } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { sql, startProgram, until, untilGone } from '../test/processes.ts';
import { createTestDatabase } from './test-db.ts';

test('each test database is migrated, empty and separate', async () => {
  await using first = await createTestDatabase();
  await using second = await createTestDatabase();
  await sql(first.url, `INSERT INTO "Setting" VALUES ('k', '1')`);
  expect(await sql(first.url, 'SELECT key FROM "Setting"')).toEqual([{ key: 'k' }]);
  expect(await sql(second.url, 'SELECT key FROM "Setting"')).toEqual([]);
});

test('the server and its data go with the process that asked for it, even when that is killed', async () => {
  const program = await startProgram('hold-test-database.ts');
  const [row] = (await sql(
    program.said.url ?? '',
    "SELECT current_setting('data_directory') AS dir, split_part(pg_read_file('postmaster.pid'), E'\\n', 1)::int AS pid",
  )) as { dir: string; pid: number }[];
  if (!row) throw new Error('no server');
  await program.kill();
  await untilGone(row.pid);
  await until(() =>
    stat(row.dir).then(
      () => false,
      () => true,
    ),
  );
});
