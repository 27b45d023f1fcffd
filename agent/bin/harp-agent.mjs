#!/usr/bin/env node
import { existsSync } from 'node:fs';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const bundle = new URL('../dist/main.js', import.meta.url);

if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`harp-agent: Node.js 20.19 or newer is needed, this is ${process.versions.node}.`);
  process.exitCode = 1;
} else if (!existsSync(bundle)) {
  console.error('harp-agent: it has not been built yet. Run “npm install” or “npm run build” in the project’s folder.');
  process.exitCode = 1;
} else {
  await import(bundle.href);
}
