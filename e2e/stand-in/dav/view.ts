import { descend, pathOf, type TreeNode } from '../cloud/nodes.ts';
import { fileNotFound } from './errors.ts';

/** A tree as one DAV endpoint shows it: a user's files, or a share. */
export interface DavView {
  readonly root: TreeNode;
  /** URL path of `root`, with base path, without trailing slash. */
  readonly hrefBase: string;
  readonly ownerId: string;
  readonly writable: boolean;
  /** Value of the `DAV` header. */
  readonly features: string;
}

/** The `DAV` header of the logged-in and the public endpoint, as recorded. */
export const davFeatures = {
  user: '1, 3, extended-mkcol, access-control, calendarserver-principal-property-search, nextcloud-checksum-update, nc-calendar-search, nc-enable-birthday-calendar',
  public: '1, 3, extended-mkcol, nextcloud-checksum-update',
} as const;

/** The node at `path`, if there is one. */
export function lookUp(view: DavView, path: readonly string[]): TreeNode | undefined {
  return descend(view.root, path);
}

/** The node at `path`. @throws {DavError} 404 that names the first segment that is missing. */
export function resolve(view: DavView, path: readonly string[]): TreeNode {
  let node = view.root;
  let shown = '/';
  for (const name of path) {
    const next = node.kind === 'folder' ? node.children.get(name) : undefined;
    if (next === undefined) throw fileNotFound(shown, name);
    node = next;
    shown = shown === '/' ? `/${name}` : `${shown}/${name}`;
  }
  return node;
}

/** URL path of a node in a view; folders end in a slash. */
export function hrefOf(view: DavView, node: TreeNode): string {
  const below = view.root.parent === undefined ? pathOf(node) : pathOf(node).slice(pathOf(view.root).length);
  const path = `${view.hrefBase}${encodePath(below === '' ? '/' : below)}`;
  return node.kind === 'folder' && !path.endsWith('/') ? `${path}/` : path;
}

/** Percent-encoding as Sabre writes it: lower-case hex, and little more than letters and digits left alone. */
export function encodePath(path: string): string {
  return Buffer.from(path, 'utf8')
    .toString('latin1')
    .replace(/[^A-Za-z0-9_\-.~()/]/g, (byte) => `%${byte.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
