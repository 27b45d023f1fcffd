import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseToken } from '@harp/broker/protocol';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ConsoleListener, listenConsole } from '../server/http/listener.ts';
import { silentLogger } from '../server/ports.ts';
import { type ServerHarness, serverHarness } from '../server/testing/server-harness.ts';
import { waitingPc } from '../server/testing/small-fleet.ts';
import { runCli } from './program.ts';

const fleet = `nextclouds:
  - { name: main, url: https://c.example, user: harp, password: { env: PASSWORD } }
offices:
  - name: north
  - name: south
folders:
  - { nextcloud: main, path: /Projects, offices: [north] }
`;
let folder: string;
let server: ServerHarness;
let listener: ConsoleListener;
let sound: boolean;

/** A server on a real socket, and its cli.json in `folder`/.harp. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'harp-cli-'));
  server = await serverHarness({
    verify: async (id) => ({
      folder: id,
      ok: sound,
      entries: 9,
      manifests: 3,
      snapshots: 1,
      headSeq: 9,
      firstBad: sound ? null : { seq: 4, what: 'the entry was changed', code: 'chain.link_mismatch' },
    }),
    async exportChain(_folder, sink) {
      await sink.file('head.json', [Buffer.from('{}\n')]);
      await sink.file('blobs/one', [new Uint8Array(200_000).fill(1), new Uint8Array(1)]);
    },
  });
  listener = await listenConsole({ api: server.api, host: '127.0.0.1', port: 0, logger: silentLogger });
  await mkdir(join(folder, '.harp'));
  await mkdir(join(folder, 'deep', 'er'), { recursive: true });
  const apiKey = await server.auth.keys.create('cli', server.changes);
  await writeFile(
    join(folder, '.harp', 'cli.json'),
    JSON.stringify({ url: `http://127.0.0.1:${listener.port}`, apiKey }),
  );
  await writeFile(join(folder, 'fleet.yaml'), fleet);
}, 60_000);
afterAll(async () => {
  await listener.close();
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});
beforeEach(() => {
  sound = true;
});

async function harp(
  args: readonly string[],
  options: { env?: Record<string, string>; cwd?: string; sleep?: () => Promise<void> } = {},
) {
  let out = '';
  let err = '';
  let nowMs = 0;
  const status = await runCli(args, '0.0.0-test', {
    env: { PASSWORD: 'secret', ...options.env },
    cwd: options.cwd ?? folder,
    operator: 'ruth@büro',
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    isTerminal: false,
    nowMs: () => nowMs,
    sleep: async (ms) => {
      nowMs += ms;
      await options.sleep?.();
    },
  });
  return { status, out, err };
}

test('apply says what it does, and the second time that there is nothing to do', async () => {
  const dry = await harp(['apply', '-f', 'fleet.yaml', '--dry-run']);
  expect(dry).toMatchObject({ status: 0, out: expect.stringContaining('Dry run: 5 changes would be made.') });
  const first = await harp(['apply', '-f', 'fleet.yaml']);
  expect(first.out).toContain('+ folder Projects (main:/Projects)\n+ assignment Projects → north\n5 changes made.');
  expect(await harp(['apply', '-f', 'fleet.yaml'])).toEqual({ status: 0, out: 'Nothing to change.\n', err: '' });
  const json = await harp(['apply', '-f', 'fleet.yaml', '--json']);
  expect(JSON.parse(json.out)).toEqual({ changes: [], unlisted: [] });
});

describe('after the fleet is there', () => {
  test('what the file does not list is named and kept; prune removes it', async () => {
    await writeFile(join(folder, 'more.yaml'), fleet.replace('- name: south', '- name: south\n  - name: west'));
    await harp(['apply', '-f', 'more.yaml']);
    const kept = await harp(['apply', '-f', 'fleet.yaml']);
    expect(kept.err).toBe('Not in the file, and kept (--prune removes it):\n  office west\n');
    expect((await harp(['apply', '-f', 'fleet.yaml', '--prune'])).out).toBe('- office west\n1 change made.\n');
  });

  test('what the server refuses is told with line and column', async () => {
    await writeFile(join(folder, 'moved.yaml'), fleet.replace('path: /Projects', 'path: /Other, name: Projects'));
    const refused = await harp(['apply', '-f', 'moved.yaml']);
    expect(refused.status).toBe(1);
    expect(refused.err).toMatch(
      /^harp: moved\.yaml:7:30 folders\[0\]\.path: folder "Projects" distributes main:\/Projects/,
    );
    const json = await harp(['apply', '-f', 'moved.yaml', '--json']);
    expect(JSON.parse(json.out).error).toMatchObject({
      code: 'fleet.conflict',
      problems: [{ file: 'moved.yaml', line: 7, column: 30, field: 'folders[0].path' }],
    });
  });

  test('what is wrong in the file is told before anything is sent', async () => {
    await writeFile(join(folder, 'wrong.yaml'), fleet.replace('[north]', '[nroth]'));
    const refused = await harp(['apply', '-f', 'wrong.yaml']);
    expect(refused).toEqual({
      status: 1,
      out: '',
      err: 'harp: wrong.yaml:7:51 folders[0].offices[0]: no office is called "nroth"; did you mean "north"?\n',
    });
  });

  test('--wait waits until the folder is indexed and shared, and says what for', async () => {
    let polls = 0;
    const waited = await harp(['apply', '-f', 'fleet.yaml', '--wait', '30'], {
      sleep: async () => {
        if (++polls === 2) {
          await server.database.folder.updateMany({ data: { indexedAt: new Date() } });
          await server.database.folderOffice.updateMany({ data: { shareId: '1' } });
        }
      },
    });
    expect(waited).toMatchObject({ status: 0, out: 'Nothing to change.\n' });
    expect(waited.err).toBe(
      'waiting: Projects: 0 files indexed so far\nwaiting: Projects: no share for north yet\nAll folders are indexed and shared.\n',
    );
  });

  test('--wait gives up with the reasons', async () => {
    await server.database.folder.updateMany({ data: { errorCode: 'origin.unreachable', errorDetail: 'no route' } });
    const waited = await harp(['apply', '-f', 'fleet.yaml', '--wait', '3']);
    await server.database.folder.updateMany({ data: { errorCode: null, errorDetail: null } });
    expect(waited.status).toBe(1);
    expect(waited.err).toContain('harp: Projects: origin.unreachable no route');
  });

  test('a batch without an office has a name, networks and tags, and says what it may not be', async () => {
    const options = ['--name', 'lab', '--tag', 'a', '--tag', 'b', '--cidr', '10.4.0.0/16', '--expected', '5'];
    const made = await harp(['token', 'create', ...options, '--approval', 'manual', '--uses', '6']);
    expect(made.err).toMatch(/for 6 PCs, until/);
    const { tokens } = JSON.parse((await harp(['token', 'list', '--json'])).out);
    expect(tokens[0]).toMatchObject({ name: 'lab', office: null, tags: ['a', 'b'], approval: 'manual', expected: 5 });
    expect(await harp(['token', 'create', '--approval', 'never'])).toMatchObject({ status: 1 });
    await server.database.enrolmentToken.deleteMany();
  });

  test('PCs that wait are listed, let in, and sent back to wait', async () => {
    const id = 'enr-aaaaaaaaaaaaaaaa';
    const { id: office } = await server.database.office.findUniqueOrThrow({ where: { name: 'north' } });
    expect((await harp(['enrolments', 'list'])).out).toBe('No PC waits.\n');
    const waits = waitingPc(id, server.clock.nowMs(), { officeId: office });
    await server.database.enrolmentRequest.create({ data: waits });
    expect((await harp(['enrolments', 'list'])).out).toMatch(
      /new-aaa\s.*10\.1\.0\.9\s+north\s+10\.1\.0\.0\/16\s+waiting/,
    );
    expect(await harp(['enrolments', 'approve', id, '--office', 'south'])).toMatchObject({
      status: 0,
      err: '',
      out: expect.stringMatching(/^One PC approved\. .*harp enrolments undo enr-a+\n$/),
    });
    expect((await harp(['enrolments', 'list', '--state', 'approved'])).out).toMatch(/south\s+person\s+approved/);
    expect((await harp(['enrolments', 'undo', id])).out).toBe('One PC waits again.\n');
    expect(await harp(['enrolments', 'block', 'enr-none'])).toMatchObject({
      status: 1,
      err: expect.stringContaining('enrolment.request_unknown'),
    });
    expect(await harp(['enrolments', 'reject', id])).toMatchObject({ status: 0 });
  });

  test('who is locked out is listed and unlocked', async () => {
    const { id } = await server.person('Marie', [{ role: 'viewer' }]);
    const untilMs = server.clock.nowMs() + 900_000;
    await server.auth.locks.locked({ id, name: 'Marie' }, 'name Marie', untilMs, server.changes);
    expect((await harp(['people', 'list'])).out).toMatch(/Marie\s+viewer\s+locked for \d+ min/);
    expect((await harp(['people', 'unlock', 'Marie'])).out).toBe('Marie may sign in again.\n');
    expect((await harp(['people', 'unlock', 'Marie'])).out).toBe('Marie was not locked.\n');
    expect(await harp(['people', 'unlock', 'Mari'])).toMatchObject({
      status: 1,
      err: expect.stringContaining('Marie'),
    });
    expect(JSON.parse((await harp(['people', 'list', '--json'])).out).people).toMatchObject([
      { name: 'Marie', lockedUntilMs: null },
    ]);
  });

  test('a token alone is on standard output, and can be revoked', async () => {
    const created = await harp(['token', 'create', '--office', 'north', '--uses', '5', '--expires', '12h']);
    expect(parseToken(created.out).g).toBe('https://harp.example:8421');
    expect(created.err).toContain('5 PCs of north');
    const { tokens } = JSON.parse((await harp(['token', 'list', '--json'])).out);
    expect(tokens).toMatchObject([{ office: 'north', uses: 5, state: 'usable' }]);
    expect(await harp(['token', 'revoke', tokens[0].id])).toMatchObject({ status: 0, err: '' });
    expect((await harp(['token', 'list'])).out).toMatch(/north\s+0\/5\s+automatic\s+revoked/);
  });

  test('the status is a table for people and an object for programs', async () => {
    const { out } = await harp(['status']);
    expect(out).toMatch(/^Harp 0\.0\.0-test · broker connected · 0 of 0 agents online/);
    expect(out).toMatch(/north +0\/0 +Projects/);
    expect(JSON.parse((await harp(['status', '--json'])).out).offices).toHaveLength(2);
  });

  test('verify ends 0 for a sound folder and 3 for a fault, which it names', async () => {
    expect(await harp(['verify', 'Projects'])).toMatchObject({ status: 0, out: expect.stringContaining('sound') });
    sound = false;
    const fault = await harp(['verify', 'Projects']);
    expect(fault).toMatchObject({ status: 3, out: expect.stringContaining('FAULT at entry 4: the entry was changed') });
    expect((await harp(['verify', 'Projects', '--json'])).status).toBe(3);
  });

  test('an export lands as files', async () => {
    const exported = await harp(['chain', 'export', 'Projects', '--out', 'export', '--json']);
    expect(JSON.parse(exported.out)).toMatchObject({ files: 2, bytes: 200_004 });
    expect(await readFile(join(folder, 'export', 'head.json'), 'utf8')).toBe('{}\n');
    expect(await readFile(join(folder, 'export', 'blobs', 'one'))).toHaveLength(200_001);
  });

  test('the log of changes is verified and exported, and knows who sat here', async () => {
    expect(await harp(['verify', 'audit'])).toMatchObject({
      status: 0,
      out: expect.stringMatching(/^audit log: sound\. Checked \d+ entries/),
      err: '',
    });
    const exported = await harp(['audit', 'export', '--out', 'audit.jsonl', '--json']);
    const { entries } = JSON.parse(exported.out);
    const lines = (await readFile(join(folder, 'audit.jsonl'), 'utf8')).trimEnd().split('\n');
    const ruth = lines
      .flatMap((line) => JSON.parse(line).entry ?? [])
      .find(({ action }) => action === 'nextcloud.create');
    expect(ruth.actor).toMatchObject({ kind: 'api-key', name: 'cli', operator: 'ruth@büro' });
    expect(JSON.parse(lines.at(-1)!)).toMatchObject({ end: true, entries });
    expect((await stat(join(folder, 'audit.jsonl'))).mode & 0o777).toBe(0o600);
    expect((await harp(['audit', 'export', '--out', 'rest.jsonl', '--after', String(entries)])).out).toBe(
      `0 entries, up to entry ${entries}, written to rest.jsonl\n`,
    );
  });

  test('a log that was changed ends with a fault that names the entry', async () => {
    await server.database.$transaction([
      server.database.$executeRaw`SET LOCAL session_replication_role = replica`,
      server.database.$executeRaw`UPDATE "AuditEntry" SET "body" = replace("body", '"cli"', '"eve"') WHERE "seq" = 2`,
    ]);
    const fault = await harp(['verify', 'audit']);
    expect(fault).toMatchObject({
      status: 3,
      out: expect.stringContaining('FAULT at entry 2: entry 2 does not lead to its link: it was changed'),
    });
    expect(JSON.parse((await harp(['verify', 'audit', '--json'])).out)).toMatchObject({ ok: false });
  });

  test('an agent is revoked by a beginning of its id that is unique', async () => {
    const office = await server.database.office.findUniqueOrThrow({ where: { name: 'north' } });
    const agent = {
      officeId: office.id,
      hostname: 'pc',
      platform: 'linux',
      version: '1',
      certificateSerial: '1',
      certificateEndsAt: new Date(),
    };
    await server.database.agent.createMany({
      data: ['abcdefgh'.padEnd(52, 'a'), 'abcdefgh'.padEnd(52, 'b'), 'zzzzzzzz'.padEnd(52, 'a')].map((id) => ({
        ...agent,
        id,
      })),
    });
    expect((await harp(['agent', 'revoke', 'abcdefgh'])).err).toContain('several agents');
    expect((await harp(['agent', 'revoke', 'zz'])).status).toBe(1);
    expect((await harp(['agent', 'revoke', 'zzzzzzzz'])).out).toContain('is revoked');
    expect((await harp(['agent', 'list', '--office', 'north'])).out.match(/revoked/g)).toHaveLength(1);
  });

  test('a folder is indexed by its name', async () => {
    expect((await harp(['folder', 'reindex', 'Projects'])).status).toBe(0);
    expect(server.reindexed).toHaveLength(1);
    expect((await harp(['folder', 'reindex', 'Projetcs'])).err).toContain('did you mean "Projects"?');
  });
});

describe('the server is found', () => {
  test('from a folder below, by HARP_DATA, and by address and key', async () => {
    expect((await harp(['status'], { cwd: join(folder, 'deep', 'er') })).status).toBe(0);
    expect((await harp(['status'], { cwd: '/', env: { HARP_DATA: join(folder, '.harp') } })).status).toBe(0);
    const key = await server.auth.keys.create('another', server.changes);
    const url = `http://127.0.0.1:${listener.port}/`;
    expect((await harp(['status', '--server', url, '--api-key', key], { cwd: '/' })).status).toBe(0);
    expect((await harp(['status'], { cwd: '/', env: { HARP_SERVER: url, HARP_API_KEY: key } })).status).toBe(0);
  });

  test.each<{ name: string; args: string[]; env?: Record<string, string>; status: number; says: RegExp }>([
    {
      name: 'no server',
      args: ['status'],
      env: { HARP_DATA: '/nowhere' },
      status: 1,
      says: /no cli\.json in \/nowhere.*\n.*npm start/,
    },
    { name: 'a server without a key', args: ['status', '--server', 'http://x'], status: 2, says: /--api-key/ },
    {
      name: 'an address that is none',
      args: ['status', '--server', 'x', '--api-key', 'k'],
      status: 2,
      says: /no address/,
    },
    {
      name: 'a server that does not answer',
      args: ['status', '--server', 'http://127.0.0.1:9', '--api-key', 'k'],
      status: 1,
      says: /no Harp server answers/,
    },
    { name: 'a command that is none', args: ['aply'], status: 2, says: /Did you mean apply/ },
    { name: 'an option that is missing', args: ['audit', 'export'], status: 2, says: /--out/ },
    {
      name: 'a number that is none',
      args: ['token', 'create', '--office', 'n', '--uses', '-1'],
      status: 2,
      says: /uses/,
    },
    {
      name: 'a duration that is none',
      args: ['token', 'create', '--office', 'n', '--expires', 'soon'],
      status: 2,
      says: /90s, 30m, 12h or 7d/,
    },
    { name: 'a file that is not there', args: ['apply', '-f', 'gone.yaml'], status: 1, says: /no such file/ },
  ])('or $name is said, with status $status', async ({ args, env, status, says }) => {
    const answer = await harp(args, env === undefined ? {} : { env });
    expect(answer.status).toBe(status);
    expect(answer.err).toMatch(says);
  });

  test('a wrong key is told as such', async () => {
    const url = `http://127.0.0.1:${listener.port}`;
    const answer = await harp(['status', '--json', '--server', url, '--api-key', 'harpkey_wrong']);
    expect(answer.status).toBe(1);
    expect(JSON.parse(answer.out).error.code).toBe('api.unauthorised');
  });
});
