import { randomBytes } from 'node:crypto';
import { type Clock, nowSeconds } from './clock.ts';
import type { Content } from './content.ts';
import { mimeTypeOf } from './mime.ts';
import { type FileNode, type FolderNode, pathOf, sizeOf, type TreeNode, walk } from './nodes.ts';

/** What a listener of the tree is told, after the fact. `oldPath` is the place before a move or removal. */
export interface TreeChange {
  readonly kind: 'created' | 'changed' | 'deleted' | 'moved';
  readonly node: TreeNode;
  readonly oldPath: string;
}

/** Facts a writer may set. `checksums` replaces what was there: a write without it clears the list. */
export interface WriteFacts {
  mtimeSeconds?: number | undefined;
  checksums?: string | undefined;
}

/**
 * All files of all users, with the id and ETag rules of api.md 4.2: every change gives the ancestors up to the user's root one new ETag,
 * moves keep id and ETag of the node and everything below it, copies get new ones. Knows nothing of HTTP or permissions.
 */
export class Tree {
  private readonly roots = new Map<string, FolderNode>();
  private readonly nodes = new Map<number, TreeNode>();
  private readonly listeners = new Set<(change: TreeChange) => void>();
  private lastId = 0;
  private lastFolderTick = 0;

  constructor(private readonly clock: Clock) {}

  /** The user's root, made at first sight. */
  rootOf(userId: string): FolderNode {
    const known = this.roots.get(userId);
    if (known !== undefined) return known;
    const root = this.newFolder('', undefined);
    this.roots.set(userId, root);
    return root;
  }

  /** Whose tree a node is in. */
  ownerOf(node: TreeNode): string {
    let root = node;
    while (root.parent !== undefined) root = root.parent;
    for (const [userId, candidate] of this.roots) if (candidate === root) return userId;
    throw new Error(`node ${node.id} is in nobody's tree`);
  }

  byId(id: number): TreeNode | undefined {
    return this.nodes.get(id);
  }

