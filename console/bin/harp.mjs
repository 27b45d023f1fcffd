#!/usr/bin/env node
/** `npx harp`: runs the bundle. */
import { existsSync } from 'node:fs';

const cli = new URL('../dist/cli.js', import.meta.url);
if (existsSync(cli)) {
  await import(cli.href);
} else {
  process.stderr.write('harp: the command line is not built yet. Run: npm run bundle -w @harp/console\n');
  process.exitCode = 1;
}
