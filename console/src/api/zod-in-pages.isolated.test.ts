import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { toJSONSchema } from 'zod/v4/core';

const sources = join(import.meta.dirname, '..');
const protocol = join(sources, '../../broker/src/protocol');

/** Files that pages may load and that make schemas. */
const files = [sources, protocol]
  .flatMap((folder) =>
    readdirSync(folder, { recursive: true, withFileTypes: true }).map((entry) => join(entry.parentPath, entry.name)),
  )
  .filter((path) => /(?<!\.test|-fixture)\.tsx?$/.test(path))
  .filter((path) => !/\/(server|cli|node)\//.test(relative(join(sources, '../..'), path)))
  .filter((path) => /^import \{[^}]*\bz\b[^}]*\} from 'zod';$/m.test(readFileSync(path, 'utf8')));

type Schema = Parameters<typeof toJSONSchema>[0];
type Exports = Readonly<Record<string, unknown>>;

afterEach(() => {
  vi.doUnmock('zod');
  vi.resetModules();
});

async function load(file: string, kind: 'zod' | 'zod in pages'): Promise<Exports> {
  vi.resetModules();
  if (kind === 'zod') vi.doUnmock('zod');
  else vi.doMock('zod', () => import('./zod-in-pages.ts'));
  return import(file);
}

function schemasOf(exports: Exports): [string, Schema][] {
  return Object.entries(exports).filter(
    (entry): entry is [string, Schema] => typeof entry[1] === 'object' && entry[1] !== null && '_zod' in entry[1],
  );
}

/** Everything a schema says, but for functions and documentation. */
function described(schema: Schema): unknown {
  const options = { unrepresentable: 'any', io: 'input' } as const;
  return JSON.parse(JSON.stringify(toJSONSchema(schema, options)), (key, value: unknown) =>
    ['title', 'description', 'unit', 'applies'].includes(key) && typeof value === 'string' ? undefined : value,
  );
}

describe('schemas mean the same in pages and in the server', () => {
  test('there are some', () => {
    expect(files.length).toBeGreaterThan(25);
  });

  test.each(files.map((path) => relative(join(sources, '../..'), path)))('%s', async (file) => {
    const path = join(sources, '../..', file);
    const wanted = schemasOf(await load(path, 'zod')).map(([name, schema]) => [name, described(schema)]);
    const found = schemasOf(await load(path, 'zod in pages')).map(([name, schema]) => [name, described(schema)]);
    expect(found).toEqual(wanted);
  });

  test('the schemas of pages are not those of zod', async () => {
    const { ErrorBody } = await load(join(sources, 'api/schemas/server.ts'), 'zod in pages');
    expect((ErrorBody as { constructor: { name: string } }).constructor.name).toBe('ZodMiniObject');
  });
});

describe('what no JSON schema says', () => {
  type Loose = { safeParse(value: unknown): { success: boolean; data?: unknown } };

  test.each([
    { schema: 'EntryPath', from: 'entry.ts', good: 'a/b.txt', bad: '../b.txt' },
    { schema: 'DisplayName', from: 'ids.ts', good: 'north', bad: ' north' },
  ])('refinements: $schema', async ({ schema, from, good, bad }) => {
    const module = await load(join(protocol, from), 'zod in pages');
    const made = module[schema] as Loose;
    expect(made.safeParse(good)).toMatchObject({ success: true, data: good });
    expect(made.safeParse(bad).success).toBe(false);
  });

  test('transformations', async () => {
    const { readUserRules } = (await load(
      join(sources, 'workbench/keybindings/rules.ts'),
      'zod in pages',
    )) as typeof import('../workbench/keybindings/rules.ts');
    const read = readUserRules([
      { key: 'Shift+Ctrl+P', command: 'a' },
      { key: 'ctrl+', command: 'b' },
      { key: 'f6', command: 'c', when: 'a &&' },
    ]);
    expect(read).toMatchObject({ rules: [{ key: 'ctrl+shift+p', command: 'a' }], refused: 2 });
  });
});
