/** Names that are hostile, or that a disk cannot hold, and things that stand in the way: nothing leaves the folder, nothing of the user's is lost. */
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Agent, temporaryFolder } from '../harness/fleet.ts';
import { until } from '../harness/process.ts';
import { sha256Of, startWorld, type World } from '../harness/world.ts';

const FOLDER = 'Projects';
let world: World;
let agent: Agent;
/** A place beside the folder that nothing may ever reach. */
let outside: string;
const inFolder = (...names: string[]) => join(agent.filesDir, FOLDER, ...names);

/** Legal on Linux, each for itself a trap elsewhere or for careless code. */
const asTheyAre = [
  'CON.txt',
  'nul',
  'aux/com1.log',
  'ends with a dot.',
  'ends with a space ',
  ' begins with one',
  'every:bad?thing*on|win"dows<>.txt',
  'Case.txt',
  'case.txt',
  'CASE.TXT',
  'Straße.txt',
  'STRASSE.txt',
  '-rf',
  '$(touch pwned)',
  '\'; DROP TABLE "Entry"; --',
  '%2e%2e%2fetc%2fpasswd',
  'a%00b',
  '#fragment?query=1&x=2',
  '...',
  '.hidden',
  '\u202egpj.exe',
  'zero\u200bwidth',
  `${'x'.repeat(251)}.txt`,
  `${'ü'.repeat(127)}x`,
  Array.from({ length: 60 }, (_, depth) => `deep${depth}`).join('/'),
  '__proto__',
  'constructor/toString',
];
/** Must be stored under another name. */
const mapped = [
  '.harp-0123456789abcdef.partial',
  'looks mapped~0123456789ab.txt',
  `${'y'.repeat(300)}.txt`,
  `in/${'z'.repeat(256)}/file.txt`,
];
/** Cannot stand in a chain at all. */
const impossible = ['new\nline.txt', 'back\\slash.txt'];

beforeAll(async () => {
  world = await startWorld();
  outside = temporaryFolder('outside');
  for (const path of [...asTheyAre, ...mapped, ...impossible])
    await world.cloud.putGenerated(`/${FOLDER}/${path}`, 500, path);
  await world.distribute(FOLDER, ['north']);
  [agent] = (await world.addAgents('north', ['pc1'])) as [Agent];
});
afterAll(() => world?.dispose());

describe('names', () => {
  test('that Linux can hold are kept as they are, also where only case differs', async () => {
    await world.delivered([agent], FOLDER, asTheyAre);
  });

  test.each(mapped)('%j is stored under another name, which an event tells', async (path) => {
    const event = await world.event('name.mapped', ({ body }) => body.path === path);
    expect(event.body.storedAs).not.toBe(path);
    const wanted = await world.cloud.digest(`/${FOLDER}/${path}`);
    await until('it is there', async () => (await sha256Of(inFolder(String(event.body.storedAs)))) === wanted);
  });

  test('that cannot stand in a chain are counted as problems of the folder, and hold up nothing else', async () => {
    await until('they are counted', async () => (await world.status()).folders[0]?.problems === impossible.length);
    expect((await world.status()).folders[0]?.fileCount).toBe(asTheyAre.length + mapped.length);
  });

  test('created nothing outside the folder', () => {
    expect(readdirSync(agent.filesDir)).toEqual([FOLDER]);
    expect(existsSync(inFolder('pwned'))).toBe(false);
  });

  test('are verified like any other by harp-agent verify', async () => {
    await until('the folder is complete', async () => {
      const { offices } = await world.coverage(FOLDER);
      return offices[0]?.agentsComplete === 1;
    });
    const { code, stdout } = await agent.cli('verify', '--state', agent.stateDir, '--files', agent.filesDir);
    expect(code, stdout).toBe(0);
  });
});

describe('what stands in the way', () => {
  test('a link to a directory elsewhere is not followed, and an event says so', async () => {
    symlinkSync(outside, inFolder('plans'));
    await world.cloud.putGenerated(`/${FOLDER}/plans/secret.txt`, 500, 'secret');
    await world.cloud.putGenerated(`/${FOLDER}/beside.txt`, 500, 'beside');
    const event = await world.event('name.refused', ({ body }) => body.path === 'plans/secret.txt');
    expect(event.agentId).toBe(agent.id);
    await world.delivered([agent], FOLDER, ['beside.txt']);
    expect(readdirSync(outside)).toEqual([]);
    expect(lstatSync(inFolder('plans')).isSymbolicLink()).toBe(true);
  });

  test('once the link is gone, the file arrives with the next change', async () => {
    rmSync(inFolder('plans'));
    await world.cloud.putGenerated(`/${FOLDER}/beside.txt`, 501, 'beside again');
    await world.delivered([agent], FOLDER, ['beside.txt', 'plans/secret.txt']);
  });

  test('a link in place of a file is not written through', async () => {
    const victim = join(outside, 'victim.txt');
    writeFileSync(victim, 'untouched');
    symlinkSync(victim, inFolder('note.txt'));
    await world.cloud.putGenerated(`/${FOLDER}/note.txt`, 500, 'note');
    await until('it was dealt with', async () => {
      const isRefused = (await world.events()).some(
        ({ kind, body }) => kind === 'name.refused' && body.path === 'note.txt',
      );
      const wanted = await world.cloud.digest(`/${FOLDER}/note.txt`);
      // Between the link's going and the file's coming there is neither.
      const found = lstatSync(inFolder('note.txt'), { throwIfNoEntry: false });
      return isRefused || (found?.isFile() === true && (await sha256Of(inFolder('note.txt'))) === wanted);
    });
    expect(readFileSync(victim, 'utf8')).toBe('untouched');
    expect(readdirSync(outside)).toEqual(['victim.txt']);
  });

  test('a file of the user’s where a directory belongs is kept aside', async () => {
    writeFileSync(inFolder('box'), 'mine');
    await world.cloud.putGenerated(`/${FOLDER}/box/inner.txt`, 500, 'inner');
    await world.delivered([agent], FOLDER, ['box/inner.txt']);
    expect(contentsBelow(inFolder())).toContain('mine');
  });

  test('a directory of the user’s where a file belongs loses nothing', async () => {
    mkdirSync(inFolder('list.txt'));
    writeFileSync(inFolder('list.txt', 'thoughts'), 'my thoughts');
    await world.cloud.putGenerated(`/${FOLDER}/list.txt`, 500, 'list');
    await until('it was dealt with', async () => {
      const told = (await world.events()).some(
        ({ kind, body }) =>
          ['name.refused', 'file.kept_aside', 'folder.blocked'].includes(kind) &&
          JSON.stringify(body).includes('list.txt'),
      );
      return told;
    });
    expect(contentsBelow(inFolder())).toContain('my thoughts');
  });

  test('and the folder goes on after all that', async () => {
    await world.cloud.putGenerated(`/${FOLDER}/last.txt`, 500, 'last');
    await world.delivered([agent], FOLDER, ['last.txt']);
    expect(await world.server.harpJson('verify', FOLDER)).toMatchObject({ ok: true });
  });
});

/** What small files below a directory hold. */
function contentsBelow(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'));
}
