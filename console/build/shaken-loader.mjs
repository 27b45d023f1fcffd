/**
 * A file with what it imports from packages as one module, without what is not used of them. Turbopack decides by whole modules what of zod is used,
 * and zod's core is one: pages would load twice of it what their schemas need. (A loader of Turbopack's, which next.config.ts gives files to.)
 */
import { build } from 'esbuild';

export default function load() {
  const done = this.async();
  const building = build({
    entryPoints: [this.resourcePath],
    bundle: true,
    write: false,
    format: 'esm',
    logLevel: 'silent',
  });
  building.then(({ outputFiles }) => done(null, outputFiles[0].text), done);
}
