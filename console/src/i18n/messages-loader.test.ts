import { join } from 'node:path';
import { expect, test } from 'vitest';
import { shellText } from '../workbench/messages.ts';

type Done = (error: Error | null, source?: string) => void;
interface LoaderContext {
  resourcePath: string;
  async(): Done;
  addDependency(file: string): void;
  addContextDependency(folder: string): void;
}

const sources = join(import.meta.dirname, '..');

/** Runs the loader as the build does; what it made, and which files it read. */
async function load(file: string): Promise<{ source: string; read: string[] }> {
  const loader: string = join(sources, '../build/messages-loader.mjs');
  const { default: run } = (await import(loader)) as { default(this: LoaderContext): void };
  const read: string[] = [];
  const source = await new Promise<string>((resolve, reject) => {
    run.call({
      resourcePath: join(sources, file),
      async: () => (error, made) => (made === undefined ? reject(error) : resolve(made)),
      addDependency: (path) => read.push(path),
      addContextDependency: () => {},
    });
  });
  return { source, read };
}

test('pages get messages in English only', async () => {
  const { source } = await load('workbench/messages.ts');
  expect(source).toContain(JSON.stringify(shellText.notFoundTitle.en));
  expect(source).not.toContain(shellText.notFoundTitle.de);
  expect(source).toContain(`import { defineMessages } from "../i18n/messages.ts";`);
});

test('and all German ones together, by id', async () => {
  const { source, read } = await load('i18n/german.ts');
  const german = JSON.parse(source.replace(/^export const german = (.*);$/, '$1')) as Record<string, string>;
  expect(german[shellText.notFoundTitle.id]).toBe(shellText.notFoundTitle.de);
  expect(Object.keys(german).length).toBeGreaterThan(500);
  expect(read).toContain(join(sources, 'workbench/messages.ts'));
});

test('what is not messages fails the build, instead of reaching people empty', async () => {
  await expect(load('../../broker/src/protocol/messages.ts')).rejects.toThrow('defineMessages');
});
