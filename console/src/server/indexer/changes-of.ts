/**
 * Decisions of a walk, pure: what a listed file means against what the chain says, and in which order the changes that depend on each other go.
 * The rule behind all of it: an entry must never overwrite a file that another entry still has to move.
 */
import type { EntryPath } from '@harp/broker/protocol';
import type { Change } from '../content/changes.ts';
import type { KnownFile, KnownFiles } from './known-files.ts';
import type { ListedFile } from './listing.ts';

/**
 * `unchanged`: in the chain as it is · `read`: new bytes, may be recorded at once · `read-late`: new bytes where another file stands, which may have
 * moved away · `relocated`: bytes that are in the chain under another path.
 */
export type Verdict =
  | { kind: 'unchanged' }
  | { kind: 'read' }
  | { kind: 'read-late'; clash: boolean }
  | { kind: 'relocated'; from: KnownFile; clash: boolean };

/** Judges one file. `belowFile`: the chain has a file where one of the folders above it stands now. */
export function judge(listed: ListedFile, known: KnownFiles, belowFile: boolean): Verdict {
  const here = known.at(listed.path);
  if (here !== undefined && isSameVersion(here, listed)) return { kind: 'unchanged' };
  const clash = belowFile || known.isFolder(listed.path);
  const before = known.withFileId(listed.fileId);
  if (before !== undefined && before.path !== listed.path && isSameVersion(before, listed)) {
    return { kind: 'relocated', from: before, clash };
  }
  if (clash || (here !== undefined && here.fileId !== listed.fileId)) return { kind: 'read-late', clash };
  return { kind: 'read' };
}

/** Nextcloud keeps file id and ETag when it moves a file, and gives a new ETag with every write (api.md 4.2). */
function isSameVersion(known: KnownFile, listed: ListedFile): boolean {
  return known.fileId === listed.fileId && known.etag === listed.etag && known.size === listed.size;
}

/** A file of the chain that is listed under another path now. */
export interface Relocation {
  from: KnownFile;
  to: ListedFile;
  /** A file stands where a folder was, or the other way round. */
  clash: boolean;
}

/** What goes at the end of a walk: moves, deletes, copies, each in order. */
export interface LateChanges {
  moves: Change[];
  deletes: Change[];
  /** Puts of content the chain has already. `clash` as in the relocation: not before the deletes. */
  copies: { change: Change; clash: boolean }[];
}

/**
 * Orders what could not be recorded at once. `absent`: files of the chain that no listing shows at their path any more; `replaced`: paths where
 * another file is listed than the chain has. Moves go before what overwrites their source; a cycle is broken by putting one of its files anew.
 */
export function orderLateChanges(
  relocations: readonly Relocation[],
  absent: ReadonlyMap<string, KnownFile>,
  replaced: ReadonlySet<string>,
): LateChanges {
  const copies: LateChanges['copies'] = [];
  const moves: Change[] = [];
  const moved = new Set<string>();
  const bySource = new Map<string, Relocation>();
  for (const relocation of relocations) {
    const source = relocation.from.path;
    const vacated = absent.has(source) || replaced.has(source);
    if (relocation.clash || !vacated || bySource.has(source)) copies.push(copyOf(relocation));
    else bySource.set(source, relocation);
  }

  const state = new Map<Relocation, 'open' | 'done'>();
  const emit = (first: Relocation): void => {
    // An explicit stack: a chain of ten thousand renames must not exhaust the call stack.
    const stack = [first];
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const occupant = bySource.get(top.to.path);
      if (state.get(top) === undefined && occupant !== undefined && state.get(occupant) === undefined) {
        state.set(top, 'open');
        stack.push(occupant);
        continue;
      }
      stack.pop();
      if (state.get(top) === 'done') continue;
      const closesCycle = occupant !== undefined && state.get(occupant) === 'open';
      state.set(top, 'done');
      if (closesCycle) copies.push(copyOf(top));
      else {
        moves.push({ op: 'move', from: top.from.path, path: top.to.path });
        moved.add(top.from.path);
      }
    }
  };
  for (const relocation of bySource.values()) if (state.get(relocation) === undefined) emit(relocation);

  const deletes = [...absent.keys()]
    .filter((path) => !moved.has(path))
    .map((path): Change => ({ op: 'delete', path: path as EntryPath }));
  return { moves, deletes, copies };
}

/** A put of bytes the chain has: nothing is read. */
function copyOf({ from, to, clash }: Relocation): LateChanges['copies'][number] {
  const { manifest, chunk } = from;
  return { change: { op: 'put', ...to, content: { manifest, chunk } }, clash };
}
