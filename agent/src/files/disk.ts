import { constants, type Dirent, type Stats, type StatsFs } from 'node:fs';
import * as fs from 'node:fs/promises';
import { HarpError } from '@harp/broker/protocol';

/** An open file. */
export interface DiskFile {
  read(buffer: Uint8Array, offset: number, length: number, position: number): Promise<{ bytesRead: number }>;
  write(buffer: Uint8Array, offset: number, length: number, position: number): Promise<{ bytesWritten: number }>;
  truncate(sizeBytes: number): Promise<void>;
  /** Content on disk when it resolves. */
  datasync(): Promise<void>;
  sync(): Promise<void>;
  /** Seconds since the epoch. */
  utimes(atime: number, mtime: number): Promise<void>;
  stat(): Promise<Stats>;
  close(): Promise<void>;
}

/** The file system, so that tests can let it fail. Rejections are those of node:fs; nothing here follows a link as the last name of a path. */
export interface Disk {
  /** `create` fails if there is something; `write` and `read` fail on a symbolic link. */
  open(path: string, how: 'read' | 'write' | 'create'): Promise<DiskFile>;
  lstat(path: string): Promise<Stats>;
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
  mkdir(path: string): Promise<void>;
  rmdir(path: string): Promise<void>;
  list(path: string): Promise<Dirent[]>;
  space(path: string): Promise<Pick<StatsFs, 'bavail' | 'bsize' | 'blocks'>>;
}

/** Windows has no O_NOFOLLOW; there lstat before opening is all there is. */
const NOFOLLOW = constants.O_NOFOLLOW ?? 0;
const flags = {
  read: constants.O_RDONLY | NOFOLLOW,
  write: constants.O_RDWR | NOFOLLOW,
  create: constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | NOFOLLOW,
} as const;

/** The disk of this computer. */
export const nodeDisk: Disk = {
  open: (path, how) => fs.open(path, flags[how]),
  lstat: (path) => fs.lstat(path),
  rename: fs.rename,
  unlink: fs.unlink,
  mkdir: (path) => fs.mkdir(path),
  rmdir: fs.rmdir,
  list: (path) => fs.readdir(path, { withFileTypes: true }),
  space: (path) => fs.statfs(path),
};

/**
 * Access and modification time for `utimes`. The system rounds down what a double cannot say exactly; half a microsecond more, and whoever reads whole
 * milliseconds reads `mtimeMs`.
 */
export function timesOf(mtimeMs: number): [number, number] {
  const seconds = (mtimeMs + 0.0005) / 1000;
  return [seconds, seconds];
}

/** What stands at `path`, undefined if nothing does. */
export async function statOf(disk: Disk, path: string): Promise<Stats | undefined> {
  try {
    return await disk.lstat(path);
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}

/** Whether the operating system refused with one of these codes. */
export function isSystemError(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}

/** An error of the file system as a HarpError; HarpErrors pass. `what` is a path relative to its folder. */
export function asDiskError(error: unknown, what: string): HarpError {
  if (error instanceof HarpError) return error;
  const full = isSystemError(error, 'ENOSPC', 'EDQUOT');
  const system = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
  return new HarpError(full ? 'disk.full' : 'disk.failed', `${what}: ${full ? 'no space left' : system}`, {
    cause: error,
    facts: { path: what, system },
  });
}

/** Makes renames and removals in `path` last through a power cut, where the system has such a call (Windows has none and needs none). */
export async function syncDirectory(disk: Disk, path: string): Promise<void> {
  let directory: DiskFile;
  try {
    directory = await disk.open(path, 'read');
  } catch (error) {
    // Gone again, which is as lasting as it gets; or a system that does not open directories.
    if (isSystemError(error, 'ENOENT', 'EISDIR', 'EPERM', 'EACCES')) return;
    throw error;
  }
  try {
    await directory.sync();
  } catch (error) {
    if (!isSystemError(error, 'EINVAL', 'ENOTSUP', 'EPERM', 'EBADF')) throw error;
  } finally {
    await directory.close();
  }
}

/** Reads until `buffer` is full or the file ends; returns the number of bytes read. */
export async function readFully(file: DiskFile, buffer: Uint8Array, position: number): Promise<number> {
  let done = 0;
  while (done < buffer.length) {
    const { bytesRead } = await file.read(buffer, done, buffer.length - done, position + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return done;
}

/** Writes all of `bytes`: the system may take less at a time. */
export async function writeFully(file: DiskFile, bytes: Uint8Array, position: number): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    done += (await file.write(bytes, done, bytes.length - done, position + done)).bytesWritten;
  }
}
