/**
 * Nextcloud as Harp uses it: who are we, what is in a folder, the bytes of a file, read-only shares. One client per connection; indexer and
 * publisher ask it. It knows HTTP, WebDAV and OCS, and nothing of chains, offices or the database.
 */
import { HarpError } from '@harp/broker/protocol';
import type { Clock } from '../ports.ts';
import type { Capabilities, ServerStatus } from './capabilities.ts';
import { CapabilitiesDocument, CurrentUser, capabilitiesOf, parseStatus } from './capabilities.ts';
import type { Answer } from './failures.ts';
import { failureOf } from './failures.ts';
import type { ConnectionGate } from './gate.ts';
import type { DavNode } from './multistatus.ts';
import { createMultistatusReader, propfindBody } from './multistatus.ts';
import { ocsData } from './ocs.ts';
import { davFilePath } from './paths.ts';
import type { Request, Transport } from './transport.ts';
import { readBody } from './transport.ts';

/** A folder and what is in it; of a file, `children` is empty. */
export interface Listing {
  self: DavNode;
  children: DavNode[];
}

export interface NextcloudClient {
  /** status.php, without login. @throws {HarpError} `origin.maintenance` when the server asks for a pause. */
  status(signal?: AbortSignal): Promise<ServerStatus>;
  /** Capabilities as this account sees them. */
  capabilities(signal?: AbortSignal): Promise<Capabilities>;
  /** The canonical id of this account, which DAV paths use. */
  currentUser(signal?: AbortSignal): Promise<string>;
  /** A file or folder itself. `path` from the user's root, without leading slash. @throws {HarpError} `origin.not_found` */
  stat(davUser: string, path: string, signal?: AbortSignal): Promise<DavNode>;
  /** A folder and its direct children. @throws {HarpError} `origin.not_found` */
  list(davUser: string, path: string, signal?: AbortSignal): Promise<Listing>;
  /** An OCS request with this account; `path` after `/ocs/v2.php`. The caller reads the answer with `ocsData`. */
  ocs(request: OcsRequest): Promise<Answer>;
  /** Whether a public link answers at the new public DAV endpoint of 29 and later. Its credentials are not ours: a refusal closes nothing. */
  answersPublicDav(token: string, password: string | undefined, signal?: AbortSignal): Promise<boolean>;
  /** Runs a read that a worker thread does with this connection's credential, under this connection's gate. */
  guarded<T>(read: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export interface OcsRequest {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  path: string;
  /** Sent in the query for GET, as a form otherwise. */
  fields?: Record<string, string>;
  signal?: AbortSignal | undefined;
}

/** A listing of 300 000 files at about 500 bytes each. */
const LISTING_MAX_BYTES = 160 * 1024 * 1024;
const ERROR_TEXT_MAX_BYTES = 64 * 1024;

/** A client over `transport`. Takes over the transport: `close` closes it. */
export function createNextcloudClient(deps: {
  transport: Transport;
  gate: ConnectionGate;
  clock: Pick<Clock, 'nowMs'>;
}): NextcloudClient {
  const { transport, gate, clock } = deps;

  const guarded = async <T>(read: () => Promise<T>): Promise<T> => {
    gate.check(clock.nowMs());
    try {
      return await read();
    } catch (error) {
      gate.note(error, clock.nowMs());
      throw error;
    }
  };

  const propfind = async (depth: '0' | '1', davUser: string, path: string, signal?: AbortSignal): Promise<Listing> =>
    guarded(async () => {
      const answer = await transport.open({ ...propfindRequest(davFilePath(davUser, path), depth), signal });
      const nodes: DavNode[] = [];
      if (answer.status !== 207) {
        let text = '';
        for await (const part of readBody(answer, ERROR_TEXT_MAX_BYTES, signal)) text += part.toString('utf8');
        throw failureOf({ status: answer.status, header: answer.header, text }, 'listing a folder');
      }
      const reader = createMultistatusReader();
      const decoder = new TextDecoder('utf-8');
      for await (const part of readBody(answer, LISTING_MAX_BYTES, signal)) {
        nodes.push(...reader.push(decoder.decode(part, { stream: true })));
      }
      reader.end();
      const [self, ...children] = nodes;
      if (self === undefined) throw new HarpError('origin.unexpected', 'Nextcloud sent an empty listing');
      return { self, children };
    });

  const ocs = ({ method, path, fields = {}, signal }: OcsRequest): Promise<Answer> => {
    const form = new URLSearchParams(fields).toString();
    const query = method === 'GET' && form !== '' ? `&${form}` : '';
    return transport.exchange({
      method,
      path: `/ocs/v2.php${path}?format=json${query}`,
      headers: {
        'ocs-apirequest': 'true',
        accept: 'application/json',
        ...(method === 'GET' ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
      },
      ...(method === 'GET' || form === '' ? {} : { body: form }),
      signal,
    });
  };

  return {
    guarded,
    status: (signal) =>
      guarded(async () => {
        const answer = await transport.exchange({ method: 'GET', path: '/status.php', as: 'anonymous', signal });
        if (answer.status !== 200) throw failureOf(answer, 'asking for its status');
        const status = parseStatus(answer.text);
        if (status.pause) throw new HarpError('origin.maintenance', 'Nextcloud is in maintenance mode');
        return status;
      }),
    capabilities: (signal) =>
      guarded(async () =>
        capabilitiesOf(
          ocsData(
            await ocs({ method: 'GET', path: '/cloud/capabilities', signal }),
            CapabilitiesDocument,
            'asking for its capabilities',
          ),
        ),
      ),
    currentUser: (signal) =>
      guarded(async () => {
        const answer = await ocs({ method: 'GET', path: '/cloud/user', signal });
        return ocsData(answer, CurrentUser, 'asking for the account').id;
      }),
    stat: async (davUser, path, signal) => (await propfind('0', davUser, path, signal)).self,
    list: (davUser, path, signal) => propfind('1', davUser, path, signal),
    ocs: (request) => guarded(async () => refuseDeadCredential(await ocs(request))),
    answersPublicDav: async (token, password, signal) => {
      gate.check(clock.nowMs());
      const answer = await transport.exchange({
        ...propfindRequest(`/public.php/dav/files/${encodeURIComponent(token)}/`, '0'),
        as: password === undefined ? 'anonymous' : publicAuthorization(password),
        signal,
      });
      return answer.status === 207;
    },
    close: () => transport.close(),
  };
}

/** Failures that concern the connection must reach the gate, whatever the caller makes of the answer. */
function refuseDeadCredential(answer: Answer): Answer {
  if (answer.status === 401 || answer.status === 429 || answer.status === 503) throw failureOf(answer, 'asking OCS');
  return answer;
}

function propfindRequest(path: string, depth: '0' | '1'): Request {
  return {
    method: 'PROPFIND',
    path,
    headers: {
      depth,
      'content-type': 'application/xml; charset=utf-8',
      'accept-encoding': 'gzip',
      prefer: 'return=minimal',
      'x-requested-with': 'XMLHttpRequest',
    },
    body: propfindBody,
  };
}

function publicAuthorization(password: string): string {
  return `Basic ${Buffer.from(`anonymous:${password}`, 'utf8').toString('base64')}`;
}
