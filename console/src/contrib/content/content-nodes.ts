/** The Content tree as data: instances, folders, directories, files, and the rows that stand for pages which are not here yet. Pure. */
import type { FilePage, FolderSummary } from '../../api/schemas.ts';
import type { Format } from '../../i18n/format.ts';
import type { Translate } from '../../i18n/translate.ts';
import type { TreeNode } from '../../ui/tree/model.ts';
import type { ContentItem } from './content-item.ts';
import { nameOf } from './content-item.ts';
import type { FolderProgress } from './coverage.ts';
import { contentEditorText } from './editor-messages.ts';
import { contentText } from './messages.ts';

/** What a row stands for: something in Nextcloud, or a way to more of it. */
export type RowData = ContentItem | { kind: 'more' | 'retry'; folderId: string; path: string } | { kind: 'note' };
/** Whether a row stands for something in Nextcloud, and not for a way to more of it. */
export function isContent(data: RowData | undefined): data is ContentItem {
  return data !== undefined && data.kind !== 'more' && data.kind !== 'retry' && data.kind !== 'note';
}

export type ContentNode = TreeNode<RowData>;

/** What is known of the content of one directory. */
export interface DirectoryContent {
  pages: readonly FilePage[];
  /** Whether there is more than `pages`. */
  hasMore: boolean;
  isLoading: boolean;
  isError: boolean;
}

/** Everything the tree is made of. */
export interface TreeSource {
  folders: readonly FolderSummary[];
  progress: ReadonlyMap<string, FolderProgress>;
  /** The content of a directory; undefined if nobody asked for it. `path` is empty for the folder itself. */
  contentOf(folderId: string, path: string): DirectoryContent | undefined;
  text: Translate;
  format: Format;
}

export const nodeId = {
  nextcloud: (id: string) => `nextcloud ${id}`,
  folder: (id: string) => `folder ${id}`,
  directory: (folderId: string, path: string) => `directory ${folderId} ${path}`,
  file: (folderId: string, path: string) => `file ${folderId} ${path}`,
};

/** The tree, instances by name. */
export function contentNodes(source: TreeSource): ContentNode[] {
  const instances = new Map<string, { nextcloud: FolderSummary['nextcloud']; folders: FolderSummary[] }>();
  for (const folder of source.folders) {
    const known = instances.get(folder.nextcloud.id);
    if (known === undefined) instances.set(folder.nextcloud.id, { nextcloud: folder.nextcloud, folders: [folder] });
    else known.folders.push(folder);
  }
  return [...instances.values()]
    .toSorted((a, b) => (a.nextcloud.name < b.nextcloud.name ? -1 : 1))
    .map((instance) => instanceNode(instance, source));
}

function instanceNode(
  { nextcloud, folders }: { nextcloud: FolderSummary['nextcloud']; folders: readonly FolderSummary[] },
  source: TreeSource,
): ContentNode {
  const { text } = source;
  const { id, name, url, error, version } = nextcloud;
  const failing = folders.filter((folder) => folder.error !== null).length;
  const description =
    error !== null
      ? text(contentEditorText.notConnected)
      : failing > 0
        ? text(contentEditorText.foldersFailing, { count: failing })
        : version === null
          ? text(contentEditorText.notCheckedYet)
          : text(contentEditorText.instanceVersion, { version });
  return {
    id: nodeId.nextcloud(id),
    name,
    icon: error !== null ? 'error' : failing > 0 ? 'warning' : 'cloud',
    tone: error !== null ? 'error' : failing > 0 ? 'warning' : version === null ? 'unknown' : 'ok',
    description,
    title: error ?? `${url} · ${description}`,
    children: folders.map((folder) => folderNode(folder, source)),
    data: { kind: 'nextcloud', id, name, url },
  };
}

function folderNode(folder: FolderSummary, source: TreeSource): ContentNode {
  const { text, format } = source;
  const { id, name, path, error, byteCount } = folder;
  const progress = source.progress.get(id);
  const isBlocked = (progress?.blocked ?? 0) > 0;
  const description =
    error !== null ? text(contentEditorText.notIndexed, { code: error.code }) : folderWords(progress, source);
  const share =
    progress === undefined || progress.reporting === 0
      ? undefined
      : format.share(
          progress.bytesTotal === 0 ? 1 : progress.bytesDone,
          progress.bytesTotal === 0 ? 1 : progress.bytesTotal,
        );
  return {
    id: nodeId.folder(id),
    name,
    icon: error !== null ? 'error' : isBlocked ? 'warning' : 'folder',
    tone: error !== null ? 'error' : isBlocked ? 'warning' : undefined,
    description,
    ...(share === undefined ? {} : { badge: share }),
    title: [error?.detail, path, format.bytes(byteCount), description].filter(Boolean).join(' · '),
    actions: [{ command: 'harp.content.verify', icon: 'verified', title: text(contentText.verifyHere) }],
    ...levelOf(id, '', source),
    data: { kind: 'folder', id, name, path },
  };
}

