// Prisma's schema engine as WebAssembly: reads migrations and schemas, writes SQL. The native engine would have to be
// downloaded, which neither an air-gapped server nor a build machine can do.
import { randomBytes } from 'node:crypto';
import type { EventEmitter } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { PrismaPg } from '@prisma/adapter-pg';
import {
  bindMigrationAwareSqlAdapterFactory,
  ColumnTypeEnum,
  type SqlDriverAdapter,
  type SqlMigrationAwareDriverAdapterFactory,
} from '@prisma/driver-adapter-utils';
import type { MigrationList, SchemaEngine } from '@prisma/schema-engine-wasm';
import * as bindings from '@prisma/schema-engine-wasm/schema_engine_bg';
import pg from 'pg';
import type { MigrationFolder } from './folder.ts';

/** The part of the API that is used here; Node 20's types leave it to the browser's. */
declare const WebAssembly: {
  instantiate(bytes: Uint8Array, imports: object): Promise<{ instance: { exports: Record<string, unknown> } }>;
};

/** What wasm-bindgen's glue has and its types leave out. */
interface Glue {
  __wbg_set_wasm(exports: Record<string, unknown>): void;
  readonly SchemaEngine: typeof SchemaEngine;
}

/** Tables and enums that the engine shall leave alone: none. */
export const noFilter = { externalTables: [], externalEnums: [] };

let loading: Promise<Glue> | undefined;

/** The engine is 3 MB to compile, and its glue keeps one instance per process anyway. */
function loadGlue(): Promise<Glue> {
  loading ??= instantiate();
  return loading;
}

async function instantiate(): Promise<Glue> {
  const glue = bindings as unknown as Glue;
  const entry = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg');
  const bytes = await readFile(path.join(path.dirname(entry), 'schema_engine_bg.wasm'));
  // Where the engine puts its last words; without it they are lost.
  Object.assign(globalThis, {
    PRISMA_WASM_PANIC_REGISTRY: {
      set_message(words: string): never {
        throw new Error(`Prisma's schema engine failed: ${words}`);
      },
    },
  });
  const { instance } = await WebAssembly.instantiate(bytes, { './schema_engine_bg.js': bindings });
  glue.__wbg_set_wasm(instance.exports);
  (instance.exports.__wbindgen_start as () => void)();
  return glue;
}

/**
 * Runs `use` with an engine on the database at `url`.
 *
 * The engine holds at most two connections, closed when `use` is done. For `diff` from migrations it makes a shadow
 * database on the same server and drops it again.
 */
export async function withSchemaEngine<T>(url: string, use: (engine: SchemaEngine) => Promise<T>): Promise<T> {
  const glue = await loadGlue();
  const factory = adapterFactory(url);
  const bound = bindMigrationAwareSqlAdapterFactory(factory);
  const engine = await glue.SchemaEngine.new({ datamodels: undefined }, () => {}, bound);
  try {
    return await use(engine);
  } finally {
    engine.free();
    await factory.close();
  }
}

/** How the engine wants the migrations of `folder`. */
export function migrationList(folder: MigrationFolder): MigrationList {
  return {
    baseDir: folder.dir,
    lockfile: { path: 'migration_lock.toml', content: folder.lockfile },
    shadowDbInitScript: '',
    migrationDirectories: folder.migrations.map(({ name, sql }) => ({
      path: name,
      migrationFile: { path: 'migration.sql', content: { tag: 'ok', value: sql } },
    })),
  };
}

function adapterFactory(url: string): SqlMigrationAwareDriverAdapterFactory & { close(): Promise<void> } {
  const cleanups: (() => Promise<unknown>)[] = [];
  const connectTo = async (connectionString: string): Promise<SqlDriverAdapter> => {
    const pool = new pg.Pool({ connectionString, max: 1 });
    pool.on('connect', markQuotedChars);
    // A session that breaks fails the statement it runs; one that is idle is on its way out (see close) and missed by nobody.
    pool.on('error', () => {});
    cleanups.push(() => pool.end());
    return completeAdapter(await new PrismaPg(pool).connect());
  };
  return {
    provider: 'postgres',
    adapterName: '@prisma/adapter-pg',
    connect: () => connectTo(url),
    async connectToShadowDb() {
      const name = `harp_shadow_${randomBytes(8).toString('hex')}`;
      const admin = new pg.Client({ connectionString: url });
      await admin.connect();
      cleanups.push(() => admin.end());
      await admin.query(`CREATE DATABASE ${name} TEMPLATE template0`);
      cleanups.push(() => admin.query(`DROP DATABASE ${name} WITH (FORCE)`));
      const shadow = new URL(url);
      shadow.pathname = `/${name}`;
      return connectTo(shadow.href);
    },
    async close() {
      // Newest first: sessions end before their database is dropped, and that before the session that drops it ends.
      for (const cleanup of cleanups.reverse()) await cleanup();
    },
  };
}

/** Object identifiers of PostgreSQL's built-in types (pg_type.dat). */
const typeIds = { quotedChar: 18, text: 25 };
/** No column name has a null character. */
const quotedCharMark = '\0char';

/**
 * Teaches the adapter the type `"char"`, which only PostgreSQL's own catalogue uses: the engine reads the catalogue, and
 * the adapter refuses that type. It passes as text below the adapter, with a mark on the column's name that
 * {@link completeAdapter} turns into the right type above it.
 */
function markQuotedChars(client: pg.Client): void {
  // The protocol layer below the client, which pg's types leave out.
  const { connection } = client as unknown as { connection: EventEmitter };
  connection.prependListener('rowDescription', ({ fields }: { fields: { name: string; dataTypeID: number }[] }) => {
    for (const field of fields) {
      if (field.dataTypeID !== typeIds.quotedChar) continue;
      field.dataTypeID = typeIds.text;
      field.name += quotedCharMark;
    }
  });
}

/** The same adapter, with two shortcomings that matter to the schema engine made good. */
function completeAdapter(adapter: SqlDriverAdapter): SqlDriverAdapter {
  const queryRaw = adapter.queryRaw.bind(adapter);
  adapter.queryRaw = async (query) => {
    const { columnNames, columnTypes, rows } = await queryRaw(query);
    return {
      columnNames: columnNames.map((name) => name.replace(quotedCharMark, '')),
      columnTypes: columnTypes.map((type, index) =>
        columnNames[index]?.endsWith(quotedCharMark) ? ColumnTypeEnum.Character : type,
      ),
      rows,
    };
  };
  // The original cuts a script at every semicolon, also within function bodies and texts, and leaves the first half behind
  // when the second fails. One message without parameters is one transaction to PostgreSQL.
  adapter.executeScript = async (script) => {
    await adapter.executeRaw({ sql: script, args: [], argTypes: [] });
  };
  return adapter;
}
