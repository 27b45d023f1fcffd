/** The directories that are open in the tree: reads them level by level and page by page, and keeps them fresh while they are open. */
import { InfiniteQueryObserver, type QueryClient } from '@tanstack/react-query';
import { directoryQuery } from '../../api/queries.ts';
import type { FilePage } from '../../api/schemas.ts';
import type { DirectoryContent } from './content-nodes.ts';

/** What the tree asks of it. `path` is empty for the folder itself. */
export interface Directories {
  /** Begins to read a directory; one that is open stays as it is. */
  open(folderId: string, path: string): void;
  /** Forgets a directory and all below it. */
  close(folderId: string, path: string): void;
  contentOf(folderId: string, path: string): DirectoryContent | undefined;
  /** Reads the next page. Resolves when it is there, or cannot be read. */
  more(folderId: string, path: string): Promise<DirectoryContent | undefined>;
  retry(folderId: string, path: string): void;
  onDidChange(listener: () => void): () => void;
  /** Changes with every change; for `useSyncExternalStore`. */
  readonly version: number;
  dispose(): void;
}

interface Pages {
  pages: FilePage[];
}

/** Nothing is read before it is opened. */
export function createDirectories(client: QueryClient): Directories {
  const listeners = new Set<() => void>();
  const open = new Map<string, { stop(): void; content: DirectoryContent; next(): Promise<unknown>; again(): void }>();
  let version = 0;
  const changed = () => {
    version += 1;
    for (const listener of listeners) listener();
  };
  return {
    open(folderId, path) {
      const key = keyOf(folderId, path);
      if (open.has(key)) return;
      const observer = new InfiniteQueryObserver(client, {
        ...directoryQuery(folderId, path),
        refetchOnWindowFocus: false,
      });
      const contentNow = (): DirectoryContent => {
        const { data, hasNextPage, isFetching, isFetchingNextPage, isError, isFetchNextPageError } =
          observer.getCurrentResult();
        const pages = (data as Pages | undefined)?.pages ?? [];
        return {
          pages,
          hasMore: hasNextPage,
          isLoading: isFetchingNextPage || (data === undefined && isFetching),
          isError: (isError && data === undefined) || isFetchNextPageError,
        };
      };
      const stop = observer.subscribe(() => {
        const before = open.get(key);
        if (before === undefined) return;
        const content = contentNow();
        if (same(before.content, content)) return;
        before.content = content;
        changed();
      });
      open.set(key, {
        stop,
        content: contentNow(),
        next: () => observer.fetchNextPage({ cancelRefetch: false }),
        again() {
          const { data } = observer.getCurrentResult();
          void (data === undefined ? observer.refetch() : observer.fetchNextPage());
        },
      });
      changed();
    },
    close(folderId, path) {
      const key = keyOf(folderId, path);
      const below = path === '' ? key : `${key}/`;
      for (const [each, { stop }] of open) {
        if (each !== key && !each.startsWith(below)) continue;
        stop();
        open.delete(each);
      }
      changed();
    },
    contentOf: (folderId, path) => open.get(keyOf(folderId, path))?.content,
    async more(folderId, path) {
      const directory = open.get(keyOf(folderId, path));
      await directory?.next();
      return open.get(keyOf(folderId, path))?.content;
    },
    retry: (folderId, path) => open.get(keyOf(folderId, path))?.again(),
    onDidChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    get version() {
      return version;
    },
    dispose() {
      for (const { stop } of open.values()) stop();
      open.clear();
      listeners.clear();
    },
  };
}

function keyOf(folderId: string, path: string): string {
  return `${folderId} ${path}`;
}

function same(a: DirectoryContent, b: DirectoryContent): boolean {
  return a.pages === b.pages && a.hasMore === b.hasMore && a.isLoading === b.isLoading && a.isError === b.isError;
}
