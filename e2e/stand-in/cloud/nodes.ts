import type { Content } from './content.ts';

interface NodeBase {
  /** `oc:fileid`: unique on this server, never used again. */
  readonly id: number;
  name: string;
  parent: FolderNode | undefined;
  /** Without quotes. */
  etag: string;
  mtimeSeconds: number;
}

/** A file and its newest version. */
export interface FileNode extends NodeBase {
  readonly kind: 'file';
  content: Content;
  mimeType: string;
  /** The client's own list, such as `SHA1:ab… MD5:cd…`; stored as it came, never verified. */
  checksums: string | undefined;
  uploadedAtSeconds: number;
}

/** A folder; `sizeBytes` is the sum of all files below it. */
export interface FolderNode extends NodeBase {
  readonly kind: 'folder';
  readonly children: Map<string, TreeNode>;
  sizeBytes: number;
}

export type TreeNode = FileNode | FolderNode;

/** Recursive size of a node in bytes. */
export function sizeOf(node: TreeNode): number {
  return node.kind === 'file' ? node.content.sizeBytes : node.sizeBytes;
}

/** Path below the user's root with a leading slash; the root itself is `/`. */
export function pathOf(node: TreeNode): string {
  const names: string[] = [];
  for (let at: TreeNode = node; at.parent !== undefined; at = at.parent) names.unshift(at.name);
  return `/${names.join('/')}`;
}

/** Children in the order in which Nextcloud lists them: by name, upper case first. */
export function childrenOf(folder: FolderNode): TreeNode[] {
  return [...folder.children.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The node itself, then everything below it, each folder before its content. */
export function* walk(node: TreeNode): Generator<TreeNode> {
  yield node;
  if (node.kind === 'folder') for (const child of childrenOf(node)) yield* walk(child);
}

/** Whether `node` is `ancestor` or lies below it. */
export function isWithin(node: TreeNode, ancestor: TreeNode): boolean {
  for (let at: TreeNode | undefined = node; at !== undefined; at = at.parent) if (at === ancestor) return true;
  return false;
}

/** Names of a plain path such as `/Projects/a.txt`, in NFC as Nextcloud stores them. */
export function namesIn(path: string): string[] {
  return path
    .split('/')
    .filter((name) => name !== '')
    .map((name) => name.normalize('NFC'));
}

/** The node that `names` lead to from `root`, if there is one. */
export function descend(root: TreeNode, names: readonly string[]): TreeNode | undefined {
  let node: TreeNode | undefined = root;
  for (const name of names) node = node?.kind === 'folder' ? node.children.get(name) : undefined;
  return node;
}
