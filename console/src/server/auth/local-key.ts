/** cli.json: how `harp` on the server's own machine finds the server. Whoever can read the data folder is trusted with it anyway. */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';

const KEY_NAME = 'local command line';

/** What stands in cli.json. */
export const LocalAccess = z.object({ url: z.string(), apiKey: z.string() });
export type LocalAccess = z.infer<typeof LocalAccess>;

/** What it needs of keys. */
export interface LocalKeys {
  /** Undefined for a key that is good for nothing. */
  find(key: string): Promise<unknown>;
  create(name: string): Promise<string>;
  revokeOthers(name: string, keep: string): Promise<void>;
}

/** Writes cli.json (mode 0600, in one step). Keeps the key that is there as long as it is valid, so that a running command is not cut off. */
export async function writeLocalAccess(path: string, url: string, keys: LocalKeys): Promise<void> {
  const present = await readLocalAccess(path);
  const valid = present !== undefined && (await keys.find(present.apiKey)) !== undefined;
  const apiKey = valid ? present.apiKey : await keys.create(KEY_NAME);
  await keys.revokeOthers(KEY_NAME, apiKey);
  await mkdir(dirname(path), { recursive: true });
  const draft = `${path}.new`;
  await writeFile(draft, `${JSON.stringify({ url, apiKey }, null, 2)}\n`, { mode: 0o600 });
  await rename(draft, path);
}

async function readLocalAccess(path: string): Promise<LocalAccess | undefined> {
  try {
    return LocalAccess.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    // Absent, unreadable or malformed: all three mean that a new one is written.
    return undefined;
  }
}
