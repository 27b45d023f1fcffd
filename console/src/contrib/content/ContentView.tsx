'use client';
/** The tree of the Content container: instances, folders, directories, files. Levels are read when they are opened, page by page. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import { useAgents } from '../../api/live.tsx';
import { foldersQuery } from '../../api/queries.ts';
import type { FolderSummary } from '../../api/schemas.ts';
import { useFormat, useText } from '../../i18n/I18n.tsx';
import { Empty, QueryView } from '../../ui/states.tsx';
import { Tree } from '../../ui/Tree.tsx';
import { useWorkbench } from '../../workbench/services.tsx';
import { type ContentItem, inputOf } from './content-item.ts';
import {
  type ContentNode,
  contentNodes,
  directoriesAbove,
  isContent,
  nodeId,
  type RowData,
  rowsAbove,
} from './content-nodes.ts';
import { revealRequest, selectedItems } from './content-state.ts';
import { progressOf } from './coverage.ts';
import { createDirectories, type Directories } from './directories.ts';
import { contentEditorText } from './editor-messages.ts';
import './content.css';

/** So many pages of a directory are read to find a file that is to be shown; beyond, its directory is shown. */
const REVEAL_MAX_PAGES = 20;

/** Nextcloud instances and what Harp distributes from them. */
export function ContentView() {
  const text = useText();
  const folders = useQuery(foldersQuery);
  return (
    <QueryView query={folders} what={text(contentEditorText.theFolders)}>
      {({ folders: list }) =>
        list.length === 0 ? (
          <Empty sentence={text(contentEditorText.noFolders)} command="npx harp apply -f fleet.yaml" />
        ) : (
          <ContentTree folders={list} />
        )
      }
    </QueryView>
  );
}

