/**
 * Runs all tests and closes with one plain line, `N passed, N failed`. Unit and component tests first, then real processes and the browser side
 * by side; a failure does not stop the rest, so one run tells everything.
 *
 *   --unit        unit and component tests only
 *   --no-browser  everything but Playwright
 */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const root = fileURLToPath(new URL('../../', import.meta.url));
const output = `${root}e2e/output`;
const flags = new Set(process.argv.slice(2));

interface Tally {
  passed: number;
  failed: number;
}

function run(args: string[], env: Record<string, string> = {}): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } });
    child.on('exit', (code) => resolve(code ?? 1));
  });
}

const VitestResult = z.object({ numPassedTests: z.int(), numFailedTests: z.int(), success: z.boolean() });

async function vitest(projects: string[]): Promise<Tally> {
  const file = `${output}/${projects.join('-')}.json`;
  rmSync(file, { force: true });
  const code = await run([
    'node_modules/vitest/vitest.mjs',
    'run',
    ...projects.flatMap((project) => ['--project', project]),
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${file}`,
  ]);
  return tally(file, code, (value) => {
    const result = VitestResult.parse(value);
    const failed = result.success || result.numFailedTests > 0 ? result.numFailedTests : 1;
    return { passed: result.numPassedTests, failed };
  });
}

const PlaywrightResult = z.object({
  stats: z.object({ expected: z.int(), unexpected: z.int(), flaky: z.int(), skipped: z.int() }),
});

async function playwright(): Promise<Tally> {
  const file = `${output}/playwright.json`;
  rmSync(file, { force: true });
  const code = await run(
    ['node_modules/@playwright/test/cli.js', 'test', '--config', 'e2e/console/playwright.config.ts'],
    {
      PLAYWRIGHT_JSON_OUTPUT_FILE: file,
    },
  );
  return tally(file, code, (value) => {
    const { stats } = PlaywrightResult.parse(value);
    return { passed: stats.expected, failed: stats.unexpected + stats.flaky };
  });
}

/** A runner that died without a result file counts as one failure: silence is never success. */
function tally(file: string, code: number, read: (value: unknown) => Tally): Tally {
  try {
    const result = read(JSON.parse(readFileSync(file, 'utf8')));
    return code !== 0 && result.failed === 0 ? { ...result, failed: 1 } : result;
  } catch (error) {
    process.stderr.write(`harp: no test result: ${error instanceof Error ? error.message : String(error)}\n`);
    return { passed: 0, failed: 1 };
  }
}

mkdirSync(output, { recursive: true });
const tallies = [await vitest(['prisma', 'broker', 'agent', 'console', 'e2e-unit', 'isolated'])];
if (!flags.has('--unit')) {
  // Both wait for processes most of the time, each in worlds of its own: side by side they take two thirds of the time.
  const browser = flags.has('--no-browser') ? [] : [playwright()];
  tallies.push(...(await Promise.all([vitest(['e2e']), ...browser])));
}
const passed = tallies.reduce((sum, each) => sum + each.passed, 0);
const failed = tallies.reduce((sum, each) => sum + each.failed, 0);
process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
