import type { BlobId, EntryPath } from '@harp/broker/protocol';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Change } from '../content/changes.ts';
import type { Relocation } from './changes-of.ts';
import { judge, orderLateChanges } from './changes-of.ts';
import { indexKnownFiles, type KnownFile } from './known-files.ts';
import type { ListedFile } from './listing.ts';

const known = (path: string, fileId: string, etag = `e${fileId}`): KnownFile => ({
  path: path as EntryPath,
  fileId,
  etag,
  size: 1,
  mtimeMs: 0,
  manifest: `m${fileId}` as BlobId,
  chunk: undefined,
});
const listed = (path: string, fileId: string, etag = `e${fileId}`): ListedFile => ({
  path: path as EntryPath,
  fileId,
  etag,
  size: 1,
  mtimeMs: 0,
});

describe('what a listed file means', () => {
  const files = indexKnownFiles([known('a', '1'), known('dir/b', '2')]);
  test.each([
    { name: 'the same version', file: listed('a', '1'), kind: 'unchanged' },
    { name: 'a new file', file: listed('c', '9'), kind: 'read' },
    { name: 'a new version of the same file', file: listed('a', '1', 'new'), kind: 'read' },
    { name: 'another file in the place of one', file: listed('a', '9'), kind: 'read-late' },
    { name: 'a known file elsewhere', file: listed('c', '2'), kind: 'relocated' },
    { name: 'a known file over another', file: listed('a', '2'), kind: 'relocated' },
    { name: 'a known file elsewhere with other bytes', file: listed('c', '2', 'new'), kind: 'read' },
    { name: 'a file where a folder was', file: listed('dir', '9'), kind: 'read-late' },
  ])('$name → $kind', ({ file, kind }) => expect(judge(file, files, false).kind).toBe(kind));

  test('a file below what was a file waits', () =>
    expect(judge(listed('a/x', '9'), files, true).kind).toBe('read-late'));
});

/** Replays changes over path → file id; fails if one moves or deletes what is not there. */
function replay(before: ReadonlyMap<string, string>, changes: readonly Change[]): Map<string, string> {
  const state = new Map(before);
  for (const change of changes) {
    if (change.op === 'put') state.set(change.path, change.fileId);
    else {
      const source = change.op === 'move' ? change.from : change.path;
      const file = state.get(source);
      if (file === undefined) throw new Error(`${change.op} of ${source}, which is not there`);
      state.delete(source);
      if (change.op === 'move') state.set(change.path, file);
    }
  }
  return state;
}

/** Any renaming and removing of files at once: what a walk sees after a user worked for a while. */
const shuffles = fc
  .tuple(fc.uniqueArray(fc.nat(15), { maxLength: 12 }), fc.uniqueArray(fc.nat(15), { minLength: 12, maxLength: 12 }))
  .chain(([before, targets]) =>
    fc.record({
      before: fc.constant(before),
      after: fc.constant(targets.slice(0, before.length)),
      kept: fc.array(fc.boolean(), { minLength: before.length, maxLength: before.length }),
    }),
  );

describe('the order of moves and deletes', () => {
  test('replaying it gives what was listed, for any permutation of files over paths', () => {
    fc.assert(
      fc.property(shuffles, ({ before, after, kept }) => {
        const start = new Map(before.map((slot, index) => [`p${slot}`, `${index}`]));
        const end = new Map<string, string>();
        before.forEach((_, index) => {
          if (kept[index] === true) end.set(`p${after[index]}`, `${index}`);
        });
        const files = indexKnownFiles([...start].map(([path, id]) => known(path, id)));
        const absent = new Map(
          [...files.filesBelow('')].filter(({ path }) => !end.has(path)).map((file) => [file.path as string, file]),
        );
        const replaced = new Set(
          [...end].filter(([path, id]) => start.has(path) && start.get(path) !== id).map(([path]) => path),
        );
        const relocations: Relocation[] = [...end]
          .filter(([path, id]) => start.get(path) !== id)
          .map(([path, id]) => ({ from: files.withFileId(id)!, to: listed(path, id), clash: false }));
        const { moves, deletes, copies } = orderLateChanges(relocations, absent, replaced);
        expect(replay(start, [...moves, ...deletes, ...copies.map(({ change }) => change)])).toEqual(end);
      }),
      { numRuns: 2000 },
    );
  });

  test('a rename chain needs moves only', () => {
    const files = [known('report', '1'), known('report.bak', '2')];
    const { moves, copies } = orderLateChanges(
      [{ from: files[0]!, to: listed('report.bak', '1'), clash: false }],
      new Map(),
      new Set(['report', 'report.bak']),
    );
    expect(moves).toEqual([{ op: 'move', from: 'report', path: 'report.bak' }]);
    expect(copies).toEqual([]);
  });

  test('two files that swapped names need one put of known content', () => {
    const files = [known('a', '1'), known('b', '2')];
    const { moves, copies } = orderLateChanges(
      [
        { from: files[0]!, to: listed('b', '1'), clash: false },
        { from: files[1]!, to: listed('a', '2'), clash: false },
      ],
      new Map(),
      new Set(['a', 'b']),
    );
    expect([moves.length, copies.length]).toEqual([1, 1]);
  });

  test('a file still listed at its old place is put, not moved', () => {
    const file = known('a', '1');
    const late = orderLateChanges([{ from: file, to: listed('b', '1'), clash: false }], new Map(), new Set());
    expect(late.moves).toEqual([]);
    expect(late.copies).toMatchObject([{ change: { op: 'put', path: 'b', content: { manifest: 'm1' } } }]);
  });

  test('a hundred thousand renames in a row do not exhaust the stack', () => {
    const count = 100_000;
    const relocations = Array.from({ length: count }, (_, n) => ({
      from: known(`p${n}`, `${n}`),
      to: listed(`p${n + 1}`, `${n}`),
      clash: false,
    }));
    const absent = new Map([['p0', relocations[0]!.from]]);
    const replaced = new Set(relocations.slice(1).map(({ from }) => from.path as string));
    expect(orderLateChanges(relocations, absent, replaced).moves).toHaveLength(count);
  });
});
