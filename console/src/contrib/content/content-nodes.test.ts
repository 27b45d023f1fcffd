import { expect, test } from 'vitest';
import type { FilePage, FolderSummary } from '../../api/schemas.ts';
import { createFormat } from '../../i18n/format.ts';
import { translator } from '../../i18n/translate.ts';
import {
  type ContentNode,
  contentNodes,
  type DirectoryContent,
  directoriesAbove,
  nodeId,
  rowsAbove,
  type TreeSource,
} from './content-nodes.ts';

const folder = (facts: Partial<FolderSummary> = {}): FolderSummary => ({
  id: 'fld-a',
  name: 'CAD',
  path: '/CAD',
  nextcloud: { id: 'nc-1', name: 'cloud', url: 'https://cloud.example', version: '31.0.2', error: null },
  seq: 5,
  link: 'f'.repeat(64),
  fileCount: 2,
  byteCount: 1000,
  indexedAtMs: 1,
  error: null,
  problems: 0,
  officeIds: ['ofc-north'],
  ...facts,
});

const fileRow = (path: string) => ({ path, sizeBytes: 10, mtimeMs: 0, seq: 1, chunksInline: true });
const page = (dirs: string[], files: string[]): FilePage => ({
  dirs: dirs.map((path) => ({ path, name: path.slice(path.lastIndexOf('/') + 1) })),
  files: files.map(fileRow),
  nextCursor: null,
});
const read = (facts: Partial<DirectoryContent>): DirectoryContent => ({
  pages: [],
  hasMore: false,
  isLoading: false,
  isError: false,
  ...facts,
});

const tree = (
  folders: FolderSummary[],
  levels: Record<string, DirectoryContent> = {},
  more: Partial<TreeSource> = {},
) =>
  contentNodes({
    folders,
    progress: new Map(),
    contentOf: (folderId, path) => levels[`${folderId}:${path}`],
    text: translator('en'),
    format: createFormat({ locale: 'en' }),
    ...more,
  });

const only = (nodes: readonly ContentNode[] | undefined): ContentNode => {
  expect(nodes).toHaveLength(1);
  return nodes![0]!;
};
const names = (node: ContentNode) => node.children?.map(({ name }) => name);

test('folders stand below their instance, and nothing is read before somebody opens it', () => {
  const instance = only(tree([folder(), folder({ id: 'fld-b', name: 'Docs' })]));
  expect(instance).toMatchObject({ name: 'cloud', icon: 'cloud', tone: 'ok', description: 'Nextcloud 31.0.2' });
  expect(names(instance)).toEqual(['CAD', 'Docs']);
  expect(instance.children?.[0]).toMatchObject({ hasChildren: true });
  expect(instance.children?.[0]?.children).toBeUndefined();
});

test('an instance that does not answer says so, and is not green', () => {
  const broken = folder({ nextcloud: { ...folder().nextcloud, error: 'the password is wrong' } });
  expect(only(tree([broken]))).toMatchObject({ icon: 'error', tone: 'error', title: 'the password is wrong' });
});

test('an instance shows the worst of its folders', () => {
  const failing = folder({ error: { code: 'origin.not_found', detail: 'no such path' } });
  const instance = only(tree([failing]));
  expect(instance).toMatchObject({ icon: 'warning', tone: 'warning', description: '1 folder does not work' });
  expect(only(instance.children)).toMatchObject({ icon: 'error', description: 'not indexed: origin.not_found' });
});

test('a folder says how many PCs are complete and how much of it is in place', () => {
  const progress = new Map([
    ['fld-a', { total: 4, complete: 3, reporting: 4, blocked: 1, bytesDone: 83, bytesTotal: 100 }],
  ]);
  expect(only(only(tree([folder()], {}, { progress })).children)).toMatchObject({
    description: '3 of 4 PCs · 1 blocked',
    badge: '83%',
    tone: 'warning',
  });
});

test('coverage that nobody reported is not 0 %', () => {
  const progress = new Map([
    ['fld-a', { total: 4, complete: 0, reporting: 0, blocked: 0, bytesDone: 0, bytesTotal: 0 }],
  ]);
  expect(only(only(tree([folder()], {}, { progress })).children)).not.toHaveProperty('badge');
});

test('a level lists directories, then files, then the way to more', () => {
  const levels = { 'fld-a:': read({ pages: [page(['Plans'], ['a.txt'])], hasMore: true }) };
  const shown = only(only(tree([folder()], levels)).children);
  expect(names(shown)).toEqual(['Plans', 'a.txt', 'Load More']);
  expect(shown.children?.[2]).toMatchObject({
    description: '2 shown',
    data: { kind: 'more', folderId: 'fld-a', path: '' },
  });
});

test('directories open level by level', () => {
  const levels = {
    'fld-a:': read({ pages: [page(['Plans'], [])] }),
    'fld-a:Plans': read({ pages: [page([], ['Plans/x.pdf'])] }),
  };
  const plans = only(only(only(tree([folder()], levels)).children).children);
  expect(plans).toMatchObject({ id: nodeId.directory('fld-a', 'Plans'), hasChildren: true });
  expect(names(plans)).toEqual(['x.pdf']);
});

test.each([
  ['is being read', read({ isLoading: true }), 'Reading…'],
  ['could not be read', read({ isError: true }), 'Could not be read'],
  ['is empty', read({ pages: [page([], [])] }), 'Nothing here'],
])('a level that %s says so', (_, content, name) => {
  expect(names(only(only(tree([folder()], { 'fld-a:': content })).children))).toEqual([name]);
});

test('what was read stays when the next page cannot be', () => {
  const content = read({ pages: [page([], ['a'])], hasMore: true, isError: true });
  expect(names(only(only(tree([folder()], { 'fld-a:': content })).children))).toEqual(['a', 'Could not be read']);
});

test('200 000 files are not built anew when one page is added', () => {
  const pages = Array.from({ length: 400 }, (_, at) =>
    page(
      [],
      Array.from({ length: 500 }, (__, index) => `dir/file-${at}-${index}.bin`),
    ),
  );
  const format = createFormat({ locale: 'en' });
  const source = (count: number) => ({ 'fld-a:': read({ pages: pages.slice(0, count) }) });
  const before = only(only(tree([folder()], source(399), { format })).children).children!;
  const after = only(only(tree([folder()], source(400), { format })).children).children!;
  expect(after).toHaveLength(200_000);
  expect(after[0]).toBe(before[0]);
});

test('hostile names stay names', () => {
  const name = '<img src=x onerror=alert(1)>\u202egpj.exe';
  const level = { 'fld-a:': read({ pages: [page([], [name])] }) };
  expect(only(only(only(tree([folder()], level)).children).children).name).toBe(name);
});

test('all that must be open for a file to be seen', () => {
  expect(directoriesAbove('a/b/c.txt')).toEqual(['a', 'a/b']);
  expect(directoriesAbove('c.txt')).toEqual([]);
  expect(rowsAbove({ kind: 'file', folderId: 'fld-a', path: 'a/c.txt' }, 'nc-1')).toEqual([
    'nextcloud nc-1',
    'folder fld-a',
    'directory fld-a a',
  ]);
});
