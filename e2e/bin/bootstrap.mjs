/**
 * Every command people type starts here: it installs what is missing, builds what is stale, then runs the task. Plain JavaScript without
 * dependencies, because on a fresh clone there are none.
 *
 *   node e2e/bin/bootstrap.mjs demo|start|dev|test|check|bench|screenshots [arguments]
 */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureBrowser } from './browser.mjs';
import { ensureMosquitto } from './mosquitto.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const [task = '', ...args] = process.argv.slice(2);
const quiet = {
  NEXT_TELEMETRY_DISABLED: '1',
  TURBO_TELEMETRY_DISABLED: '1',
  DO_NOT_TRACK: '1',
  CHECKPOINT_DISABLE: '1',
};

/** Runs a command in the foreground; resolves with its exit code. SIGINT and SIGTERM are passed on. */
function run(command, commandArgs, env = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, commandArgs, {
      cwd: root,
      stdio: 'inherit',
      env: { ...process.env, ...quiet, ...env },
      shell: process.platform === 'win32',
    });
    const pass = (signal) => child.kill(signal);
    process.on('SIGINT', pass);
    process.on('SIGTERM', pass);
    child.on('error', (error) => {
      say(`cannot run ${command}: ${error.message}`);
      resolve(1);
    });
    child.on('exit', (code, signal) => {
      process.off('SIGINT', pass);
      process.off('SIGTERM', pass);
      resolve(code ?? (signal === 'SIGINT' ? 130 : 143));
    });
  });
}

async function must(what, command, commandArgs, env) {
  const startedAt = Date.now();
  say(`${what} …`);
  const code = await run(command, commandArgs, env);
  if (code !== 0) {
    say(`${what} failed (exit status ${code}). The lines above say why.`);
    process.exit(code);
  }
  say(`${what}: done in ${((Date.now() - startedAt) / 1000).toFixed(1)} s`);
}

function say(text) {
  process.stderr.write(`harp: ${text}\n`);
}

const mtimeMs = (path) => (existsSync(path) ? statSync(path).mtimeMs : 0);

/** When the newest source file below `folders` was written. */
function newestMs(folders) {
  let newest = 0;
  const visit = (path) => {
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      if (/^(node_modules|dist|\.next|generated|\.turbo)$/.test(entry.name)) continue;
      const child = join(path, entry.name);
      if (entry.isDirectory()) visit(child);
      else newest = Math.max(newest, statSync(child).mtimeMs);
    }
  };
  for (const folder of folders) visit(join(root, folder));
  return newest;
}

async function ensureInstalled() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    say(
      `Node ${process.versions.node} is too old: Harp needs 20.19 or newer. Install it from your system's packages or nodejs.org.`,
    );
    process.exit(1);
  }
  if (mtimeMs(join(root, 'node_modules/.package-lock.json')) >= mtimeMs(join(root, 'package-lock.json'))) return;
  // Not `npm ci`: it refuses the lockfile where a registry lacks packages for other platforms. Versions come from the lockfile all the same.
  await must('installing packages', 'npm', ['install', '--no-save', '--no-audit', '--no-fund']);
}

async function ensureBundles() {
  const oldest = Math.min(
    ...['broker/dist/main.js', 'agent/dist/main.js', 'console/dist/supervisor.js', 'console/dist/server.js'].map(
      (file) => mtimeMs(join(root, file)),
    ),
  );
  if (oldest < newestMs(['broker/src', 'agent/src', 'console/src', 'prisma']))
    await must('building', 'npm', ['run', '--silent', 'prepare']);
}

async function ensurePages() {
  if (
    mtimeMs(join(root, 'console/.next/BUILD_ID')) >= newestMs(['console/src', 'console/build', 'broker/src/protocol'])
  )
    return;
  await must('building the console pages', 'npm', ['run', '--silent', 'pages', '-w', '@harp/console']);
}

const tsx = (file, fileArgs, env) => run(process.execPath, ['--import', 'tsx', join(root, file), ...fileArgs], env);

const tasks = {
  async start() {
    await ensureBundles();
    await ensurePages();
    return run(process.execPath, [join(root, 'console/dist/supervisor.js'), ...args]);
  },
  async demo() {
    await ensureBundles();
    await ensurePages();
    return tsx('e2e/demo/main.ts', args);
  },
  async dev() {
    await ensureBundles();
    return tsx('e2e/demo/main.ts', ['--dev', ...args]);
  },
  async check() {
    await must('formatting and lint', 'npm', ['run', '--silent', 'lint']);
    await must('types', 'npm', ['run', '--silent', 'typecheck']);
    await must('dead code', 'npm', ['run', '--silent', 'knip']);
    return tsx('e2e/bin/test.ts', ['--unit'], { HARP_TEST_MOSQUITTO: await ensureMosquitto(say, run) });
  },
  async test() {
    const browser = await ensureBrowser(say, run);
    const mosquitto = await ensureMosquitto(say, run);
    await ensureBundles();
    await ensurePages();
    await must('formatting and lint', 'npm', ['run', '--silent', 'lint']);
    await must('types', 'npm', ['run', '--silent', 'typecheck']);
    return run(process.execPath, ['--import', 'tsx', join(root, 'e2e/bin/test.ts'), ...args], {
      HARP_TEST_BROWSER: browser,
      HARP_TEST_MOSQUITTO: mosquitto,
    });
  },
  async screenshots() {
    const browser = await ensureBrowser(say, run);
    await ensureBundles();
    await ensurePages();
    return run(process.execPath, ['--import', 'tsx', join(root, 'e2e/console/screenshots.ts'), ...args], {
      HARP_TEST_BROWSER: browser,
    });
  },
  async bench() {
    const [name = '', ...rest] = args;
    const file = `e2e/bench/${name}.ts`;
    if (!/^[a-z]+$/.test(name) || !existsSync(join(root, file))) {
      say(`there is no benchmark called "${name}"`);
      return 2;
    }
    await ensureBundles();
    if (name !== 'console') return tsx(file, rest);
    const browser = await ensureBrowser(say, run);
    await ensurePages();
    return run(process.execPath, ['--import', 'tsx', join(root, file), ...rest], { HARP_TEST_BROWSER: browser });
  },
};

if (!Object.hasOwn(tasks, task)) {
  say(`usage: node e2e/bin/bootstrap.mjs ${Object.keys(tasks).join('|')} [arguments]`);
  process.exit(2);
}
await ensureInstalled();
process.exitCode = await tasks[task]();
