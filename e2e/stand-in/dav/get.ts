import type { FileNode, TreeNode } from '../cloud/nodes.ts';
import type { Exchange } from '../wire/exchange.ts';
import { davHeaders, htmlReply, type Reply } from '../wire/reply.ts';
import { DavError, rangeNotSatisfiable } from './errors.ts';
import { checkPreconditions } from './preconditions.ts';
import { httpDate } from './properties.ts';
import { ifRangeHolds, parseRange } from './range.ts';

const folderPage =
  'This is the WebDAV interface. It can only be accessed by WebDAV clients such as the Nextcloud desktop sync client.';

/** How an endpoint dresses a file: direct links leave out the quotes of the ETag and everything of Nextcloud's own. */
export type FileDress = 'dav' | 'direct';

/** Answers GET and HEAD for a node that exists. */
export function getNode(exchange: Exchange, node: TreeNode, dress: FileDress = 'dav'): Reply {
  const notModified = checkPreconditions(exchange, node);
  if (notModified !== undefined) return notModified;
  return node.kind === 'folder' ? htmlReply(200, folderPage, davHeaders) : getFile(exchange, node, dress);
}

function getFile(exchange: Exchange, file: FileNode, dress: FileDress): Reply {
  const rangeHeader = exchange.ignoreRange ? undefined : exchange.header('range');
  if (exchange.method === 'HEAD' && rangeHeader !== undefined) throw headWithRange();
  const basics = {
    'Last-Modified': httpDate(file.mtimeSeconds),
    ETag: dress === 'dav' ? `"${file.etag}"` : file.etag,
  };
  const holds = ifRangeHolds(exchange.header('if-range'), file.etag, file.mtimeSeconds);
  const range = parseRange(holds ? rangeHeader : undefined, file.content.sizeBytes);
  if (range.kind === 'unsatisfiable') throw rangeNotSatisfiable(range.message, basics);

  const { start, end } = range.kind === 'part' ? range : { start: 0, end: file.content.sizeBytes };
  const contentRange =
    range.kind === 'part' ? { 'Content-Range': `bytes ${start}-${end - 1}/${file.content.sizeBytes}` } : {};
  file.content.retain();
  return {
    status: range.kind === 'part' ? 206 : 200,
    headers: {
      ...davHeaders,
      'Content-Type': file.mimeType.startsWith('text/') ? `${file.mimeType};charset=UTF-8` : file.mimeType,
      ...basics,
      ...contentRange,
      ...(dress === 'dav' ? nextcloudHeaders(file, exchange.method) : {}),
    },
    body: { file, content: file.content, etag: file.etag, start, end },
  };
}

function nextcloudHeaders(file: FileNode, method: string): Reply['headers'] {
  const name = encodeURIComponent(file.name);
  return {
    'OC-ETag': `"${file.etag}"`,
    'Content-Disposition': `attachment; filename*=UTF-8''${name}; filename="${name}"`,
    ...checksumHeader(file.checksums, method),
  };
}

/** A HEAD answer carries the header twice (api.md 4.3): naive clients see a comma. */
function checksumHeader(checksums: string | undefined, method: string): Reply['headers'] {
  if (checksums === undefined) return {};
  return { 'OC-Checksum': method === 'HEAD' ? [checksums, checksums] : checksums };
}

/** What Nextcloud 27 makes of `Range` on HEAD (api.md 0.3). */
function headWithRange(): DavError {
  return new DavError(
    500,
    'TypeError',
    'stream_get_meta_data(): Argument #1 ($stream) must be of type resource, string given',
  );
}
