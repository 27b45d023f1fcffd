/** Finding things, and finding out what is wrong. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ProblemList, SearchResult } from '../../api/schemas.ts';
import type { ServerHarness } from '../testing/server-harness.ts';
import { alice, bob, folderId, HOUR_MS, smallFleet } from '../testing/small-fleet.ts';

let server: ServerHarness;
let nowMs: number;
beforeAll(async () => {
  ({ server, nowMs } = await smallFleet());
});
afterAll(() => server[Symbol.asyncDispose]());

const get = async (path: string) => (await server.call('GET', path)).body;

describe('search', () => {
  const find = async (text: string) => SearchResult.parse(await get(`/search?q=${encodeURIComponent(text)}`)).items;

  test.each<{ name: string; text: string; found: string[] }>([
    { name: 'an office', text: 'NOR', found: ['office north'] },
    { name: 'an agent by its name', text: 'pc-1', found: ['agent pc-1'] },
    { name: 'an agent by its id', text: alice, found: ['agent pc-1'] },
    { name: 'an agent by its address', text: '10.1.0', found: ['agent pc-1'] },
    { name: 'a folder', text: 'proj', found: ['folder Projects'] },
    {
      name: 'files by how they begin',
      text: 'f',
      found: ['folder', 'file'].slice(1).flatMap((kind) => [`${kind} file 1.txt`, `${kind} file 2.txt`]),
    },
    { name: 'files by words in any order', text: 'txt 2', found: ['file file 2.txt'] },
    { name: 'no revoked agent', text: 'pc-3', found: [] },
    { name: 'signs as they stand', text: '%', found: [] },
    { name: 'nothing for nothing', text: '  ', found: [] },
  ])('finds $name', async ({ text, found }) => {
    expect((await find(text)).map(({ kind, label }) => `${kind} ${label}`)).toEqual(found);
  });

  test('letters beyond A to Z are found in either case', async () => {
    await server.database.fileVersion.create({
      data: {
        folderId,
        path: 'x/Übersicht GRÜN.pdf',
        seq: 50,
        fileId: 'u',
        etag: 'e',
        size: 1n,
        mtimeMs: 0n,
        manifestId: 'm',
      },
    });
    for (const text of ['übersicht', 'ÜBERSICHT', 'über', 'bersicht grün'])
      expect((await find(text)).map(({ path }) => path)).toEqual(['x/Übersicht GRÜN.pdf']);
    await server.database.fileVersion.deleteMany({ where: { seq: 50 } });
  });

  test('says when there is more than was looked at', async () => {
    const { database } = server;
    const whole = async (query: string) => SearchResult.parse(await get(`/search?q=${query}`)).complete;
    await database.$executeRaw`
      INSERT INTO "Office" ("id", "name") SELECT 'off-x' || n, 'branch ' || n FROM generate_series(1, 250) n`;
    expect([
      await whole('branch&limit=200'),
      await whole('branch%2024&limit=200'),
      await whole('branch%201&limit=50'),
    ]).toEqual([false, true, false]);
    await database.office.deleteMany({ where: { name: { startsWith: 'branch' } } });
  });
});

test('problems are worked out, worst first, and name what they are about', async () => {
  const { database } = server;
  await database.agent.update({
    where: { id: bob },
    data: {
      reported: { folders: [{ id: folderId, state: 'blocked', reason: 'disk.full' }] },
      reportedAt: new Date(nowMs),
    },
  });
  const list = ProblemList.parse(await get('/problems'));
  const lines = list.problems.map(({ severity, code, subject, params }) => [
    severity,
    code,
    subject.name,
    params.count,
  ]);
  expect(lines).toEqual([
    ['error', 'disk.full', 'pc-2', undefined],
    ['warning', 'folder.files_skipped', 'Projects', 1],
    ['warning', 'agent.certificate_ending', 'pc-1', undefined],
    ['warning', 'agent.certificate_ending', 'pc-2', undefined],
  ]);
  expect(list).toMatchObject({ errors: 1, warnings: 3, infos: 0 });
  expect(new Set(list.problems.map(({ id }) => id)).size).toBe(4);
});

test('when everybody has the same trouble not all of it is listed, but all of it counts', async () => {
  const { database } = server;
  const before = ProblemList.parse(await get('/problems'));
  await database.$executeRaw`
    INSERT INTO "Agent" ("id", "officeId", "hostname", "platform", "version", "certificateSerial", "certificateEndsAt", "reported")
    SELECT 'many-' || n, 'off-n', 'many', 'linux', '1', '1', ${new Date(nowMs + 90 * 24 * HOUR_MS)}::timestamp,
      jsonb_build_object('folders', jsonb_build_array(jsonb_build_object('id', ${folderId}::text, 'state', 'blocked', 'reason', 'disk.full')))
    FROM generate_series(1, 1100) n`;
  const list = ProblemList.parse(await get('/problems'));
  expect(list.problems).toHaveLength(1000);
  expect(list).toMatchObject({ errors: before.errors + 1100, warnings: before.warnings });
  await database.agent.deleteMany({ where: { hostname: 'many' } });
});
