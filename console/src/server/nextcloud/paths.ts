/** Paths in Nextcloud and the URLs that name them. */
import type { DavNode } from './multistatus.ts';

/** `/remote.php/dav/files/{user}/{path}`, each name encoded. `path` has no leading slash; empty is the user's root. */
export function davFilePath(davUser: string, path: string): string {
  return `/remote.php/dav/files/${encodeURIComponent(davUser)}/${encodePath(path)}`;
}

/** Each name of a path percent-encoded. */
export function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}

/** A path without leading, trailing and doubled slashes: `/Projects/` → `Projects`, `/` → empty. */
export function trimPath(path: string): string {
  return path
    .split('/')
    .filter((name) => name !== '')
    .join('/');
}

/** `name` in `folder`; `folder` empty for the root. */
export function joinPath(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}

/** The name a child has in a listing, or why it has none that can be used. */
export type ChildName = { name: string } | { damaged: string; why: string };

/**
 * The name of `node` below `folder`, both as listed by the same server. Relative to the folder's own href, so that proxies that rewrite paths do
 * not matter. Undefined if it is not a direct child.
 */
export function childName(folder: DavNode, node: DavNode): ChildName | undefined {
  const parent = withSlash(hrefPath(folder.href));
  const path = hrefPath(node.href);
  if (!path.startsWith(parent)) return undefined;
  const encoded = path.slice(parent.length).replace(/\/$/, '');
  if (encoded === '' || encoded.includes('/')) return undefined;
  try {
    const name = decodeURIComponent(encoded);
    return name.includes('/') ? { damaged: encoded, why: 'holds a slash' } : { name };
  } catch {
    return { damaged: encoded, why: 'is not UTF-8' };
  }
}

function hrefPath(href: string): string {
  return href.replace(/^https?:\/\/[^/]*/i, '');
}

function withSlash(path: string): string {
  return path.endsWith('/') ? path : `${path}/`;
}
