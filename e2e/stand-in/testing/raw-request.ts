import { request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import { request as httpsRequest } from 'node:https';

/** A request as it goes over the wire: nothing is added but `Host` and `Content-Length`. */
export interface RawRequest {
  method?: string;
  headers?: OutgoingHttpHeaders;
  body?: string | Uint8Array | undefined;
  /** Certificate to trust, PEM. */
  ca?: string | undefined;
}

/** An answer with its headers as they came; names are lower case. */
export interface RawResponse {
  status: number;
  headers: IncomingMessage['headers'];
  /** Every value of a header that came more than once. */
  all(name: string): string[];
  body: Buffer;
  /** True when the connection ended before `Content-Length` bytes were there. */
  truncated: boolean;
}

/** Sends one request on a connection of its own. Rejects when there is no answer at all. */
export function rawRequest(
  url: string,
  { method = 'GET', headers = {}, body, ca }: RawRequest = {},
): Promise<RawResponse> {
  return new Promise((resolve, reject) => {
    const options = {
      method,
      headers: { ...(body === undefined ? {} : { 'Content-Length': Buffer.byteLength(body) }), ...headers },
    };
    const request = url.startsWith('https:')
      ? httpsRequest(url, { ...options, agent: false, ca })
      : httpRequest(url, { ...options, agent: false });
    request.on('error', reject);
    request.on('response', (response) => {
      const pieces: Buffer[] = [];
      const done = (truncated: boolean) => {
        const all = (name: string) => response.headersDistinct[name] ?? [];
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          all,
          body: Buffer.concat(pieces),
          truncated,
        });
      };
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.on('end', () => done(false));
      response.on('error', () => done(true));
    });
    request.end(body);
  });
}

/** Value of a Basic `Authorization` header. */
export function basic(name: string, secret: string): string {
  return `Basic ${Buffer.from(`${name}:${secret}`).toString('base64')}`;
}
