// Writes the Prisma client from prisma/schema into prisma/src/generated, without downloading anything.
// Runs at every `npm install` and build, so it does nothing when the schema and Prisma's version are those of the last run.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const packageDir = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const schemaDir = path.join(packageDir, 'schema');
const generatedDir = path.join(packageDir, 'src', 'generated');
const stampFile = path.join(generatedDir, '.stamp');

/** @param {string} message @returns {never} */
function fail(message) {
  process.stderr.write(`prisma generate: ${message}\n`);
  process.exit(1);
}

function prismaPackage() {
  try {
    const file = createRequire(import.meta.url).resolve('prisma/package.json');
    const { version } = JSON.parse(readFileSync(file, 'utf8'));
    return { cli: path.join(path.dirname(file), 'build', 'index.js'), version };
  } catch (cause) {
    return fail(`the package "prisma" is not installed; run npm install with development packages (${cause})`);
  }
}

/** @param {string} version */
function stampOf(version) {
  const hash = createHash('sha256').update(version);
  for (const name of readdirSync(schemaDir).sort()) {
    hash.update(`\0${name}\0`).update(readFileSync(path.join(schemaDir, name)));
  }
  return hash.digest('hex');
}

const { cli, version } = prismaPackage();
const stamp = stampOf(version);
if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) process.exit(0);

// A run that is cut short must not leave a stamp that vouches for half a client.
rmSync(stampFile, { force: true });
const result = spawnSync(process.execPath, [cli, 'generate', '--schema', schemaDir, '--no-hints'], {
  cwd: packageDir,
  encoding: 'utf8',
  env: {
    ...process.env,
    // Prisma insists on a schema engine it does not use for generating, and would download one. Any executable will do.
    PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
    PRISMA_HIDE_UPDATE_MESSAGE: '1',
    CHECKPOINT_DISABLE: '1',
    DO_NOT_TRACK: '1',
  },
});
if (result.error) fail(`could not run Prisma: ${result.error.message}`);
if (result.status !== 0) {
  fail(`Prisma ended with ${result.status ?? result.signal}\n${result.stdout ?? ''}${result.stderr ?? ''}`);
}
writeFileSync(stampFile, stamp);
