/** The audit log of a real server: written by what people do with it, signed when it stops, and found out when somebody changes it in the database. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { AuditVerifyResult } from '../../console/src/api/schemas.ts';
import { createToken, restartServer, type Server, startServer, temporaryFolder } from '../harness/fleet.ts';
import { sql } from '../harness/server-parts.ts';

let server: Server;
beforeAll(async () => {
  server = await startServer();
  await server.api('/fleet', { method: 'PUT', body: { offices: [{ name: 'north' }, { name: 'south' }] } });
  await createToken(server, 'north', 3);
});
afterAll(async () => {
  await server?.process.stop();
});

const verify = async () => {
  const { code, stdout } = await server.harp('verify', 'audit', '--json');
  return { code, result: AuditVerifyResult.parse(JSON.parse(stdout)) };
};

test('what was done stands in it, with who sat at the command line', async () => {
  const out = join(temporaryFolder('audit'), 'audit.jsonl');
  expect((await server.harp('audit', 'export', '--out', out)).code).toBe(0);
  const lines = readFileSync(out, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines.flatMap(({ entry }) => (entry === undefined ? [] : [entry.action]))).toEqual([
    // The command line's own, at the first start.
    'api-key.create',
    'office.create',
    'office.create',
    'token.create',
  ]);
  expect(lines[3].entry.actor).toMatchObject({ kind: 'api-key', operator: expect.stringMatching(/^.+@.+$/) });
  expect(lines.at(-1)).toMatchObject({ end: true, entries: 4 });
});

test('it is sound, and signed to its end once the server has stopped', async () => {
  expect(await verify()).toMatchObject({ code: 0, result: { ok: true, entries: 4, signedSeq: 0 } });
  await server.process.stop();
  server = await restartServer(server);
  expect(await verify()).toMatchObject({ code: 0, result: { ok: true, entries: 4, signedSeq: 4, heads: 1 } });
});

test('an end that was cut off in the database, with everything the database knows of it, is found by the file beside it', async () => {
  await sql(server, 'ALTER TABLE "AuditEntry" DISABLE TRIGGER USER');
  await sql(server, 'ALTER TABLE "AuditHead" DISABLE TRIGGER USER');
  await sql(server, 'DELETE FROM "AuditEntry" WHERE "seq" = 4');
  await sql(server, 'DELETE FROM "AuditHead"');
  await sql(
    server,
    `UPDATE "AuditState" SET "seq" = 3, "signedSeq" = 0, "link" = (SELECT "link" FROM "AuditEntry" WHERE "seq" = 3)`,
  );
  const { code, stdout } = await server.harp('verify', 'audit');
  expect({ code, stdout }).toEqual({
    code: 3,
    stdout: expect.stringContaining('FAULT at entry 4: entry 4 is missing at the end'),
  });
  // And stays found, however often it is signed anew.
  await server.process.stop();
  server = await restartServer(server);
  await createToken(server, 'south', 1);
  await server.process.stop();
  server = await restartServer(server);
  expect(await verify()).toMatchObject({ code: 3, result: { ok: false } });
});