function ContentTree({ folders }: { folders: readonly FolderSummary[] }) {
  const text = useText();
  const format = useFormat();
  const services = useWorkbench();
  const client = useQueryClient();
  const fleet = useAgents();
  const [directories, setDirectories] = useState<Directories>();
  useEffect(() => {
    const made = createDirectories(client);
    setDirectories(made);
    return () => made.dispose();
  }, [client]);
  const version = useSyncExternalStore(
    useCallback((listener) => directories?.onDidChange(listener) ?? (() => {}), [directories]),
    () => directories?.version ?? 0,
    () => 0,
  );
  const progress = useMemo(() => progressOf(folders, fleet.list), [folders, fleet.list]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the version says that what `directories` holds has changed
  const nodes = useMemo(
    () =>
      contentNodes({
        folders,
        progress,
        contentOf: (folderId, path) => directories?.contentOf(folderId, path),
        text,
        format,
      }),
    [folders, progress, directories, version, text, format],
  );
  const [toggled, setToggled] = useState<ReadonlySet<string>>(new Set());
  const reveal = useReveal(folders, directories, setToggled);

  const onToggle = useCallback(
    ({ data }: ContentNode, expanded: boolean, next: ReadonlySet<string>) => {
      const at = placeOf(data);
      if (at === undefined || directories === undefined) return setToggled(next);
      if (expanded) directories.open(at.folderId, at.path);
      else directories.close(at.folderId, at.path);
      setToggled(expanded ? next : withoutBelow(next, at));
    },
    [directories],
  );
  const onOpen = useCallback(
    ({ data }: ContentNode, { preview }: { preview: boolean }) => {
      if (data?.kind === 'more') void directories?.more(data.folderId, data.path);
      else if (data?.kind === 'retry') directories?.retry(data.folderId, data.path);
      else if (isContent(data)) {
        const input = inputOf(data);
        if (input !== undefined) services.editors.open(input, { preview });
      }
    },
    [directories, services],
  );
  const select = useCallback(
    (items: readonly ContentItem[]) => {
      selectedItems.tell(items);
      services.context.set('contentItem', items[0]?.kind ?? '');
    },
    [services],
  );
  return (
    <Tree<RowData>
      label={text(contentEditorText.treeLabel)}
      nodes={nodes}
      startsExpanded={startsExpanded}
      toggled={toggled}
      onToggle={onToggle}
      onOpen={onOpen}
      onSelect={(_ids, chosen) => select(itemsOf(chosen))}
      onContextMenu={(chosen, at) => {
        const items = itemsOf(chosen);
        if (items.length === 0) return;
        select(items);
        services.menus.openContext('content/context', at, items);
      }}
      revealId={reveal}
    />
  );
}

/** Instances show their folders; what a folder holds is read only when somebody wants it. */
function startsExpanded({ data }: ContentNode): boolean {
  return data?.kind === 'nextcloud';
}

function itemsOf(nodes: readonly ContentNode[]): ContentItem[] {
  return nodes.map(({ data }) => data).filter(isContent);
}

function placeOf(data: RowData | undefined): { folderId: string; path: string } | undefined {
  if (data?.kind === 'folder') return { folderId: data.id, path: '' };
  return data?.kind === 'directory' ? data : undefined;
}

/** What was open below a row that is closed is forgotten, and must not look open when the row is opened again. */
function withoutBelow(toggled: ReadonlySet<string>, { folderId, path }: { folderId: string; path: string }) {
  const below = nodeId.directory(folderId, path === '' ? '' : `${path}/`);
  return new Set([...toggled].filter((id) => !id.startsWith(below)));
}

/** Follows requests to show an item: opens what is above it, reads pages until it is there. Returns the row to bring into view. */
function useReveal(
  folders: readonly FolderSummary[],
  directories: Directories | undefined,
  setToggled: (change: (before: ReadonlySet<string>) => ReadonlySet<string>) => void,
): string | undefined {
  const [revealId, setRevealId] = useState<string>();
  const present = useRef(folders);
  useEffect(() => {
    present.current = folders;
  }, [folders]);
  useEffect(() => {
    if (directories === undefined) return;
    let ended = false;
    const follow = async () => {
      const request = revealRequest.value;
      if (request === undefined) return;
      const { item } = request;
      const folderId = item.kind === 'nextcloud' ? undefined : item.kind === 'folder' ? item.id : item.folderId;
      const folder = present.current.find(({ id, name }) => id === folderId || name === folderId);
      revealRequest.tell(undefined);
      // The same row may be asked for twice: the tree follows a change only.
      setRevealId(undefined);
      if (item.kind === 'nextcloud') return setRevealId(nodeId.nextcloud(item.id));
      if (folder === undefined) return;
      const place: ContentItem = item.kind === 'folder' ? { ...item, id: folder.id } : { ...item, folderId: folder.id };
      setToggled((before) => withOpen(before, rowsAbove(place, folder.nextcloud.id)));
      if (place.kind === 'folder') return setRevealId(nodeId.folder(folder.id));
      const above = ['', ...directoriesAbove(place.path)];
      for (const path of above) directories.open(folder.id, path);
      const parent = above.at(-1) ?? '';
      for (let page = 0; page < REVEAL_MAX_PAGES && !ended; page++) {
        const content = directories.contentOf(folder.id, parent);
        if (content?.pages.some(({ files, dirs }) => [...files, ...dirs].some(({ path }) => path === place.path))) {
          return setRevealId((place.kind === 'file' ? nodeId.file : nodeId.directory)(folder.id, place.path));
        }
        if (content === undefined || content.isError) break;
        if (content.pages.length > 0 && !content.hasMore) break;
        if (content.pages.length > 0) await directories.more(folder.id, parent);
        else await firstPage(directories, folder.id, parent);
      }
      if (!ended) setRevealId(parent === '' ? nodeId.folder(folder.id) : nodeId.directory(folder.id, parent));
    };
    const start = () => void follow();
    start();
    const stop = revealRequest.onDidChange(start);
    return () => {
      ended = true;
      stop();
    };
  }, [directories, setToggled]);
  return revealId;
}

/** The tree remembers which rows differ from how they start: instances start open, everything else closed. */
function withOpen(toggled: ReadonlySet<string>, ids: readonly string[]): ReadonlySet<string> {
  const next = new Set(toggled);
  for (const id of ids) {
    if (id.startsWith('nextcloud ')) next.delete(id);
    else next.add(id);
  }
  return next;
}

function firstPage(directories: Directories, folderId: string, path: string): Promise<void> {
  return new Promise((resolve) => {
    const check = () => {
      const content = directories.contentOf(folderId, path);
      if (content !== undefined && content.pages.length === 0 && !content.isError) return;
      stop();
      resolve();
    };
    const stop = directories.onDidChange(check);
    check();
  });
}
