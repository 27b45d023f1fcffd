/** Which server a command speaks to: the one named on the command line, else in the environment, else the local one of the data folder. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { CliFailure, usageFailure } from './failure.ts';
import type { CliPorts } from './ports.ts';

const LocalAccess = z.object({ url: z.string(), apiKey: z.string() });

/** An address and the key to it. */
export interface ServerAccess {
  url: string;
  apiKey: string;
}

/** @throws {CliFailure} that says where was looked and what to do */
export function findServer(options: { server?: string; apiKey?: string }, { env, cwd }: CliPorts): ServerAccess {
  const url = options.server ?? env.HARP_SERVER;
  const apiKey = options.apiKey ?? env.HARP_API_KEY;
  if (url !== undefined) {
    if (apiKey === undefined) throw usageFailure('--server needs --api-key KEY (or HARP_API_KEY)');
    if (!/^https?:\/\//.test(url) || !URL.canParse(url))
      throw usageFailure(`${url} is no address of a server, such as http://harp.example.com:8420`);
    return { url: url.replace(/\/+$/, ''), apiKey };
  }
  const places = env.HARP_DATA ? [resolve(cwd, env.HARP_DATA)] : dataFoldersFrom(cwd);
  for (const place of places) {
    const found = readAccess(join(place, 'cli.json'));
    if (found !== undefined) return found;
  }
  const where = env.HARP_DATA ? `in ${places[0]} (HARP_DATA)` : 'in a .harp folder here or above';
  throw new CliFailure('api.not_found', [
    `no Harp server found: there is no cli.json ${where}`,
    'start Harp (npm start), or name a server: --server URL --api-key KEY',
  ]);
}

/** The data folder of this machine's server, for what only its own files can tell. @throws {CliFailure} */
export function findDataFolder({ env, cwd }: CliPorts): { dataDir: string; masterKey: string | undefined } {
  const places = env.HARP_DATA ? [resolve(cwd, env.HARP_DATA)] : dataFoldersFrom(cwd);
  const dataDir = places.find((place) => existsSync(join(place, 'pki', 'ca.crt')));
  if (dataDir === undefined) {
    const where = env.HARP_DATA ? `${places[0]} (HARP_DATA)` : 'a .harp folder here or above';
    throw new CliFailure('api.not_found', [
      `there is no certificate authority in ${where}`,
      'this command works on the server’s own machine, as the user that Harp runs as, once Harp has been started',
    ]);
  }
  return { dataDir, masterKey: env.HARP_MASTER_KEY || undefined };
}

function dataFoldersFrom(cwd: string): string[] {
  const folders: string[] = [];
  for (let folder = resolve(cwd); ; folder = dirname(folder)) {
    folders.push(join(folder, '.harp'));
    if (dirname(folder) === folder) return folders;
  }
}

function readAccess(path: string): ServerAccess | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new CliFailure('api.forbidden', [`cannot read ${path}: run as the user that Harp runs as`], { cause: error });
  }
  try {
    return LocalAccess.parse(JSON.parse(text));
  } catch (error) {
    throw new CliFailure('api.invalid', [`${path} is damaged: start Harp again, which writes it anew`], {
      cause: error,
    });
  }
}
