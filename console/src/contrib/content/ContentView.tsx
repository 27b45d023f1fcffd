'use client';
import { useQuery } from '@tanstack/react-query';
import { foldersQuery } from '../../api/queries.ts';
import type { FolderSummary } from '../../api/schemas.ts';
import { formatBytes } from '../../ui/format.ts';
import { Empty, QueryView } from '../../ui/states.tsx';
import { Tree, type TreeNode } from '../../ui/Tree.tsx';
import type { ViewProps } from '../../workbench/model.ts';

/** Nextcloud servers and the folders Harp distributes from them. */
export function ContentView({ workbench }: ViewProps) {
  const folders = useQuery(foldersQuery);
  return (
    <QueryView query={folders} what="The folders">
      {({ folders: list }) =>
        list.length === 0 ? (
          <Empty sentence="No folders yet. Declare them in fleet.yaml, then:" command="npx harp apply -f fleet.yaml" />
        ) : (
          <Tree
            label="Nextcloud folders"
            nodes={contentNodes(list)}
            onOpen={(node) => {
              if (node.id.startsWith('fld-'))
                workbench.open({ editor: 'harp.editor.folder', subject: node.id, title: node.name, icon: 'folder' });
            }}
          />
        )
      }
    </QueryView>
  );
}

function contentNodes(folders: readonly FolderSummary[]): TreeNode[] {
  const servers = new Map(folders.map(({ nextcloud }) => [nextcloud.id, nextcloud]));
  return [...servers.values()].map((server) => ({
    id: server.id,
    name: server.name,
    icon: server.error === null ? 'cloud' : 'error',
    tone: server.error === null ? 'ok' : 'error',
    ...(server.error === null ? {} : { description: 'not connected' }),
    title: server.error ?? server.url,
    children: folders
      .filter(({ nextcloud }) => nextcloud.id === server.id)
      .map((folder) => ({
        id: folder.id,
        name: folder.name,
        icon: folder.error === null ? 'folder' : 'error',
        tone: folder.error === null ? 'ok' : 'error',
        description: folder.error === null ? formatBytes(folder.byteCount) : folder.error.code,
        title: folder.error?.detail ?? folder.path,
      })),
  }));
}
