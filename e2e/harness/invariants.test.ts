import { createHash } from 'node:crypto';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Agent, temporaryFolder } from './fleet.ts';
import { watchFiles } from './invariants.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** A PC that exists as a folder only, and a cloud in which every file says `right`. */
function watched() {
  const filesDir = temporaryFolder('watched');
  const folder = join(filesDir, 'Projects');
  mkdirSync(folder);
  const agent = { name: 'pc', filesDir } as Agent;
  const watch = watchFiles({ digest: async () => sha256('right') }, [agent], 'Projects');
  return { agent, watch, write: (name: string, text: string) => writeFileSync(join(folder, name), text), folder };
}

test('right files, partial files and files of the user’s are no offence', async () => {
  const { agent, watch, write, folder } = watched();
  write('.harp-0123456789abcdef.partial', 'rig');
  write('.harp-0123456789abcdef.partial', 'right');
  renameSync(join(folder, '.harp-0123456789abcdef.partial'), join(folder, 'a.txt'));
  write('notes.txt', 'mine');
  watch.ignore('notes.txt');
  await watch.allow('a.txt');
  await watch.stop();
  expect(await watch.saw(agent, 'a.txt')).toBe(true);
});

test.each([
  { what: 'half a file', name: 'a.txt', text: 'rig' },
  { what: 'a file nobody put', name: 'b.txt', text: 'right' },
])('$what is told by PC and path', async ({ name, text }) => {
  const { watch, write } = watched();
  write(name, text);
  await watch.allow('a.txt');
  await expect(watch.stop()).rejects.toThrow(`pc: ${name}`);
});

test('a wrong content that was there for a while is remembered', async () => {
  const { agent, watch, write } = watched();
  await watch.allow('a.txt');
  write('a.txt', 'right');
  await expect.poll(() => watch.saw(agent, 'a.txt')).toBe(true);
  write('a.txt', 'wrong');
  await lookedAgain(watch, agent);
  write('a.txt', 'right');
  await expect(watch.stop()).rejects.toThrow('pc: a.txt');
});

/** The watcher has looked since: a file written now is seen. */
async function lookedAgain(watch: ReturnType<typeof watchFiles>, agent: Agent): Promise<void> {
  writeFileSync(join(agent.filesDir, 'Projects', 'marker'), 'right');
  watch.ignore('marker');
  await expect.poll(() => watch.saw(agent, 'marker')).toBe(true);
}
