/**
 * What pages get of the texts. A file of messages reaches browsers with its English texts only; `i18n/german.ts` reaches them, when a reader wants
 * German, with the German texts of all files. Authors write both languages side by side and notice nothing of this. (A loader of Turbopack's, which
 * next.config.ts gives these files to.)
 */
import { readdirSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { build } from 'esbuild';

const sources = join(import.meta.dirname, '..', 'src');
const isMessagesFile = (path) => /^(?:.*-)?messages\.ts$/.test(basename(path));

/** Everything that files of messages export, as one bundle that is evaluated. */
async function evaluate(files) {
  const contents = files.map((file, index) => `export * as file${index} from ${JSON.stringify(file)};`).join('\n');
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: sources, loader: 'ts' },
    bundle: true,
    write: false,
    format: 'esm',
    logLevel: 'silent',
  });
  const modules = await import(`data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`);
  return files.map((_, index) => modules[`file${index}`]);
}

function assertMessages(value, what) {
  const texts = Object.values(value).flatMap(({ id, en, de }) => [id, en, de]);
  if (!texts.every((text) => typeof text === 'string')) throw new Error(`${what} is not what defineMessages makes`);
}

async function englishOf(file) {
  const [module] = await evaluate([file]);
  const defined = Object.entries(module).map(([name, messages]) => {
    assertMessages(messages, `${name} of ${file}`);
    const [firstKey, first] = Object.entries(messages)[0];
    const prefix = first.id.slice(0, -firstKey.length - 1);
    const english = Object.fromEntries(Object.entries(messages).map(([key, { en }]) => [key, en]));
    return `export const ${name} = defineMessages(${JSON.stringify(prefix)}, ${JSON.stringify(english)}, {});`;
  });
  const path = relative(dirname(file), join(sources, 'i18n/messages.ts')).replaceAll('\\', '/');
  return `import { defineMessages } from ${JSON.stringify(path)};\n${defined.join('\n')}`;
}

async function germanOfAll(loader) {
  const entries = readdirSync(sources, { recursive: true, withFileTypes: true });
  for (const entry of entries) if (entry.isDirectory()) loader.addContextDependency(join(entry.parentPath, entry.name));
  const files = entries
    .filter(
      (entry) => entry.isFile() && isMessagesFile(entry.name) && !entry.parentPath.startsWith(join(sources, 'i18n')),
    )
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  for (const file of files) loader.addDependency(file);
  const messages = (await evaluate(files)).flatMap((module) => Object.values(module)).flatMap(Object.values);
  return `export const german = ${JSON.stringify(Object.fromEntries(messages.map(({ id, de }) => [id, de])))};`;
}

export default function load() {
  const done = this.async();
  const making = isMessagesFile(this.resourcePath) ? englishOf(this.resourcePath) : germanOfAll(this);
  making.then((source) => done(null, source), done);
}
