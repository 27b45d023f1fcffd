/** What a folder's file list says, indexed the way a walk asks. About 400 bytes a file while a walk runs; nothing stays in memory between walks. */
import type { BlobId, ChunkId, EntryPath } from '@harp/broker/protocol';

/** A file version that is in the chain. */
export interface KnownFile {
  path: EntryPath;
  fileId: string;
  etag: string;
  size: number;
  mtimeMs: number;
  manifest: BlobId;
  chunk: ChunkId | undefined;
}

export interface KnownFiles {
  at(path: string): KnownFile | undefined;
  withFileId(fileId: string): KnownFile | undefined;
  /** Files directly in `folder` (empty for the root). */
  filesIn(folder: string): readonly KnownFile[];
  /** Full paths of the folders directly in `folder` that hold files, at whatever depth. */
  foldersIn(folder: string): readonly string[];
  /** Files anywhere below `folder`. */
  filesBelow(folder: string): Generator<KnownFile>;
  /** Whether any file is below `folder`. */
  isFolder(folder: string): boolean;
}

export function indexKnownFiles(files: Iterable<KnownFile>): KnownFiles {
  const byPath = new Map<string, KnownFile>();
  const byFileId = new Map<string, KnownFile>();
  const filesOf = new Map<string, KnownFile[]>();
  const foldersOf = new Map<string, string[]>();

  const addFolder = (folder: string): void => {
    if (filesOf.has(folder)) return;
    filesOf.set(folder, []);
    if (folder === '') return;
    const parent = parentOf(folder);
    addFolder(parent);
    const siblings = foldersOf.get(parent);
    if (siblings === undefined) foldersOf.set(parent, [folder]);
    else siblings.push(folder);
  };

  for (const file of files) {
    byPath.set(file.path, file);
    byFileId.set(file.fileId, file);
    const folder = parentOf(file.path);
    addFolder(folder);
    filesOf.get(folder)?.push(file);
  }

  function* filesBelow(folder: string): Generator<KnownFile> {
    yield* filesOf.get(folder) ?? [];
    for (const inner of foldersOf.get(folder) ?? []) yield* filesBelow(inner);
  }

  return {
    at: (path) => byPath.get(path),
    withFileId: (fileId) => byFileId.get(fileId),
    filesIn: (folder) => filesOf.get(folder) ?? [],
    foldersIn: (folder) => foldersOf.get(folder) ?? [],
    filesBelow,
    isFolder: (folder) => filesOf.has(folder),
  };
}

/** The folder a path is in; empty for the root. */
export function parentOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '' : path.slice(0, slash);
}

/** The last name of a path. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
