/** What administrators type and write: mistakes are named with file, line and field, repeating changes nothing, and the export proves itself. */
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type Agent, harpAgent, root, temporaryFolder } from '../harness/fleet.ts';
import { verifyExport } from '../harness/offline-verifier.ts';
import { type Finished, runToEnd, until } from '../harness/process.ts';
import { sql } from '../harness/server-parts.ts';
import { startWorld, type World } from '../harness/world.ts';

const FOLDER = 'Projects';
let world: World;
let agent: Agent;

beforeAll(async () => {
  world = await startWorld();
  await world.cloud.putGenerated(`/${FOLDER}/large.bin`, 5_000_000, 1);
  await world.cloud.putGenerated(`/${FOLDER}/plans/small.txt`, 1234, 2);
  await world.cloud.putGenerated(`/${FOLDER}/empty.txt`, 0, 3);
  await world.cloud.putGenerated(`/${FOLDER}/Größe/日本語 😀.txt`, 5000, 4);
  await world.distribute(FOLDER, ['north']);
  await world.indexed(FOLDER, 4);
  [agent] = (await world.addAgents('north', ['pc1'])) as [Agent];
  await world.delivered([agent], FOLDER, ['large.bin', 'plans/small.txt', 'empty.txt', 'Größe/日本語 😀.txt']);
});
afterAll(() => world?.dispose());

const fleetText = (change: (text: string) => string = (text) => text) =>
  change(`# the fleet
nextclouds:
  - name: cloud
    url: ${world.cloud.url}
    user: ${world.cloud.user}
    password: { env: CLOUD_PASSWORD }
offices:
  - name: north
folders:
  - name: ${FOLDER}
    nextcloud: cloud
    path: /${FOLDER}
    offices: [north]
`);

function apply(text: string, ...options: string[]): Promise<Finished> {
  const folder = temporaryFolder('fleet');
  writeFileSync(join(folder, 'fleet.yaml'), text);
  return runToEnd(process.execPath, [join(root, 'console/dist/cli.js'), 'apply', '-f', 'fleet.yaml', ...options], {
    cwd: folder,
    env: { HARP_DATA: world.server.dataDir, CLOUD_PASSWORD: world.cloud.password },
  });
}

describe('fleet.yaml', () => {
  test.each<{ what: string; change(text: string): string; says: RegExp }>([
    {
      what: 'an office that is not declared',
      change: (text) => text.replace('offices: [north]', 'offices: [nroth]'),
      says: /fleet\.yaml:13:15 folders\[0\]\.offices\[0\]: .*"nroth".*did you mean "north"/,
    },
    {
      what: 'a key that does not exist',
      change: (text) => text.replace('    user:', '    usr:'),
      says: /fleet\.yaml:5:5 nextclouds\[0\]\.usr: /,
    },
    {
      what: 'an address that is none',
      change: (text) => text.replace(world.cloud.url, 'cloud'),
      says: /fleet\.yaml:4:10 nextclouds\[0\]\.url: /,
    },
    {
      what: 'a variable that is not set',
      change: (text) => text.replace('CLOUD_PASSWORD', 'NOT_SET_ANYWHERE'),
      says: /fleet\.yaml:6:22 nextclouds\[0\]\.password\.env: .*NOT_SET_ANYWHERE/,
    },
    { what: 'no YAML at all', change: () => 'folders: [', says: /fleet\.yaml:1:\d+: / },
  ])('$what is refused with file, line, column and field', async ({ change, says }) => {
    const { code, stderr } = await apply(fleetText(change));
    expect(stderr).toMatch(says);
    expect(code).toBe(1);
  });

  test('the same for programs: --json has code, line and field', async () => {
    const { code, stdout } = await apply(
      fleetText((text) => text.replace('[north]', '[nroth]')),
      '--json',
    );
    expect(code).toBe(1);
    const { error } = JSON.parse(stdout) as { error: { code: string; problems: unknown[] } };
    expect(error).toMatchObject({
      code: 'fleet.invalid',
      problems: [{ file: 'fleet.yaml', line: 13, field: 'folders[0].offices[0]' }],
    });
  });

  test('a refused file changes nothing', async () => {
    const before = await fleetRows();
    await apply(fleetText((text) => text.replace('- name: north', '- name: south')));
    expect(await fleetRows()).toEqual(before);
  });

  test('applied again, it changes nothing: no row, no link in Nextcloud, nothing sent to agents', async () => {
    expect((await apply(fleetText())).code).toBe(0);
    const before = { rows: await fleetRows(), links: await linkRequests() };
    const { code, stdout } = await apply(fleetText(), '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ changes: [] });
    expect({ rows: await fleetRows(), links: await linkRequests() }).toEqual(before);
  });

  test('a dry run says what would change, and changes nothing', async () => {
    const before = await fleetRows();
    const { code, stdout } = await apply(
      fleetText((text) => text.replace('- name: north', '- name: north\n  - name: south')),
      '--dry-run',
      '--json',
    );
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ changes: [{ action: 'create', kind: 'office', name: 'south' }] });
    expect(await fleetRows()).toEqual(before);
  });
});

