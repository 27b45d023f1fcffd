/** The stand-in Nextcloud as a process of its own, with what tests, demo and benchmarks ask of it. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { type Content, concatContent, contentDigest, seededContent } from '../stand-in/cloud/content.ts';
import { type ControlClient, controlClient } from '../stand-in/control-client.ts';
import type { SampleTreeOptions } from '../stand-in/sample-tree.ts';
import { sampleTree } from '../stand-in/sample-tree.ts';
import { root, temporaryFolder } from './fleet.ts';
import { startProcess } from './process.ts';

export interface CloudOptions {
  host?: string;
  port?: number;
  /** Rate of each office's line, shaped by the stand-in itself. Default: none. */
  wanMbit?: number;
  tls?: { keyFile: string; certFile: string };
  bruteForce?: boolean;
  version?: string;
}

export interface Cloud {
  readonly url: string;
  readonly user: string;
  /** What `changePassword` last set. */
  readonly password: string;
  /** Everything else the stand-in can do. */
  readonly control: ControlClient;
  /** Writes a file of seeded bytes; `digest` knows it from then on. */
  putGenerated(path: string, sizeBytes: number, seed: number | string): Promise<void>;
  /** Writes a file of the given bytes. */
  putBytes(path: string, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  /** Inserts seeded bytes at an offset of a file that `putGenerated` wrote. */
  insert(path: string, atBytes: number, sizeBytes: number): Promise<void>;
  /** Writes a sample tree; returns its files. */
  putSampleTree(path: string, options?: SampleTreeOptions): Promise<{ path: string; sizeBytes: number }[]>;
  /** Gives the user another password: the one Harp has is worthless from then on. */
  changePassword(password: string): Promise<void>;
  /** Downloads a file that the stand-in itself has changed; `digest` knows it from then on. */
  reread(path: string): Promise<void>;
  /** SHA-256 of what this side last wrote or reread at `path`, hexadecimal. */
  digest(path: string): Promise<string>;
  /** Sums over all offices (share labels), or of one. */
  stats(
    label?: string,
  ): Promise<{ requests: number; bodyBytes: number; duplicateBytes: number; peakDownloads: number }>;
  stop(): Promise<void>;
}

type Piece = { seed: string; sizeBytes: number; offset: number };

/** Starts a stand-in with one user, `harp`. */
export async function startCloud(options: CloudOptions = {}): Promise<Cloud> {
  const user = 'harp';
  let password = 'correct horse battery staple';
  const dataDir = temporaryFolder('cloud');
  const args = [
    '--import',
    'tsx',
    join(root, 'e2e/stand-in/main.ts'),
    '--user',
    `${user}:${password}`,
    '--data',
    dataDir,
  ];
  if (options.host !== undefined) args.push('--host', options.host);
  if (options.port !== undefined) args.push('--port', String(options.port));
  if (options.wanMbit !== undefined) args.push('--wan-mbit', String(options.wanMbit));
  if (options.version !== undefined) args.push('--nc-version', options.version);
  if (options.tls !== undefined) args.push('--tls-key', options.tls.keyFile, '--tls-cert', options.tls.certFile);
  if (options.bruteForce) args.push('--brute-force');
  const running = await startProcess({
    name: 'stand-in Nextcloud',
    command: process.execPath,
    args,
    cwd: root,
    logFile: join(dataDir, 'stand-in.log'),
  });
  const { url, controlUrl } = z.object({ url: z.string(), controlUrl: z.string() }).parse(running.ready);
  const control = controlClient(controlUrl);
  const written = new Map<string, { content: Content; pieces: Piece[] }>();
  const remember = (path: string, pieces: Piece[]) =>
    written.set(path, {
      pieces,
      content: concatContent(pieces.map((piece) => seededContent(piece.seed, piece.sizeBytes, piece.offset))),
    });
  const digests = new Map<string, string>();
  const put = async (path: string, pieces: Piece[]) => {
    await control.call('put', { user, path, pieces });
    remember(path, pieces);
    digests.delete(path);
  };
  return {
    url,
    user,
    get password() {
      return password;
    },
    control,
    putGenerated: (path, sizeBytes, seed) => put(path, [{ seed: String(seed), sizeBytes, offset: 0 }]),
    async putBytes(path, bytes) {
      await control.upload(user, path, bytes);
      written.delete(path);
      digests.set(path, createHash('sha256').update(bytes).digest('hex'));
    },
    async insert(path, atBytes, sizeBytes) {
      const [first] = written.get(path)?.pieces ?? [];
      if (first === undefined) throw new Error(`${path} was not written by putGenerated`);
      await put(path, [
        { ...first, sizeBytes: atBytes },
        { seed: `${first.seed}/inserted`, sizeBytes, offset: 0 },
        { ...first, offset: first.offset + atBytes, sizeBytes: first.sizeBytes - atBytes },
      ]);
    },
    async putSampleTree(path, treeOptions = {}) {
      const files = await control.call('putSampleTree', { user, path, ...treeOptions });
      for (const file of sampleTree(treeOptions))
        written.set(`${path}/${file.path}`, { content: file.content, pieces: [] });
      return files;
    },
    async changePassword(next) {
      await control.call('setPassword', { user, password: next });
      password = next;
    },
    async reread(path) {
      const place = path.split('/').map(encodeURIComponent).join('/');
      const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
      const answer = await fetch(`${url}/remote.php/dav/files/${user}${place}`, { headers: { authorization } });
      if (!answer.ok) throw new Error(`the stand-in answered ${answer.status} for ${path}`);
      written.delete(path);
      digests.set(
        path,
        createHash('sha256')
          .update(new Uint8Array(await answer.arrayBuffer()))
          .digest('hex'),
      );
    },
    async digest(path) {
      const known = digests.get(path);
      if (known !== undefined) return known;
      const source = written.get(path);
      if (source === undefined) throw new Error(`nothing was written at ${path}`);
      const digest = await contentDigest('sha256', source.content);
      digests.set(path, digest);
      return digest;
    },
    async stats(label) {
      const { perLabel } = await control.call('stats', {});
      const usages = Object.entries(perLabel).filter(([name]) => label === undefined || name === label);
      return usages.reduce(
        (sum, [, usage]) => ({
          requests: sum.requests + usage.requests,
          bodyBytes: sum.bodyBytes + usage.bodyBytes,
          duplicateBytes: sum.duplicateBytes + usage.duplicateBytes,
          peakDownloads: Math.max(sum.peakDownloads, usage.peakDownloads),
        }),
        { requests: 0, bodyBytes: 0, duplicateBytes: 0, peakDownloads: 0 },
      );
    },
    async stop() {
      await running.stop();
    },
  };
}
