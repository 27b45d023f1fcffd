import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pipeline, Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { chunkLengths, decodeManifest, type EntryPath } from '@harp/broker/protocol';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { DavNode } from '../nextcloud/multistatus.ts';
import { silentLogger } from '../ports.ts';
import { createFileReader } from './file-reader.ts';
import { createLimiter } from './limiter.ts';
import type { ListedFile } from './listing.ts';
import type { ProgressStore, ReadProgress } from './progress-store.ts';
import { createWorkerPool, type WorkerPool } from './worker-pool.ts';

const MiB = 1024 * 1024;
/** File content: this block over and over. Its odd length keeps chunk boundaries from repeating with it too soon. */
const block = randomBytes(3 * MiB + 7);

/** What the server does with one request, beyond serving it. */
interface Mood {
  breakAfterBytes?: number;
  ignoreRange?: boolean;
  etag?: string;
  status?: number;
}

let size = 0;
let etag = 'e1';
let moods: Mood[] = [];
let ranges: (string | undefined)[] = [];
let server: Server;
let dir: string;
let entry: string;
let pool: WorkerPool;

beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'harp-worker-'));
  entry = path.join(dir, 'worker.cjs');
  const protocol = (file: string) => fileURLToPath(new URL(`../../../../broker/src/protocol/${file}`, import.meta.url));
  await build({
    entryPoints: [fileURLToPath(new URL('./worker.ts', import.meta.url))],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    outfile: entry,
    logLevel: 'warning',
    alias: { '@harp/broker/protocol/node': protocol('node/index.ts'), '@harp/broker/protocol': protocol('index.ts') },
  });
  server = createServer((request, response) => {
    const mood = moods.shift() ?? {};
    ranges.push(request.headers.range);
    const current = mood.etag ?? etag;
    if (mood.status !== undefined || request.headers['if-match'] !== `"${current}"`) {
      response.writeHead(mood.status ?? 412).end('no');
      return;
    }
    const from = mood.ignoreRange ? 0 : Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const partial = from > 0 ? { 'content-range': `bytes ${from}-${size - 1}/${size}` } : {};
    response.writeHead(from > 0 ? 206 : 200, { 'content-length': size - from, 'oc-etag': `"${current}"`, ...partial });
    stream(response, from, mood.breakAfterBytes);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
}, 60_000);
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  await rm(dir, { recursive: true, force: true });
});
beforeEach(() => {
  etag = 'e1';
  moods = [];
  ranges = [];
  pool = createWorkerPool({ entry, size: 2, logger: silentLogger });
});
afterEach(() => pool.close());

function stream(response: ServerResponse, from: number, breakAfterBytes = Number.POSITIVE_INFINITY): void {
  // Breaking off is the point; the client going away is the other way round.
  pipeline(Readable.from(parts(from, breakAfterBytes)), response, () => {});
}

function* parts(from: number, breakAfterBytes: number): Generator<Buffer> {
  for (let at = from; at < size; ) {
    const start = at % block.length;
    const part = block.subarray(start, Math.min(start + 64 * 1024, block.length, start + size - at));
    at += part.length;
    if (at - from > breakAfterBytes) throw new Error('broken off');
    yield part;
  }
}

class MemoryProgress implements ProgressStore {
  saved: ReadProgress | undefined;
  saves = 0;
  async load({ etag: wanted }: ListedFile) {
    return wanted === 'e1' ? this.saved : undefined;
  }
  async save(_: ListedFile, progress: ReadProgress) {
    this.saved = progress;
    this.saves += 1;
  }
  async clear() {
    this.saved = undefined;
  }
}

function reader(progress: ProgressStore = new MemoryProgress(), signal = new AbortController().signal) {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return createFileReader({
    source: {
      client: {
        guarded: (read) => read(),
        stat: async () => ({ etag }) as DavNode,
      },
      connection: { url, userName: 'u', password: 'p', userAgent: 'Harp/test' },
      davUser: 'u',
      rootPath: 'P',
    },
    pool,
    limiter: createLimiter(4),
    progress,
    clock: {
      after: (_, run) => {
        setImmediate(run);
        return () => {};
      },
    },
    signal,
  });
}

