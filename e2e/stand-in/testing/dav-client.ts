import type { OutgoingHttpHeaders } from 'node:http';
import type { StandIn } from '../stand-in.ts';
import { basic, type RawResponse, rawRequest } from './raw-request.ts';

/** Sends one request with fixed credentials; `path` is below the stand-in's URL and already encoded. */
export type Ask = (
  method: string,
  path: string,
  headers?: OutgoingHttpHeaders,
  body?: string | Uint8Array,
) => Promise<RawResponse>;

/** A client that logs in with a name and a secret: a user's, or a share token and its password. */
export function clientOf(standIn: Pick<StandIn, 'url'>, name: string, secret: string): Ask {
  return (method, path, headers = {}, body) =>
    rawRequest(standIn.url + path, {
      method,
      headers: { Authorization: basic(name, secret), ...headers },
      body,
    });
}

/** The same, for OCS: with the header it demands, and parsed. */
export function ocsClientOf(standIn: Pick<StandIn, 'url'>, name: string, secret: string) {
  const ask = clientOf(standIn, name, secret);
  return async (method: string, path: string, form: Record<string, string> = {}, headers: OutgoingHttpHeaders = {}) => {
    const hasForm = Object.keys(form).length > 0;
    const type = hasForm ? { 'Content-Type': 'application/x-www-form-urlencoded' } : {};
    const body = hasForm ? new URLSearchParams(form).toString() : undefined;
    const response = await ask(
      method,
      path,
      { 'OCS-APIRequest': 'true', Accept: 'application/json', ...type, ...headers },
      body,
    );
    const { ocs } = JSON.parse(response.body.toString()) as { ocs: { meta: Record<string, unknown>; data: unknown } };
    return { status: response.status, headers: response.headers, meta: ocs.meta, data: ocs.data };
  };
}

/** A PROPFIND body that asks for these properties, each with its prefix d, oc or nc. */
export function propfindBody(...properties: string[]): string {
  const declarations = 'xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns" xmlns:nc="http://nextcloud.org/ns"';
  return `<d:propfind ${declarations}><d:prop>${properties.map((name) => `<${name}/>`).join('')}</d:prop></d:propfind>`;
}
