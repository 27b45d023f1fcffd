/**
 * One walk over a folder: lists what changed since the last (equal ETags prune whole subtrees), reads new bytes, and records the differences in an order
 * that never loses a move. A folder's ETag is remembered only after everything below it is committed, so a walk that broke off goes on where it was.
 */
import { HarpError, isHarpError } from '@harp/broker/protocol';
import type { FileContent, PutChange } from '../content/changes.ts';
import type { Listing } from '../nextcloud/client.ts';
import type { Batcher } from './batcher.ts';
import type { LateChanges, Relocation, Verdict } from './changes-of.ts';
import { judge, orderLateChanges } from './changes-of.ts';
import type { KnownFile, KnownFiles } from './known-files.ts';
import { nameOf, parentOf } from './known-files.ts';
import type { ListedFile, ListedFolder, ListingProblem, SortedListing } from './listing.ts';
import { sortListing } from './listing.ts';

/** A walk's view of the world. Paths are inside the distributed folder, without leading slash; empty is its root. */
export interface WalkWorld {
  list(folder: string): Promise<Listing>;
  /** What a file version consists of. @throws {HarpError} */
  read(file: ListedFile): Promise<FileContent>;
  /** What the chain says now. */
  known: KnownFiles;
  /** ETags of folders that are done, by path. */
  marks: ReadonlyMap<string, string>;
  changes: Batcher;
  /** Whether the folder is still as it was when the walk began. What vanished from one listing may have moved into a folder listed before. */
  settled(): Promise<boolean>;
  /** Remembers that everything below these folders is committed as of these ETags. */
  storeMarks(marks: ReadonlyMap<string, string>): Promise<void>;
}

/** What a walk leaves behind besides the changes. */
export interface WalkOutcome {
  /** Everything there is was recorded, but for lasting problems. */
  complete: boolean;
  problems: ListingProblem[];
  /** Whether a problem of an earlier walk at `path` was looked at again; if it is not in `problems`, it is gone. */
  lookedAt(path: string): boolean;
  /** Folders that are no longer there; their marks mean nothing. */
  goneFolders: string[];
}

/** `done`: committed · `late`: waits for the changes at the end of the walk · `failed`: look again next time. */
type Progress = 'done' | 'late' | 'failed';

/** Marks stored together. */
const MARKS_PER_WRITE = 500;
/** Files asked for ahead of the reader, which takes a few at a time: bounds what a folder of a million files keeps in memory. */
const READ_AHEAD_FILES = 512;
/** So many failed reads without a success between them are a failing server, not failing files. */
const FAILURES_IN_A_ROW = 8;

/**
 * Walks the folder whose root has `rootEtag`.
 *
 * @throws {HarpError} when the connection as a whole cannot be used, or the chain cannot be written: the walk stops where it is.
 */
export async function walkFolder(world: WalkWorld, rootEtag: string): Promise<WalkOutcome> {
  const walk = new Walk(world);
  const early = await walk.visit({ path: '', etag: rootEtag }, false);
  const late = await walk.finish();
  return {
    complete: early !== 'failed' && late,
    problems: walk.problems,
    goneFolders: walk.goneFolders,
    lookedAt: (path) => walk.lookedAt(path),
  };
}

/** Holds what is gathered on the way. One use. */
class Walk {
  readonly problems: ListingProblem[] = [];
  readonly goneFolders: string[] = [];
  readonly #world: WalkWorld;
  readonly #visited = new Set<string>();
  readonly #left = new Set<string>();
  readonly #relocations: Relocation[] = [];
  readonly #absent = new Map<string, KnownFile>();
  readonly #replaced = new Set<string>();
  readonly #latePuts: { file: ListedFile; clash: boolean; content: Promise<FileContent | HarpError> }[] = [];
  readonly #lateMarks = new Map<string, string>();
  readonly #doneMarks = new Map<string, string>();
  readonly #markedFolders: ReadonlyMap<string, readonly string[]>;
  #listing = 0;
  #reading = 0;
  #failuresInARow = 0;
  readonly #waitingToRead: (() => void)[] = [];
  /** Set by the first failure that concerns more than one file; nothing new is begun after it. */
  #stopped: { error: unknown } | undefined;

  constructor(world: WalkWorld) {
    this.#world = world;
    const markedFolders = new Map<string, string[]>();
    for (const path of world.marks.keys()) {
      if (path === '') continue;
      const siblings = markedFolders.get(parentOf(path));
      if (siblings === undefined) markedFolders.set(parentOf(path), [path]);
      else siblings.push(path);
    }
    this.#markedFolders = markedFolders;
  }

