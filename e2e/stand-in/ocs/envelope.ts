import type { OutgoingHttpHeaders } from 'node:http';
import { escapeXml } from '../dav/xml.ts';
import type { Exchange } from '../wire/exchange.ts';
import { noCacheHeaders, type Reply } from '../wire/reply.ts';

/** Anything JSON can say. An empty `data` is `[]`, even where an object is usual. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** An OCS failure. On v2 `httpStatus` carries the result, on v1 only `statusCode` does. */
export class OcsError extends Error {
  override readonly name = 'OcsError';

  constructor(
    readonly httpStatus: number,
    message: string,
    readonly statusCode: number = httpStatus,
  ) {
    super(message);
  }
}

/** Headers of every answer of Nextcloud's app framework. */
export const appHeaders = {
  Expires: noCacheHeaders.Expires,
  Pragma: 'no-cache',
  'Cache-Control': 'no-cache, no-store, must-revalidate',
  'Content-Security-Policy': "default-src 'none';base-uri 'none';manifest-src 'self';frame-ancestors 'none'",
  'Feature-Policy':
    "autoplay 'none';camera 'none';fullscreen 'none';geolocation 'none';microphone 'none';payment 'none'",
  'X-Robots-Tag': 'noindex, nofollow',
} as const;

interface Meta {
  readonly status: 'ok' | 'failure';
  readonly statuscode: number;
  readonly message: string;
}

/** Success, in the form the client asked for. v1 says 100 where v2 says 200. */
export function ocsSuccess(exchange: Exchange, version: 1 | 2, data: Json, headers: OutgoingHttpHeaders = {}): Reply {
  const meta: Meta = { status: 'ok', statuscode: version === 1 ? 100 : 200, message: 'OK' };
  return envelope(exchange, version, 200, meta, data, headers);
}

/** Failure, in the form the client asked for. v1 answers HTTP 200, except 401. */
export function ocsFailure(
  exchange: Exchange,
  version: 1 | 2,
  error: OcsError,
  headers: OutgoingHttpHeaders = {},
): Reply {
  const meta: Meta = { status: 'failure', statuscode: error.statusCode, message: error.message };
  const status = version === 1 && error.httpStatus < 500 && error.httpStatus !== 401 ? 200 : error.httpStatus;
  return envelope(exchange, version, status, meta, [], headers);
}

/** Refused credentials: XML even when JSON was asked for (recorded). */
export function refusedCredentials(): Reply {
  const xml = ocsXml({ status: 'failure', statuscode: 997, message: 'Unauthorised' }, []);
  const headers = {
    ...noCacheHeaders,
    'Content-Security-Policy': "default-src 'self';",
    'Content-Type': 'text/xml; charset=UTF-8',
    'WWW-Authenticate': 'Basic realm="Authorisation Required"',
  };
  return { status: 401, headers, body: Buffer.from(xml) };
}

/** A JSON answer outside the OCS envelope. */
export function jsonReply(status: number, data: Json, headers: OutgoingHttpHeaders = {}): Reply {
  const common = { ...appHeaders, 'Content-Type': 'application/json; charset=utf-8' };
  return { status, headers: { ...common, ...headers }, body: Buffer.from(JSON.stringify(data)) };
}

function envelope(
  exchange: Exchange,
  version: 1 | 2,
  status: number,
  meta: Meta,
  data: Json,
  headers: OutgoingHttpHeaders,
): Reply {
  const fullMeta = version === 1 ? { ...meta, totalitems: '', itemsperpage: '' } : { ...meta };
  if (wantsJson(exchange)) return jsonReply(status, { ocs: { meta: fullMeta, data } }, headers);
  const common = { ...appHeaders, 'Content-Type': 'application/xml; charset=utf-8' };
  return { status, headers: { ...common, ...headers }, body: Buffer.from(ocsXml(fullMeta, data)) };
}

function wantsJson(exchange: Exchange): boolean {
  const format = exchange.query.get('format');
  return format === null ? (exchange.header('accept') ?? '').includes('application/json') : format === 'json';
}

function ocsXml(meta: Readonly<Record<string, string | number>> | Meta, data: Json): string {
  const lines = [
    '<?xml version="1.0"?>',
    '<ocs>',
    element('meta', { ...meta }, ' '),
    element('data', data, ' '),
    '</ocs>',
    '',
  ];
  return lines.join('\n');
}

function element(name: string, value: Json, indent: string): string {
  if (typeof value !== 'object' || value === null) {
    const text = value === null || value === false ? '' : escapeXml(value === true ? '1' : String(value));
    return text === '' ? `${indent}<${name}/>` : `${indent}<${name}>${text}</${name}>`;
  }
  const members: [string, Json][] = Array.isArray(value)
    ? value.map((item) => ['element', item])
    : Object.entries(value);
  if (members.length === 0) return `${indent}<${name}/>`;
  const inner = members.map(([key, item]) => element(/^\d/.test(key) ? 'element' : key, item, `${indent} `));
  return [`${indent}<${name}>`, ...inner, `${indent}</${name}>`].join('\n');
}
