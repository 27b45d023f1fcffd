import type { TreeNode } from '../cloud/nodes.ts';
import type { Exchange } from '../wire/exchange.ts';
import { davHeaders, type Reply } from '../wire/reply.ts';
import { preconditionFailed } from './errors.ts';
import { httpDate } from './properties.ts';

/**
 * Checks `If-Match`, `If-None-Match`, `If-Modified-Since` and `If-Unmodified-Since` against the node at the request's path
 * (undefined = nothing there), as Sabre does: a matching `If-None-Match` is 304 for GET and 412 for everything else, HEAD too.
 * Returns a 304 to send, or undefined to go on. @throws {DavError} 412 with the current ETag.
 */
export function checkPreconditions(exchange: Exchange, node: TreeNode | undefined): Reply | undefined {
  checkIfMatch(exchange.header('if-match'), node);
  return checkIfNoneMatch(exchange.header('if-none-match'), node, exchange.method) ?? checkDates(exchange, node);
}

function checkIfMatch(header: string | undefined, node: TreeNode | undefined): void {
  if (header === undefined) return;
  if (node === undefined)
    throw preconditionFailed('If-Match', 'An If-Match header was specified and the resource did not exist');
  if (header === '*' || tagsIn(header).includes(quoted(node))) return;
  throw preconditionFailed(
    'If-Match',
    'An If-Match header was specified, but none of the specified ETags matched.',
    quoted(node),
  );
}

function checkIfNoneMatch(header: string | undefined, node: TreeNode | undefined, method: string): Reply | undefined {
  if (header === undefined || node === undefined) return undefined;
  if (header !== '*' && !tagsIn(header).includes(quoted(node))) return undefined;
  if (method === 'GET') return notModified({ ETag: quoted(node) });
  const etag = header === '*' ? undefined : quoted(node);
  throw preconditionFailed(
    'If-None-Match',
    'An If-None-Match header was specified, but the ETag matched (or * was specified).',
    etag,
  );
}

function checkDates(exchange: Exchange, node: TreeNode | undefined): Reply | undefined {
  if (node === undefined) return undefined;
  const changedMs = node.mtimeSeconds * 1000;
  const unmodifiedSinceMs = Date.parse(exchange.header('if-unmodified-since') ?? '');
  if (changedMs > unmodifiedSinceMs) {
    throw preconditionFailed(
      'If-Unmodified-Since',
      'An If-Unmodified-Since header was specified, but the entity has been changed since the specified date.',
    );
  }
  if (exchange.header('if-none-match') !== undefined) return undefined;
  const modifiedSinceMs = Date.parse(exchange.header('if-modified-since') ?? '');
  return changedMs <= modifiedSinceMs ? notModified({ 'Last-Modified': httpDate(node.mtimeSeconds) }) : undefined;
}

/** One `<uri> (["etag"])` of a WebDAV `If` header; `negated` for `Not`. */
interface IfCondition {
  readonly uri: string;
  readonly etag: string;
  readonly negated: boolean;
}

/** Checks the tagged ETag lists of an `If` header: one of them must hold. `etagAt` gives the quoted ETag at a URL, if any. */
export function checkIfHeader(header: string | undefined, etagAt: (url: string) => string | undefined): void {
  if (header === undefined) return;
  const conditions = conditionsIn(header);
  if (conditions.some(({ uri, etag, negated }) => (etagAt(uri) === etag) !== negated)) return;
  throw preconditionFailed('If', 'None of the tokens in the If header match');
}

function conditionsIn(header: string): IfCondition[] {
  return [...header.matchAll(/<([^>]*)>\s*\(\s*(Not\s+)?\[([^\]]*)\]\s*\)/gi)].map(([, uri = '', not, etag = '']) => {
    return { uri, etag, negated: not !== undefined };
  });
}

function notModified(headers: Record<string, string>): Reply {
  return { status: 304, headers: { ...davHeaders, ...headers } };
}

function tagsIn(header: string): string[] {
  return header.split(',').map((tag) => tag.trim());
}

function quoted(node: TreeNode): string {
  return `"${node.etag}"`;
}
