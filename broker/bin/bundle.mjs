/**
 * Bundles programs of the workspace it is called from into `dist`: `bundle.mjs name=src/entry.ts …`.
 *
 * What they depend on goes in, but for what has parts that are no JavaScript: a process that starts by loading one file takes half the
 * processor time of one that loads a thousand.
 */
import { build } from 'esbuild';

const entryPoints = Object.fromEntries(process.argv.slice(2).map((entry) => entry.split('=')));

await build({
  entryPoints,
  outdir: 'dist',
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  sourcemap: true,
  // Stacks need places only; with all texts a map takes a process longer to read than the program.
  sourcesContent: false,
  logLevel: 'warning',
  // And `pg` with its adapter: Prisma knows a pool of connections by its class.
  external: ['@prisma/*', 'lmdb', 'next', 'pg'],
  alias: {
    '@harp/broker/protocol': '../broker/src/protocol/index.ts',
    '@harp/broker/protocol/node': '../broker/src/protocol/node/index.ts',
    '@harp/prisma': '../prisma/src/index.ts',
  },
  // CommonJS packages ask for Node's modules by `require`, which an ES module does not have.
  banner: {
    js: "import { createRequire as requireFor } from 'node:module'; const require = requireFor(import.meta.url);",
  },
});
