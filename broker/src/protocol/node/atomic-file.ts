import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Replaces `path` as a whole: readers see the old text or the new one, also after a power cut. `mode` holds from the first byte on. */
export function writeFileAtomic(path: string, text: string, mode: number): Promise<void> {
  return writeBytesAtomic(path, Buffer.from(text, 'utf8'), mode);
}

/** As `writeFileAtomic`, of bytes. */
export async function writeBytesAtomic(path: string, bytes: Uint8Array, mode: number): Promise<void> {
  const draft = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    const file = await open(draft, 'wx', mode);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
