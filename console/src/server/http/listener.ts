/** The console's one HTTP server: /api/v1 goes to the API, everything else to the workbench. */
import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { boundUnproven } from '@harp/broker/protocol/node';
import { getRequestListener } from '@hono/node-server';
import { API_BASE } from '../api/app.ts';
import type { ApiApp } from '../api/route.ts';
import type { Logger } from '../ports.ts';
import type { Workbench } from './workbench.ts';

export interface ConsoleListener {
  readonly server: Server;
  readonly port: number;
  /** Sets what answers the pages; until then they are refused with 503. */
  setWorkbench(workbench: Workbench): void;
  /** Stops listening, lets requests end for two seconds, then cuts them. */
  close(): Promise<void>;
}

/** How long requests under way may take after a stop. Live streams never end by themselves. */
const DRAIN_MS = 2000;
/** A client that sends its headers slower than this holds a socket for nothing. */
const HEADERS_WITHIN_MS = 15_000;
/** The largest body is 1 MiB; verifying a large chain answers late, which this does not limit. */
const REQUEST_WITHIN_MS = 30_000;
/** Longer than reverse proxies keep theirs (nginx: 60 s), or now and then one of them asks on a connection that is just being closed. */
const IDLE_FOR_MS = 65_000;
/** How often connections are looked at for the two. */
const LOOK_EVERY_MS = 5_000;
/** Connections on which nothing is asked: not yet, or not any more. Of more the oldest goes; who is being answered, a live stream too, stays. */
const MAX_SILENT = 2_000;

/** Listens. `port` 0: any free one. @throws Node's error if it cannot */
export async function listenConsole(options: {
  api: ApiApp;
  host: string;
  port: number;
  logger: Logger;
}): Promise<ConsoleListener> {
  const { api, host, port, logger } = options;
  let workbench: Workbench | undefined;
  const answerApi = getRequestListener(api.fetch, { overrideGlobalObjects: false });
  const server = createServer({ connectionsCheckingInterval: LOOK_EVERY_MS }, (request, response) => {
    silent.proven(request.socket);
    response.once('close', () => silent.idle(request.socket));
    const path = request.url ?? '/';
    if (path === API_BASE || path.startsWith(`${API_BASE}/`) || path.startsWith(`${API_BASE}?`)) {
      void answerApi(request, response);
      return;
    }
    const requestId = randomBytes(8).toString('hex');
    response.setHeader('X-Request-Id', requestId);
    if (workbench === undefined) {
      response.writeHead(503, { 'Content-Type': 'text/plain; charset=utf-8', 'Retry-After': '2' });
      response.end('The workbench is starting.\n');
      return;
    }
    workbench.handle(request, response).catch((error: unknown) => {
      logger.error({ requestId, path, error: error instanceof Error ? error.stack : String(error) }, 'a page failed');
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });
  const silent = boundUnproven(server, MAX_SILENT);
  server.headersTimeout = HEADERS_WITHIN_MS;
  server.requestTimeout = REQUEST_WITHIN_MS;
  server.keepAliveTimeout = IDLE_FOR_MS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const address = server.address();
  return {
    server,
    port: typeof address === 'object' && address !== null ? address.port : port,
    setWorkbench(given) {
      workbench = given;
    },
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      const cut = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
      await closed;
      clearTimeout(cut);
    },
  };
}