const file = (): ListedFile => ({ path: 'x' as EntryPath, fileId: '1', etag: 'e1', size, mtimeMs: 0 });

describe('reading a file', () => {
  test('cuts and hashes exactly as agents do', async () => {
    size = 9 * MiB + 123;
    const whole = Buffer.concat([block, block, block, block]).subarray(0, size);
    const { manifestBytes } = await reader()(file());
    let offset = 0;
    const expected = chunkLengths(whole).map((length) => {
      const id = createHash('sha256')
        .update(whole.subarray(offset, offset + length))
        .digest('hex');
      offset += length;
      return { id, size: length };
    });
    expect(decodeManifest(manifestBytes!)).toEqual({ size, chunks: expected });
  });

  test('a small file carries its chunk, an empty one asks nobody', async () => {
    size = 1000;
    expect(await reader()(file())).toMatchObject({
      chunk: createHash('sha256').update(block.subarray(0, size)).digest('hex'),
    });
    size = 0;
    ranges = [];
    expect((await reader()(file())).chunk).toBeUndefined();
    expect(ranges).toEqual([]);
  });

  test('a body that breaks off is continued at the last checkpoint, with the same result', async () => {
    size = 150 * MiB;
    const uninterrupted = await reader()(file());
    ranges = [];
    moods = [{ breakAfterBytes: 100 * MiB }, { status: 500 }];
    const progress = new MemoryProgress();
    expect(await reader(progress)(file())).toEqual(uninterrupted);
    const [first, second, third] = ranges.map((range) => Number(/bytes=(\d+)/.exec(range ?? '')?.[1] ?? 0));
    expect(first).toBe(0);
    expect(second).toBeGreaterThanOrEqual(64 * MiB);
    expect(third).toBe(second);
    expect(progress.saved).toBeUndefined();
  }, 60_000);

  test('after a crash, reading goes on at the checkpoint in the database', async () => {
    size = 150 * MiB;
    const uninterrupted = await reader()(file());
    const progress = new MemoryProgress();
    const crash = new AbortController();
    const saveThenCrash: ProgressStore = {
      load: (of) => progress.load(of),
      clear: () => progress.clear(),
      async save(of, at) {
        await progress.save(of, at);
        crash.abort(new Error('killed'));
      },
    };
    await expect(reader(saveThenCrash, crash.signal)(file())).rejects.toThrow('killed');
    ranges = [];
    expect(await reader(progress)(file())).toEqual(uninterrupted);
    expect(ranges).toHaveLength(1);
    expect(lastStart()).toBeGreaterThanOrEqual(64 * MiB);
  }, 60_000);

  test('another version is never mixed in: neither when resuming nor after the last byte', async () => {
    size = 150 * MiB;
    moods = [{ breakAfterBytes: 100 * MiB }, { etag: 'e2' }];
    await expect(reader()(file())).rejects.toMatchObject({ code: 'origin.changed' });
    moods = [{ etag: 'e1' }];
    etag = 'e2';
    await expect(reader()(file())).rejects.toMatchObject({
      code: 'origin.changed',
      message: 'it changed while it was read',
    });
  }, 60_000);

  test('a server that ignores ranges is read from the start again', async () => {
    size = 100 * MiB;
    const uninterrupted = await reader()(file());
    moods = [{ breakAfterBytes: 80 * MiB }, { ignoreRange: true }];
    expect(await reader()(file())).toEqual(uninterrupted);
  }, 60_000);

  test('a file of 300 MB takes less than 80 MB of memory', async () => {
    size = 20 * MiB;
    await reader()(file());
    size = 300 * 1_000_000;
    const before = process.memoryUsage().rss;
    let highest = before;
    const watch = setInterval(() => {
      highest = Math.max(highest, process.memoryUsage().rss);
    }, 20);
    await reader()(file());
    clearInterval(watch);
    expect((highest - before) / MiB).toBeLessThan(80);
  }, 60_000);
});

/** Where the last request began. */
function lastStart(): number {
  return Number(/bytes=(\d+)/.exec(ranges.at(-1) ?? '')?.[1] ?? 0);
}
