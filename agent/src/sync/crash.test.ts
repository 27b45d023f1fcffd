import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { expect, onTestFinished, test } from 'vitest';
import { crashChain } from '../../test/fixtures/crash-chain.ts';
import { filesBelow } from '../../test/fixtures/file-agent.ts';
import { tempFolder } from '../../test/fixtures/temp-folder.ts';
import { isOwnName } from '../files/names.ts';

const childSource = fileURLToPath(new URL('../../test/fixtures/crash-child.ts', import.meta.url));
const root = fileURLToPath(new URL('../../..', import.meta.url));

/** One bundle for all processes of the test, beside the packages it needs. */
async function bundleChild(): Promise<string> {
  const outfile = join(root, 'node_modules', '.cache', 'harp-tests', `crash-child-${process.pid}.mjs`);
  await build({
    entryPoints: [childSource],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    logLevel: 'warning',
    alias: {
      '@harp/broker/protocol': join(root, 'broker/src/protocol/index.ts'),
      '@harp/broker/protocol/node': join(root, 'broker/src/protocol/node/index.ts'),
    },
  });
  onTestFinished(() => rm(outfile, { force: true }));
  return outfile;
}

interface Life {
  stored: string[];
  asked: string[];
  completed: boolean;
}

/** Runs one life of the agent: until it is complete, or until `killAfter` chunks were stored or asked for. */
function live(script: string, args: string[], killAfter: number): Promise<Life> {
  const child: ChildProcess = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const life: Life = { stored: [], asked: [], completed: false };
  let lines = 0;
  createInterface({ input: child.stdout! }).on('line', (line) => {
    const [word, id = ''] = line.split(' ');
    if (word === 'stored') life.stored.push(id);
    if (word === 'asked') life.asked.push(id);
    if (word === 'complete') life.completed = true;
    if (word === 'complete' || ++lines >= killAfter) child.kill('SIGKILL');
  });
  return new Promise((resolve) => child.on('close', () => resolve(life)));
}

/** No file that people see is anything but a version the chain had at that path. */
async function expectNoHalfFile(base: string, allowed: ReturnType<typeof crashChain>['allowed']) {
  const files = join(base, 'files/Sales');
  if (!existsSync(files)) return;
  for (const [path, content] of Object.entries(await filesBelow(files))) {
    if (isOwnName(path.split('/').at(-1)!)) continue;
    const versions = allowed.get(path) ?? [];
    expect(
      versions.some((version) => content.equals(version)),
      `${path} with ${content.length} bytes`,
    ).toBe(true);
  }
}

test('killed at any moment: no half file is ever visible and no verified chunk is asked for again', {
  timeout: 120_000,
}, async () => {
  const script = await bundleChild();
  const seed = 1;
  const { chain, offers, allowed } = crashChain(seed);
  const base = await tempFolder();
  const verified = new Set<string>();
  // Moments that fall into every phase; the numbers themselves mean nothing.
  const moments = [1, 3, 9, 14, 21, 40, 90, 15, 30, 5, 2, 8, 1, 4, 3, 2];
  let lives = 0;
  for (let head = 1; head <= offers.length; ) {
    const killAfter = moments[lives % moments.length]!;
    const life = await live(script, [base, String(seed), String(head)], killAfter);
    lives++;
    expect(life.asked.filter((id) => verified.has(id))).toEqual([]);
    for (const id of life.stored) verified.add(id);
    await expectNoHalfFile(base, allowed);
    if (life.completed) head++;
    expect(lives).toBeLessThan(60);
  }
  const files = await filesBelow(join(base, 'files/Sales'));
  expect(
    Object.keys(files)
      .filter((path) => !isOwnName(path.split('/').at(-1)!))
      .sort(),
  ).toEqual([...chain.state.keys()].sort());
  expect(lives).toBeGreaterThan(offers.length + 3);
});