describe('npm start', () => {
  const start = (env: Record<string, string>) =>
    runToEnd(process.execPath, [join(root, 'console/dist/supervisor.js')], {
      env: {
        HARP_CONSOLE_PORT: '0',
        HARP_GATEWAY_PORT: '0',
        HARP_MQTT_PORT: '0',
        HARP_UI: 'off',
        HARP_PUBLIC_HOST: '127.0.0.1',
        ...env,
      },
    });

  test('a second one on the same data is refused, and says which process runs', async () => {
    const { code, stderr } = await start({ HARP_DATA: world.server.dataDir });
    expect(code).toBe(1);
    expect(stderr).toContain(`process ${world.server.process.pid}`);
    expect(await world.server.harpJson('status')).toMatchObject({ broker: { connected: true } });
  });

  test('a port that is taken is named together with the variable that sets it', async () => {
    const taken = createServer().listen(0, '0.0.0.0');
    const { port } = await until(
      'the port is taken',
      () => (taken.address() ?? undefined) as { port: number } | undefined,
    );
    const { code, stderr } = await start({
      HARP_DATA: temporaryFolder('second'),
      HARP_GATEWAY_PORT: String(port),
    });
    taken.close();
    expect(code).toBe(1);
    expect(stderr).toContain(String(port));
    expect(stderr).toContain('HARP_GATEWAY_PORT');
  });

  test('a variable that is not right is named', async () => {
    const { code, stderr } = await start({ HARP_DATA: temporaryFolder('third'), HARP_POLL_SECONDS: 'often' });
    expect(code).toBe(1);
    expect(stderr).toContain('HARP_POLL_SECONDS');
  });
});

describe('commands without what they need', () => {
  test('harp without a server says so', async () => {
    const { code, stderr } = await runToEnd(process.execPath, [join(root, 'console/dist/cli.js'), 'status'], {
      env: { HARP_DATA: temporaryFolder('nothing') },
    });
    expect(code).toBe(1);
    expect(stderr).toMatch(/HARP_DATA|--server/);
  });

  test('harp for a folder that is not there says which there are', async () => {
    const { code, stderr } = await world.server.harp('verify', 'Projetcs');
    expect(code).toBe(1);
    expect(stderr).toContain('did you mean "Projects"');
  });

  test('a second agent on the same state is refused', async () => {
    const { code, stdout } = await harpAgent('run', '--state', agent.stateDir, '--files', agent.filesDir);
    expect(stdout).toBe('');
    expect(code).toBe(3);
  });

  test('the API without a key is closed', async () => {
    const answer = await fetch(`${world.server.url}/api/v1/status`);
    expect(answer.status).toBe(401);
    expect(await answer.json()).toMatchObject({ error: { code: 'api.unauthorised' } });
  });
});

