/** The workbench's pages by Next.js, inside this process; or a sentence that says why there are none. */
import { existsSync } from 'node:fs';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { Logger, RandomBytes } from '../ports.ts';
import { newNonce, pagePolicy } from './page-headers.ts';

/** Answers whatever is not the API. */
export interface Workbench {
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  close(): Promise<void>;
}

export interface WorkbenchOptions {
  ui: 'on' | 'off' | 'dev';
  /** The console workspace's folder, where `.next` is. */
  consoleDir: string;
  /** Next attaches what its development mode needs to it. */
  server: Server;
  host: string;
  port: number;
  randomBytes: RandomBytes;
  logger: Logger;
}

/** Prepares the pages. With `ui: 'on'` and no build there are none, and every page says how to build them. */
export async function openWorkbench(options: WorkbenchOptions): Promise<Workbench> {
  const { ui, consoleDir, logger } = options;
  if (ui === 'off') return withoutPages('The workbench is switched off (HARP_UI=off). The API is at /api/v1.');
  if (ui === 'on' && !existsSync(join(consoleDir, '.next', 'BUILD_ID'))) {
    const advice = 'The workbench is not built. Run: npm run build -w @harp/console — then start Harp again.';
    logger.warn({}, advice);
    return withoutPages(advice);
  }
  return withNext(options);
}

async function withNext({ ui, consoleDir, server, host, port, randomBytes }: WorkbenchOptions): Promise<Workbench> {
  const isDev = ui === 'dev';
  // Loaded only when it is used: it takes 100 MB and a second.
  const { default: next } = await import('next');
  const app = next({ dev: isDev, dir: consoleDir, hostname: host, port, httpServer: server });
  await app.prepare();
  const handleByNext = app.getRequestHandler();
  return {
    async handle(request, response) {
      const policy = pagePolicy(newNonce(randomBytes), isDev);
      // Next takes the nonce for the scripts it writes from the request's header; whatever the client sent there is replaced.
      request.headers['content-security-policy'] = policy;
      response.setHeader('Content-Security-Policy', policy);
      await handleByNext(request, response);
    },
    close: () => app.close(),
  };
}

function withoutPages(why: string): Workbench {
  return {
    async handle(_request, response) {
      response.writeHead(503, {
        'Content-Type': 'text/plain; charset=utf-8',
        'X-Content-Type-Options': 'nosniff',
        'Cache-Control': 'no-store',
      });
      response.end(`${why}\n`);
    },
    async close() {},
  };
}
