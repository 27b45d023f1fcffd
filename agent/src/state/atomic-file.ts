/**
 * The state folder: where an agent keeps what it must not lose. Called by enrolment, control and the CLI; knows no meaning, only names, locks and
 * writes that are whole or not there.
 */
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { HarpError } from '@harp/broker/protocol';

/**
 * Replaces `path` by `text`: written beside it, fsynced, renamed, folder fsynced. Whoever reads sees the old text or the new, also after a power cut.
 * Files get mode 0600, folders 0700, because most of what is kept here is a secret.
 *
 * @throws {HarpError} `disk.full`, `disk.failed`
 */
export async function writeFileAtomic(path: string, text: string): Promise<void> {
  const beside = `${path}.new`;
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const file = await open(beside, 'w', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(beside, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await rm(beside, { force: true }).catch(() => undefined);
    throw diskError(error, path);
  }
}

/** The text of `path`, undefined if there is no such file. @throws {HarpError} `disk.failed` */
export async function readFileIfPresent(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return undefined;
    throw diskError(error, path);
  }
}

/** Makes a rename or removal in `folder` last through a power cut. Windows has no such call and needs none. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The operating system's word for what went wrong (`ENOENT`), if the error came from there. */
export function systemCodeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** An error of the file system as one that may cross a border. */
export function diskError(error: unknown, path: string): HarpError {
  if (error instanceof HarpError) return error;
  const system = systemCodeOf(error) ?? 'unknown';
  const full = system === 'ENOSPC' || system === 'EDQUOT';
  return new HarpError(full ? 'disk.full' : 'disk.failed', `${path}: ${full ? 'no space left' : system}`, {
    cause: error,
    facts: { path, system },
  });
}