describe('harp chain export, checked by a program that knows nothing but docs/protocol', () => {
  let exported: string;
  let publicKey: string;

  beforeAll(async () => {
    await world.cloud.control.call('move', {
      user: world.cloud.user,
      from: `/${FOLDER}/empty.txt`,
      to: `/${FOLDER}/plans/still empty.txt`,
    });
    await until('the rename is in the chain', async () => (await world.status()).folders[0]?.seq === 5);
    await world.cloud.control.call('remove', { user: world.cloud.user, path: `/${FOLDER}/plans/small.txt` });
    await until('the deletion is in the chain', async () => (await world.status()).folders[0]?.seq === 6);
    await until('the PC follows', async () => {
      const { offices } = await world.coverage(FOLDER);
      const [row] = offices[0]?.agents ?? [];
      return row?.seq === 6 && row.sync === 'complete';
    });
    exported = join(temporaryFolder('export'), 'chain');
    const { code, stderr } = await world.server.harp('chain', 'export', FOLDER, '--out', exported);
    expect(code, stderr).toBe(0);
    const enrolment = z
      .object({ signingKeys: z.array(z.object({ publicKey: z.string() })) })
      .parse(JSON.parse(readFileSync(join(agent.stateDir, 'identity/enrolment.json'), 'utf8')));
    publicKey = enrolment.signingKeys[0]?.publicKey ?? '';
  });

  /** A copy of the export in which one file was changed. */
  function changed(path: string, change: (bytes: Buffer) => Buffer | string): string {
    const copy = join(temporaryFolder('changed'), 'chain');
    cpSync(exported, copy, { recursive: true });
    writeFileSync(join(copy, path), change(readFileSync(join(copy, path))));
    return copy;
  }
  const flipAt = (at: number) => (bytes: Buffer) => {
    const copy = Buffer.from(bytes);
    copy[at < 0 ? copy.length + at : at]! ^= 1;
    return copy;
  };
  const blobIn = (kind: 'segments' | 'manifests') => {
    const head = JSON.parse(String(JSON.parse(readFileSync(join(exported, 'head.json'), 'utf8')).text));
    if (kind === 'segments') return `segments/${head.segments[0].blob}`;
    const [first = ''] = readFileSync(join(exported, 'entries.jsonl'), 'utf8').split('\n');
    return `manifests/${JSON.parse(first).manifest}`;
  };

  test('the export and the files on a PC are proven', async () => {
    const proven = verifyExport(exported, publicKey, join(agent.filesDir, FOLDER));
    const { folders } = await world.status();
    expect(proven).toMatchObject({ seq: 6, link: folders[0]?.link });
    expect([...proven.files.keys()].toSorted()).toEqual(
      ['Größe/日本語 😀.txt', 'large.bin', 'plans/still empty.txt'].toSorted(),
    );
  });

  test('another key proves nothing', () => {
    expect(() => verifyExport(exported, Buffer.alloc(32, 1).toString('base64'))).toThrow('head: signed with key');
  });

  test.each<{ what: string; path: () => string; change(bytes: Buffer): Buffer | string; says: string | RegExp }>([
    {
      what: 'the head',
      path: () => 'head.json',
      change: (bytes) => bytes.toString().replace('atMs\\":1', 'atMs\\":2'),
      says: 'head: the signature is wrong',
    },
    {
      what: 'one entry',
      path: () => 'entries.jsonl',
      change: (bytes) => bytes.toString().replace(/"mtimeMs":\d/, '"mtimeMs":9'),
      says: /entry \d+|segment/,
    },
    {
      what: 'the order of entries',
      path: () => 'entries.jsonl',
      change: (bytes) => {
        const [first, second, ...rest] = bytes.toString().split('\n');
        return [second, first, ...rest].join('\n');
      },
      says: 'entry 1: is numbered 2',
    },
    { what: 'a segment', path: () => blobIn('segments'), change: flipAt(-10), says: /segment 1–\d+: its bytes/ },
    {
      what: 'a manifest',
      path: () => blobIn('manifests'),
      change: flipAt(-10),
      says: /manifest [0-9a-f]{64}: its bytes/,
    },
  ])('a change of $what is found', ({ path, change, says }) => {
    expect(() => verifyExport(changed(path(), change), publicKey)).toThrow(says);
  });

  test('one changed byte in a file on the PC is found, with its range', () => {
    const copy = join(temporaryFolder('files'), 'files');
    cpSync(join(agent.filesDir, FOLDER), copy, { recursive: true });
    const place = join(copy, 'large.bin');
    writeFileSync(place, flipAt(3_000_000)(readFileSync(place)));
    expect(() => verifyExport(exported, publicKey, copy)).toThrow(/file large\.bin: bytes \d+–\d+ are not/);
  });
});

async function fleetRows() {
  return Promise.all(
    ['Office', 'Folder', 'FolderOffice', 'Nextcloud'].map((table) =>
      sql(world.server, `SELECT count(*)::int AS rows FROM "${table}"`),
    ),
  ).then(async (counts) => [...counts, await sql(world.server, 'SELECT id, "desiredRevision" FROM "Agent"')]);
}

/** Requests that Harp's account has made to Nextcloud that could have made a link. */
async function linkRequests(): Promise<number> {
  const { perUser } = await world.cloud.control.call('stats', {});
  return perUser[world.cloud.user]?.statuses['201'] ?? 0;
}
