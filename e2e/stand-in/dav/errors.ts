import type { OutgoingHttpHeaders } from 'node:http';
import { davHeaders, type Reply } from '../wire/reply.ts';
import { escapeXml } from './xml.ts';

/** A WebDAV error: HTTP status and the class name that Nextcloud puts in `s:exception`. */
export class DavError extends Error {
  override readonly name = 'DavError';

  constructor(
    readonly status: number,
    readonly exception: string,
    message: string,
    readonly headers: OutgoingHttpHeaders = {},
    /** Name of the precondition header that failed. */
    readonly header?: string,
  ) {
    super(message);
  }
}

const sabre = (name: string) => `Sabre\\DAV\\Exception\\${name}`;

export const badRequest = (message: string) => new DavError(400, sabre('BadRequest'), message);
export const forbidden = (message = '') => new DavError(403, sabre('Forbidden'), message);
export const conflict = (message: string) => new DavError(409, sabre('Conflict'), message);
export const unavailable = (message: string) => new DavError(503, sabre('ServiceUnavailable'), message);
export const notFound = (message: string) => new DavError(404, sabre('NotFound'), message);

/** 404 in the words of Nextcloud; the doubled slash directly below a root is its own. */
export function fileNotFound(parentPath: string, name: string): DavError {
  return notFound(`File with name ${parentPath}/${name} could not be located`);
}

export function methodNotAllowed(message: string, allow: string): DavError {
  return new DavError(405, sabre('MethodNotAllowed'), message, { Allow: allow });
}

/** 412; `etag`, with quotes, is the current one. */
export function preconditionFailed(header: string, message: string, etag?: string): DavError {
  return new DavError(412, sabre('PreconditionFailed'), message, etag === undefined ? {} : { ETag: etag }, header);
}

/** 416 as recorded: no `Content-Range`, but the headers of the file. */
export function rangeNotSatisfiable(message: string, headers: OutgoingHttpHeaders): DavError {
  return new DavError(416, sabre('RequestedRangeNotSatisfiable'), message, headers);
}

export function notImplemented(method: string): DavError {
  return new DavError(501, sabre('NotImplemented'), `There was no handler found for this "${method}" method`);
}

export function notAuthenticated(message: string): DavError {
  const challenge = { 'WWW-Authenticate': 'Basic realm="Nextcloud", charset="UTF-8"' };
  return new DavError(401, sabre('NotAuthenticated'), message, challenge);
}

/** Turns an error into its XML answer. */
export function davErrorReply(error: DavError): Reply {
  const message = error.message === '' ? '<s:message/>' : `<s:message>${escapeXml(error.message)}</s:message>`;
  const header = error.header === undefined ? '' : `  <s:header>${error.header}</s:header>\n`;
  const xml = `<?xml version="1.0" encoding="utf-8"?>
<d:error xmlns:d="DAV:" xmlns:s="http://sabredav.org/ns">
  <s:exception>${escapeXml(error.exception)}</s:exception>
  ${message}
${header}</d:error>
`;
  const headers = { ...davHeaders, 'Content-Type': 'application/xml; charset=utf-8', ...error.headers };
  return { status: error.status, headers, body: Buffer.from(xml) };
}