  /** Calls `listener` after each change; returns the way to stop. */
  onDidChange(listener: (change: TreeChange) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  createFolder(parent: FolderNode, name: string): FolderNode {
    const folder = this.newFolder(name, parent);
    parent.children.set(name, folder);
    this.touchUp(parent);
    this.emit('created', folder, pathOf(folder));
    return folder;
  }

  /** Creates or overwrites; takes over one `retain` of `content`. An overwritten file keeps its id and gets a new ETag. */
  writeFile(
    parent: FolderNode,
    name: string,
    content: Content,
    facts: WriteFacts,
  ): { file: FileNode; created: boolean } {
    const existing = parent.children.get(name);
    if (existing?.kind === 'folder') throw new Error(`${pathOf(existing)} is a folder`);
    if (existing === undefined) return { file: this.addFile(parent, name, content, facts), created: true };
    const old = existing.content;
    existing.content = content;
    existing.etag = newFileEtag();
    existing.checksums = facts.checksums;
    existing.mtimeSeconds = facts.mtimeSeconds ?? nowSeconds(this.clock);
    existing.uploadedAtSeconds = nowSeconds(this.clock);
    this.grow(parent, content.sizeBytes - old.sizeBytes);
    this.touchUp(parent);
    void old.release();
    this.emit('changed', existing, pathOf(existing));
    return { file: existing, created: false };
  }

  /** Removes a node and everything below it. A user's root cannot be removed. */
  remove(node: TreeNode): void {
    const parent = parentOf(node);
    const oldPath = pathOf(node);
    this.detach(node);
    this.forget(node);
    this.touchUp(parent);
    this.emit('deleted', node, oldPath);
  }

  /** Moves or renames. A node already at the destination dies with its id; the moved one keeps id and ETag. */
  move(node: TreeNode, parent: FolderNode, name: string): { replaced: boolean } {
    const oldParent = parentOf(node);
    const oldPath = pathOf(node);
    const target = parent.children.get(name);
    if (target !== undefined) {
      this.detach(target);
      this.forget(target);
    }
    this.detach(node);
    this.attach(node, parent, name);
    this.touchUp(oldParent);
    this.touchUp(parent);
    this.emit('moved', node, oldPath);
    return { replaced: target !== undefined };
  }

  /** Copies a node and everything below it under new ids and ETags. */
  copy(node: TreeNode, parent: FolderNode, name: string): { node: TreeNode; replaced: boolean } {
    const target = parent.children.get(name);
    if (target !== undefined) {
      this.detach(target);
      this.forget(target);
    }
    const copied = this.duplicate(node);
    this.attach(copied, parent, name);
    this.touchUp(parent);
    this.emit('created', copied, pathOf(copied));
    return { node: copied, replaced: target !== undefined };
  }

  /** Sets the mtime as PROPPATCH does: same bytes, new ETag. */
  setMtime(node: TreeNode, mtimeSeconds: number): void {
    node.etag = node.kind === 'file' ? newFileEtag() : this.newFolderEtag();
    if (node.parent !== undefined) this.touchUp(node.parent);
    node.mtimeSeconds = mtimeSeconds;
    this.emit('changed', node, pathOf(node));
  }

  private addFile(parent: FolderNode, name: string, content: Content, facts: WriteFacts): FileNode {
    const now = nowSeconds(this.clock);
    const file = this.register<FileNode>({
      kind: 'file',
      id: this.nextId(),
      name,
      parent,
      etag: newFileEtag(),
      mtimeSeconds: facts.mtimeSeconds ?? now,
      content,
      mimeType: mimeTypeOf(name),
      checksums: facts.checksums,
      uploadedAtSeconds: now,
    });
    parent.children.set(name, file);
    this.grow(parent, content.sizeBytes);
    this.touchUp(parent);
    this.emit('created', file, pathOf(file));
    return file;
  }

  private newFolder(name: string, parent: FolderNode | undefined): FolderNode {
    return this.register<FolderNode>({
      kind: 'folder',
      id: this.nextId(),
      name,
      parent,
      etag: this.newFolderEtag(),
      mtimeSeconds: nowSeconds(this.clock),
      children: new Map(),
      sizeBytes: 0,
    });
  }

  private duplicate(node: TreeNode): TreeNode {
    if (node.kind === 'file') {
      node.content.retain();
      return this.register<FileNode>({ ...node, id: this.nextId(), etag: newFileEtag(), parent: undefined });
    }
    const copied = this.newFolder(node.name, undefined);
    for (const child of node.children.values()) this.attach(this.duplicate(child), copied, child.name);
    return copied;
  }

  private nextId(): number {
    this.lastId += 1;
    return this.lastId;
  }

  private register<Node extends TreeNode>(node: Node): Node {
    this.nodes.set(node.id, node);
    return node;
  }

  private attach(node: TreeNode, parent: FolderNode, name: string): void {
    node.name = name;
    node.parent = parent;
    if (node.kind === 'file') node.mimeType = mimeTypeOf(name);
    parent.children.set(name, node);
    this.grow(parent, sizeOf(node));
  }

  private detach(node: TreeNode): void {
    const parent = parentOf(node);
    parent.children.delete(node.name);
    this.grow(parent, -sizeOf(node));
  }

  private forget(node: TreeNode): void {
    for (const gone of walk(node)) {
      this.nodes.delete(gone.id);
      if (gone.kind === 'file') void gone.content.release();
    }
  }

  private grow(folder: FolderNode, bytes: number): void {
    for (let at: FolderNode | undefined = folder; at !== undefined; at = at.parent) at.sizeBytes += bytes;
  }

  private touchUp(folder: FolderNode): void {
    const etag = this.newFolderEtag();
    const now = nowSeconds(this.clock);
    for (let at: FolderNode | undefined = folder; at !== undefined; at = at.parent) {
      at.etag = etag;
      at.mtimeSeconds = now;
    }
  }

  /** PHP's `uniqid()`, which Nextcloud uses here: seconds and microseconds in hex, 13 digits. */
  private newFolderEtag(): string {
    this.lastFolderTick = Math.max(this.lastFolderTick + 1, Math.floor(this.clock.nowMs() * 1000));
    const seconds = Math.floor(this.lastFolderTick / 1_000_000);
    const microseconds = this.lastFolderTick % 1_000_000;
    return seconds.toString(16).padStart(8, '0') + microseconds.toString(16).padStart(5, '0');
  }

  private emit(kind: TreeChange['kind'], node: TreeNode, oldPath: string): void {
    for (const listener of this.listeners) listener({ kind, node, oldPath });
  }
}

function parentOf(node: TreeNode): FolderNode {
  if (node.parent === undefined) throw new Error('a root folder can be neither moved nor removed');
  return node.parent;
}

function newFileEtag(): string {
  return randomBytes(16).toString('hex');
}