  lookedAt(path: string): boolean {
    for (let folder = parentOf(path); ; folder = parentOf(folder)) {
      if (this.#visited.has(folder)) return true;
      if (this.#left.has(folder) || folder === '') return false;
    }
  }

  /** Visits one folder and all below it that changed. Never rejects; ends after everything it began has ended. */
  async visit(folder: ListedFolder, belowFile: boolean): Promise<Progress> {
    if (this.#stopped !== undefined) return 'failed';
    this.#listing += 1;
    const parts: Promise<Progress>[] = [];
    let problems: ListingProblem[] = [];
    try {
      const listing = await this.#world.list(folder.path);
      const sorted = sortListing(folder.path, listing);
      problems = sorted.problems;
      await this.#begin(folder.path, sorted, belowFile, parts);
    } catch (error) {
      this.#left.add(folder.path);
      return this.#noteListingFailure(folder.path, error);
    } finally {
      this.#listing -= 1;
      this.#commitIfIdle();
    }
    const progress = worstOf(await Promise.all(parts), problems);
    if (progress === 'done') await this.#mark(folder);
    else if (progress === 'late') this.#lateMarks.set(folder.path, folder.etag);
    return progress;
  }

  /** Begins everything that follows from a listing; `parts` end when it has. */
  async #begin(folder: string, sorted: SortedListing, belowFile: boolean, parts: Promise<Progress>[]): Promise<void> {
    const { files, folders, problems } = sorted;
    this.#visited.add(folder);
    this.problems.push(...problems);
    this.#noteGone(folder, files, folders);
    for (const inner of folders) parts.push(this.#enter(inner, belowFile));
    for (const file of files) {
      const verdict = judge(file, this.#world.known, belowFile);
      if (verdict.kind === 'unchanged') continue;
      while (verdict.kind !== 'relocated' && this.#reading >= READ_AHEAD_FILES) await this.#roomToRead();
      parts.push(this.#take(file, verdict));
    }
  }

  /** Records what had to wait. Returns whether all of it succeeded. */
  async finish(): Promise<boolean> {
    const puts: LateChanges['copies'] = [];
    let complete = true;
    for (const { file, clash, content } of this.#latePuts) {
      const read = await content;
      if (read instanceof HarpError) complete = this.#noteReadFailure(file, read) !== 'failed' && complete;
      else puts.push({ change: putOf(file, read), clash });
    }
    this.#throwIfStopped();
    const { moves, deletes, copies } = orderLateChanges(this.#relocations, this.#absent, this.#replaced);
    puts.unshift(...copies);
    const mayDelete = deletes.length === 0 || (await this.#world.settled());
    const late = mayDelete
      ? [...moves, ...deletes, ...puts.map(({ change }) => change)]
      : [...moves, ...puts.filter(({ clash }) => !clash).map(({ change }) => change)];
    const added = late.map((change) => this.#world.changes.add(change));
    await Promise.all([this.#world.changes.flush(), ...added]);
    complete &&= mayDelete;
    if (complete) for (const [path, etag] of this.#lateMarks) this.#doneMarks.set(path, etag);
    await this.#storeMarks();
    return complete;
  }

  #enter(folder: ListedFolder, belowFile: boolean): Promise<Progress> {
    if (folder.etag !== '' && this.#world.marks.get(folder.path) === folder.etag) {
      this.#left.add(folder.path);
      return Promise.resolve('done');
    }
    return this.visit(folder, belowFile || this.#world.known.at(folder.path) !== undefined);
  }

  async #take(file: ListedFile, verdict: Exclude<Verdict, { kind: 'unchanged' }>): Promise<Progress> {
    switch (verdict.kind) {
      case 'relocated':
        this.#relocations.push({ from: verdict.from, to: file, clash: verdict.clash });
        return 'late';
      case 'read-late':
        this.#latePuts.push({ file, clash: verdict.clash, content: this.#counted(() => this.#read(file)) });
        return 'late';
      case 'read': {
        const taken = await this.#counted(async () => {
          const content = await this.#read(file);
          return content instanceof HarpError ? content : { committed: this.#world.changes.add(putOf(file, content)) };
        });
        if (taken instanceof HarpError) return this.#noteReadFailure(file, taken);
        return taken.committed.then(
          () => 'done',
          (error: unknown) => this.#stop(error),
        );
      }
    }
  }

  async #counted<T>(task: () => Promise<T>): Promise<T> {
    this.#reading += 1;
    try {
      return await task();
    } finally {
      this.#reading -= 1;
      this.#waitingToRead.shift()?.();
      this.#commitIfIdle();
    }
  }

  async #read(file: ListedFile): Promise<FileContent | HarpError> {
    if (this.#stopped !== undefined) return stoppedError();
    try {
      const content = await this.#world.read(file);
      this.#failuresInARow = 0;
      return content;
    } catch (error) {
      if (isHarpError(error)) return error;
      this.#stop(error);
      return stoppedError();
    }
  }

  async #roomToRead(): Promise<void> {
    await new Promise<void>((resolve) => this.#waitingToRead.push(resolve));
  }

  /** Nothing is under way that could fill the batch: what is gathered goes now instead of when its time is over. */
  #commitIfIdle(): void {
    if (this.#listing > 0 || this.#reading > 0) return;
    // A failed append reaches everybody whose change it held, and `finish`.
    this.#world.changes.flush().catch((error: unknown) => this.#stop(error));
  }

  /** Notes what the chain has in `folder` and the listing lacks. */
  #noteGone(folder: string, files: readonly ListedFile[], folders: readonly ListedFolder[]): void {
    const { known } = this.#world;
    const listedFiles = new Map(files.map((file) => [file.path as string, file]));
    const listedFolders = new Set(folders.map(({ path }) => path));
    for (const file of known.filesIn(folder)) {
      const listed = listedFiles.get(file.path);
      if (listed === undefined) this.#absent.set(file.path, file);
      else if (listed.fileId !== file.fileId) this.#replaced.add(file.path);
    }
    for (const inner of known.foldersIn(folder)) {
      if (listedFolders.has(inner)) continue;
      this.goneFolders.push(inner);
      for (const file of known.filesBelow(inner)) this.#absent.set(file.path, file);
    }
    for (const inner of this.#markedFolders.get(folder) ?? []) {
      if (!listedFolders.has(inner)) this.goneFolders.push(inner);
    }
  }

  #noteReadFailure(file: ListedFile, error: HarpError): Progress {
    if (this.#stopped !== undefined) return 'failed';
    this.#failuresInARow += 1;
    if (concernsConnection(error) || this.#failuresInARow >= FAILURES_IN_A_ROW) return this.#stop(error);
    const lasting = error.code === 'origin.forbidden';
    this.problems.push({ path: file.path, code: error.code, detail: error.message, lasting });
    return lasting ? 'done' : 'failed';
  }

  #noteListingFailure(folder: string, error: unknown): Progress {
    if (!isHarpError(error) || concernsConnection(error) || folder === '') return this.#stop(error);
    const lasting = error.code === 'origin.forbidden';
    this.problems.push({ path: folder, code: error.code, detail: `${nameOf(folder)}: ${error.message}`, lasting });
    return lasting ? 'done' : 'failed';
  }

  #stop(error: unknown): 'failed' {
    this.#stopped ??= { error };
    return 'failed';
  }

  #throwIfStopped(): void {
    if (this.#stopped !== undefined) throw this.#stopped.error;
  }

  async #mark({ path, etag }: ListedFolder): Promise<void> {
    this.#doneMarks.set(path, etag);
    if (this.#doneMarks.size >= MARKS_PER_WRITE) await this.#storeMarks();
  }

  async #storeMarks(): Promise<void> {
    const marks = new Map([...this.#doneMarks].filter(([, etag]) => etag !== ''));
    this.#doneMarks.clear();
    if (marks.size > 0) await this.#world.storeMarks(marks);
  }
}

function putOf(file: ListedFile, content: FileContent): PutChange {
  return { op: 'put', ...file, content };
}

function worstOf(parts: readonly Progress[], problems: readonly ListingProblem[]): Progress {
  if (parts.includes('failed') || problems.some(({ lasting }) => !lasting)) return 'failed';
  return parts.includes('late') ? 'late' : 'done';
}

function stoppedError(): HarpError {
  return new HarpError('internal.unexpected', 'the walk has stopped');
}

/** Failures that every other request would meet too. A server that answered, if only to say 502, may fail for one storage only. */
function concernsConnection(error: HarpError): boolean {
  switch (error.code) {
    case 'origin.unauthorised':
    case 'origin.throttled':
    case 'origin.maintenance':
      return true;
    case 'origin.unreachable':
      return error.facts.status === undefined;
    default:
      return false;
  }
}
