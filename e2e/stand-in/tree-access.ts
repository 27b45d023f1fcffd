import type { Cloud } from './cloud/cloud.ts';
import { type ContentSource, isContent } from './cloud/content.ts';
import { descend, type FolderNode, namesIn, pathOf, sizeOf, type TreeNode } from './cloud/nodes.ts';

/** What a test may know of a file or folder. */
export interface NodeFacts {
  kind: 'file' | 'folder';
  path: string;
  fileId: number;
  /** Without quotes. */
  etag: string;
  /** Of a folder: everything below it. */
  sizeBytes: number;
  /** Whole seconds, in milliseconds. */
  mtimeMs: number;
}

/** The files of all users, changed as their owners would, without HTTP. Paths start with a slash and are brought into NFC. */
export interface TreeAccess {
  /** Writes a file; folders above it are made. Streams go to the store as they come, Content is kept as it is. */
  put(
    userId: string,
    path: string,
    source: ContentSource,
    facts?: { mtimeMs?: number | undefined },
  ): Promise<NodeFacts>;
  /** Makes a folder and those above it; one that exists is left alone. */
  mkdir(userId: string, path: string): NodeFacts;
  /** Moves or renames; replaces what is at `to`. @throws {Error} when nothing is at `from`. */
  move(userId: string, from: string, to: string): NodeFacts;
  /** Removes a file or a folder with everything in it. @throws {Error} when nothing is there. */
  remove(userId: string, path: string): void;
  stat(userId: string, path: string): NodeFacts | undefined;
  /** ETag without quotes. @throws {Error} when nothing is there. */
  etagOf(userId: string, path: string): string;
}

/** Opens the trees of a cloud to tests. */
export function treeAccess({ tree, store }: Pick<Cloud, 'tree' | 'store'>): TreeAccess {
  const find = (userId: string, path: string) => descend(tree.rootOf(userId), namesIn(path));
  const need = (userId: string, path: string) => {
    const node = find(userId, path);
    if (node === undefined) throw new Error(`${userId} has nothing at ${path}`);
    return node;
  };
  const folderAt = (userId: string, segments: readonly string[]) => {
    let folder: FolderNode = tree.rootOf(userId);
    for (const name of segments) {
      const next: TreeNode = folder.children.get(name) ?? tree.createFolder(folder, name);
      if (next.kind === 'file') throw new Error(`${pathOf(next)} is a file`);
      folder = next;
    }
    return folder;
  };
  const place = (userId: string, path: string) => {
    const segments = namesIn(path);
    const name = segments.pop();
    if (name === undefined) throw new Error('the root has no name');
    return { parent: folderAt(userId, segments), name };
  };
  return {
    async put(userId, path, source, facts = {}) {
      const content = isContent(source)
        ? source
        : await store.write(source instanceof Uint8Array ? once(source) : source);
      const { parent, name } = place(userId, path);
      const mtimeSeconds = facts.mtimeMs === undefined ? undefined : Math.floor(facts.mtimeMs / 1000);
      return factsOf(tree.writeFile(parent, name, content, { mtimeSeconds }).file);
    },
    mkdir: (userId, path) => factsOf(folderAt(userId, namesIn(path))),
    move(userId, from, to) {
      const node = need(userId, from);
      const { parent, name } = place(userId, to);
      tree.move(node, parent, name);
      return factsOf(node);
    },
    remove: (userId, path) => tree.remove(need(userId, path)),
    stat(userId, path) {
      const node = find(userId, path);
      return node && factsOf(node);
    },
    etagOf: (userId, path) => need(userId, path).etag,
  };
}

function factsOf(node: TreeNode): NodeFacts {
  const { kind, id: fileId, etag } = node;
  return { kind, path: pathOf(node), fileId, etag, sizeBytes: sizeOf(node), mtimeMs: node.mtimeSeconds * 1000 };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