function folderWords(progress: FolderProgress | undefined, { text }: TreeSource): string {
  if (progress === undefined || progress.total === 0) return text(contentEditorText.noPcs);
  const { complete, total, blocked } = progress;
  return blocked > 0
    ? text(contentEditorText.pcsBlocked, { complete, total, blocked })
    : text(contentEditorText.pcsComplete, { complete, total });
}

/** The children of a folder or directory, as far as they are here. */
function levelOf(folderId: string, path: string, source: TreeSource): Pick<ContentNode, 'hasChildren' | 'children'> {
  const content = source.contentOf(folderId, path);
  const { text } = source;
  if (content === undefined) return { hasChildren: true };
  const nodes = content.pages.flatMap((page) => pageNodes(folderId, page, source));
  const key = `${folderId} ${path}`;
  if (content.isError) {
    nodes.push({
      id: `retry ${key}`,
      name: text(contentEditorText.couldNotRead),
      icon: 'warning',
      tone: 'warning',
      description: text(contentEditorText.openToRetry),
      data: { kind: 'retry', folderId, path },
    });
  } else if (content.isLoading) {
    nodes.push({
      id: `loading ${key}`,
      name: text(contentEditorText.reading),
      icon: 'loading',
      data: { kind: 'note' },
    });
  } else if (content.hasMore) {
    const shown = content.pages.reduce((sum, { dirs, files }) => sum + dirs.length + files.length, 0);
    nodes.push({
      id: `more ${key}`,
      name: text(contentEditorText.loadMore),
      icon: 'ellipsis',
      description: text(contentEditorText.shownSoFar, { count: shown }),
      data: { kind: 'more', folderId, path },
    });
  } else if (nodes.length === 0) {
    nodes.push({
      id: `empty ${key}`,
      name: text(contentEditorText.emptyDirectory),
      icon: 'dash',
      data: { kind: 'note' },
    });
  }
  return { hasChildren: true, children: nodes };
}

/** The rows of a page that holds no directories never change: a level of 200 000 files is not built anew for each page that follows. */
const plainPages = new WeakMap<FilePage, { format: Format; nodes: ContentNode[] }>();

function pageNodes(folderId: string, page: FilePage, source: TreeSource): ContentNode[] {
  const { format } = source;
  const known = plainPages.get(page);
  if (known?.format === format) return known.nodes;
  const files = page.files.map(
    ({ path, sizeBytes, mtimeMs }): ContentNode => ({
      id: nodeId.file(folderId, path),
      name: nameOf(path),
      icon: 'file',
      description: format.bytes(sizeBytes),
      title: `${path} · ${format.bytes(sizeBytes)} · ${format.dateTime(mtimeMs)}`,
      data: { kind: 'file', folderId, path },
    }),
  );
  if (page.dirs.length === 0) {
    plainPages.set(page, { format, nodes: files });
    return files;
  }
  const directories = page.dirs.map(
    ({ path, name }): ContentNode => ({
      id: nodeId.directory(folderId, path),
      name,
      icon: 'folder',
      title: path,
      ...levelOf(folderId, path, source),
      data: { kind: 'directory', folderId, path },
    }),
  );
  return [...directories, ...files];
}

/** The directories above a path, outermost first, without the folder itself. */
export function directoriesAbove(path: string): string[] {
  const names = path.split('/').slice(0, -1);
  return names.map((_, index) => names.slice(0, index + 1).join('/'));
}

/** The ids of the rows that must be open for an item to be seen. */
export function rowsAbove(item: ContentItem, nextcloudId: string): string[] {
  const instance = nodeId.nextcloud(nextcloudId);
  switch (item.kind) {
    case 'nextcloud':
      return [];
    case 'folder':
      return [instance];
    default:
      return [
        instance,
        nodeId.folder(item.folderId),
        ...directoriesAbove(item.path).map((path) => nodeId.directory(item.folderId, path)),
      ];
  }
}
