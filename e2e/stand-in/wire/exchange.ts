import type { IncomingMessage } from 'node:http';
import type { Area } from './area.ts';
import type { Identity } from './identity.ts';

/** One request with what was found out about it before a handler sees it. */
export interface Exchange {
  readonly request: IncomingMessage;
  /** Upper case. */
  readonly method: string;
  readonly area: Area;
  readonly query: URLSearchParams;
  readonly identity: Identity;
  readonly remoteAddress: string;
  /** Sub-path of the installation: empty or `/nextcloud`. */
  readonly basePath: string;
  /** Scheme, host as the client named it, and base path. */
  readonly baseUrl: string;
  /** A fault of this request: serve the whole file whatever range is asked for. */
  readonly ignoreRange: boolean;
  /** Request header by lower-case name; undefined when absent. */
  header(name: string): string | undefined;
}

/** XML and form bodies are small; anything larger is not a client of ours. */
const textLimitBytes = 1024 * 1024;

/** Reads the request body as text. @throws {Error} beyond 1 MiB. */
export async function readText(exchange: Pick<Exchange, 'request'>): Promise<string> {
  const pieces: Buffer[] = [];
  let sizeBytes = 0;
  for await (const piece of exchange.request as AsyncIterable<Buffer>) {
    sizeBytes += piece.length;
    if (sizeBytes > textLimitBytes) throw new Error(`request body is larger than ${textLimitBytes} bytes`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}

/** Reads form fields, or the scalar members of a JSON object, which Nextcloud takes alike. */
export async function readFields(exchange: Exchange): Promise<URLSearchParams> {
  const text = await readText(exchange);
  if (!exchange.header('content-type')?.includes('json')) return new URLSearchParams(text);
  const parsed = parsedJson(text);
  const entries = typeof parsed === 'object' && parsed !== null ? Object.entries(parsed) : [];
  return new URLSearchParams(entries.map(([name, value]): [string, string] => [name, String(value)]));
}

/** PHP takes a body that is not JSON for one without members. */
function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
