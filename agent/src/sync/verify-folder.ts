import { join } from 'node:path';
import type { EntryPath, FileRecord, FolderId, LinkHex } from '@harp/broker/protocol';
import { HarpError, isHarpError } from '@harp/broker/protocol';
import { openWantedFiles } from '../chain/wanted.ts';
import { hasContent } from '../files/content.ts';
import { isSystemError, nodeDisk } from '../files/disk.ts';
import { type Journal, openJournal } from '../files/journal.ts';
import { manifestOf } from '../files/manifests.ts';
import { openBlobStore } from '../store/blob-store.ts';
import { openFileTable } from '../store/file-table.ts';
import { openFolders } from '../store/folders.ts';
import type { State } from '../store/state.ts';
import { contentOf } from './context.ts';

export type FileProblem = 'missing' | 'wrong_content' | 'not_delivered' | 'manifest_missing';

/** What is on disk, compared with the chain that the agent verified last. */
export interface FolderVerification {
  folder: FolderId;
  seq: number;
  link: LinkHex;
  /** Files of the chain, and their bytes. */
  files: number;
  bytes: number;
  bad: { path: EntryPath; storedAs: string; problem: FileProblem }[];
}

export interface VerifyOptions {
  state: State;
  filesDir: string;
  folder: FolderId;
  signal?: AbortSignal;
  /** After every file; `total` is the number of files in the folder. */
  onFile?: (done: number, total: number) => void;
}

const PAGE = 500;

/** The folders this agent has ever held. */
export function knownFolders(state: State): { id: FolderId; dir: string; seq: number }[] {
  return openFolders(state, '')
    .all()
    .map(({ id, row }) => ({ id, dir: row.dir, seq: row.position.seq }));
}

/**
 * Hashes every file of a folder on disk and compares it with its manifest. Reads only; may run beside the agent, and then sees files that are being
 * replaced as `not_delivered` or changed.
 *
 * @throws {HarpError} `agent.usage` if the folder is not known here, `disk.failed`
 */
export async function verifyFolder(options: VerifyOptions): Promise<FolderVerification> {
  const { state, filesDir, folder, signal } = options;
  const folders = openFolders(state, filesDir);
  const row = folders.get(folder);
  if (row === undefined) throw new HarpError('agent.usage', `there is no folder ${folder} here`);
  const wanted = openWantedFiles(state);
  const journal = openJournal(state, openFileTable(state));
  const blobs = openBlobStore(state);
  const root = join(filesDir, row.dir);
  const { seq, link } = row.position;
  const result: FolderVerification = { folder, seq, link, files: 0, bytes: 0, bad: [] };

  const total = countFiles(wanted, row.number);
  let page = wanted.page(row.number, undefined, PAGE);
  while (page.length > 0) {
    for (const record of page) {
      signal?.throwIfAborted();
      result.files++;
      result.bytes += record.size;
      const storedAs = journal.get(row.number, record.path)?.row.path ?? record.path;
      const problem = await problemOf(record, { journal, number: row.number, root, blob: blobs.get, signal });
      if (problem !== undefined) result.bad.push({ path: record.path, storedAs, problem });
      options.onFile?.(result.files, total);
    }
    page = wanted.page(row.number, page.at(-1)!.path, PAGE);
  }
  return result;
}

interface Place {
  journal: Journal;
  number: number;
  root: string;
  blob: (id: FileRecord['manifest']) => Uint8Array | undefined;
  signal: AbortSignal | undefined;
}

async function problemOf(record: FileRecord, place: Place): Promise<FileProblem | undefined> {
  const held = place.journal.get(place.number, record.path);
  if (held === undefined || held.manifest !== record.manifest) return 'not_delivered';
  try {
    const manifest = manifestOf(contentOf(record), place.blob);
    if (manifest === undefined) return 'manifest_missing';
    const right = await hasContent(nodeDisk, join(place.root, held.row.path), manifest, place.signal);
    return right ? undefined : 'wrong_content';
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return 'missing';
    // A link or a directory where the file should be.
    if (isSystemError(error, 'ELOOP', 'EISDIR') || isHarpError(error, 'manifest.malformed')) return 'wrong_content';
    throw error;
  }
}

function countFiles(wanted: ReturnType<typeof openWantedFiles>, folder: number): number {
  let count = 0;
  let page = wanted.page(folder, undefined, PAGE);
  while (page.length > 0) {
    count += page.length;
    page = wanted.page(folder, page.at(-1)!.path, PAGE);
  }
  return count;
}
