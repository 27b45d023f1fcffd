import type { OutgoingHttpHeaders } from 'node:http';
import type { Content } from '../cloud/content.ts';
import type { FileNode } from '../cloud/nodes.ts';

/** A part of one file version. Whoever makes it has called `content.retain`; the sender releases. */
export interface FileBody {
  readonly file: FileNode;
  readonly content: Content;
  /** ETag of the version, without quotes: `file` may have a newer one by the time the bytes leave. */
  readonly etag: string;
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

/** What a handler answers. The sender sets `Content-Length` of bodies itself. */
export interface Reply {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly body?: Buffer | FileBody | undefined;
}

/** On every answer of PHP that is not to be cached. */
export const noCacheHeaders = {
  Expires: 'Thu, 19 Nov 1981 08:52:00 GMT',
  'Cache-Control': 'no-store, no-cache, must-revalidate',
  Pragma: 'no-cache',
} as const;

/** On every answer of the WebDAV servers. */
export const davHeaders = { ...noCacheHeaders, 'Content-Security-Policy': "default-src 'none';" } as const;

/** An answer without a body, as WebDAV gives it after a write. */
export function emptyReply(status: number, headers: OutgoingHttpHeaders = {}): Reply {
  return {
    status,
    headers: { ...davHeaders, 'Content-Type': 'text/html; charset=UTF-8', 'Content-Length': '0', ...headers },
  };
}

/** A page for people, or the empty page that stands for "no such thing". */
export function htmlReply(status: number, html: string, headers: OutgoingHttpHeaders = {}): Reply {
  const csp = "default-src 'self'; style-src 'self' 'unsafe-inline'; form-action 'self'; base-uri 'self';";
  const common = { ...noCacheHeaders, 'Content-Security-Policy': csp, 'Content-Type': 'text/html; charset=UTF-8' };
  return { status, headers: { ...common, ...headers }, body: Buffer.from(html) };
}

/** True when a body is a part of a file, not bytes made for this answer. */
export function isFileBody(body: Uint8Array | FileBody): body is FileBody {
  return 'file' in body;
}
