/** A folder's listing, sorted into what a walk may use and what it must leave out, with the reason. */
import type { EntryPath, ErrorCode } from '@harp/broker/protocol';
import { pathProblem } from '@harp/broker/protocol';
import type { Listing } from '../nextcloud/client.ts';
import type { DavNode } from '../nextcloud/multistatus.ts';
import { childName, joinPath } from '../nextcloud/paths.ts';

/** A file as Nextcloud lists it, fit for the chain. */
export interface ListedFile {
  path: EntryPath;
  fileId: string;
  etag: string;
  size: number;
  mtimeMs: number;
}

export interface ListedFolder {
  path: string;
  etag: string;
}

/** Something that is there but cannot be distributed. `lasting`: looking again helps only after somebody changed it. */
export interface ListingProblem {
  path: string;
  code: ErrorCode;
  detail: string;
  lasting: boolean;
}

export interface SortedListing {
  files: ListedFile[];
  folders: ListedFolder[];
  problems: ListingProblem[];
}

/** Bounds of the entry schema. */
const ETAG_MAX_CHARS = 200;
const FILE_ID_MAX_CHARS = 64;

/** Sorts the listing of `folder` (path inside the distributed folder, empty for its root). End-to-end encrypted folders and `.part` files vanish. */
export function sortListing(folder: string, listing: Listing): SortedListing {
  const sorted: SortedListing = { files: [], folders: [], problems: [] };
  for (const node of listing.children) {
    const named = childName(listing.self, node);
    if (named === undefined) continue;
    if ('damaged' in named) {
      sorted.problems.push(refused(joinPath(folder, named.damaged), `the name ${named.why}`));
      continue;
    }
    sortNode(joinPath(folder, named.name), node, sorted);
  }
  return sorted;
}

function sortNode(path: string, node: DavNode, sorted: SortedListing): void {
  const problem = pathProblem(path);
  if (problem !== undefined) sorted.problems.push(refused(path, `the name ${problem}`));
  else if (node.isFolder) {
    if (!node.endToEndEncrypted) sorted.folders.push({ path, etag: node.etag });
  } else if (!isUploadInProgress(path)) sortFile(path as EntryPath, node, sorted);
}

function sortFile(path: EntryPath, node: DavNode, sorted: SortedListing): void {
  const { fileId, etag, size, mtimeMs } = node;
  const odd = (what: string): ListingProblem => ({
    path,
    code: 'origin.unexpected',
    detail: `Nextcloud lists it ${what}`,
    lasting: false,
  });
  if (etag === '' || etag.length > ETAG_MAX_CHARS) sorted.problems.push(odd('without a usable ETag'));
  else if (fileId === '' || fileId.length > FILE_ID_MAX_CHARS) sorted.problems.push(odd('without a usable file id'));
  else if (size < 0) sorted.problems.push(odd('without a size: its storage was not scanned yet'));
  else sorted.files.push({ path, fileId, etag, size, mtimeMs });
}

/** Names that Nextcloud gives to uploads under way; it lets nobody store files of this name (api.md 4.5). */
function isUploadInProgress(path: string): boolean {
  return /\.part$/i.test(path);
}

function refused(path: string, detail: string): ListingProblem {
  // PostgreSQL stores no NUL.
  return { path: path.replaceAll('\0', '\ufffd'), code: 'name.refused', detail, lasting: true };
}
