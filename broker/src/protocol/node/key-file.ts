/** Key files: made once, readable by their owner only, never overwritten. Losing one loses what it sealed or signed, so nothing here deletes. */
import { link, mkdir, open, readFile, rm } from 'node:fs/promises';
import path from 'node:path';

/**
 * The content of the key file at `file`; made with `make` when absent. Several processes may call this at once: all get the same content, because a
 * complete file appears under its name or none does.
 */
export async function readOrMakeKeyFile(file: string, make: () => Uint8Array, unique: string): Promise<Uint8Array> {
  const existing = await readIfThere(file);
  if (existing !== undefined) return existing;
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.${unique}.new`;
  try {
    const handle = await open(draft, 'wx', 0o600);
    try {
      await handle.writeFile(make());
      await handle.sync();
    } finally {
      await handle.close();
    }
    await link(draft, file).catch((error: unknown) => {
      if ((error as { code?: unknown }).code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(draft, { force: true });
  }
  return readFile(file);
}

async function readIfThere(file: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(file);
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ENOENT') return undefined;
    throw error;
  }
}
