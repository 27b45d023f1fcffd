/** What every stream of server-sent events needs: heartbeats, and an end soon after the right to it has ended. */
import type { Context } from 'hono';
import type { SSEStreamingApi } from 'hono/streaming';
import type { Auth } from '../auth/auth.ts';
import type { Clock } from '../ports.ts';
import type { ApiEnv } from './route.ts';

/** Proxies cut what is silent for a minute; a browser notices a dead server this fast. Also how fast a session's end closes its stream. */
const HEARTBEAT_MS = 15_000;

/** Asks again whether whoever made this request may still ask. */
export function stillAllowed(context: Context<ApiEnv>, auth: Pick<Auth, 'identify'>): () => Promise<boolean> {
  const credentials = {
    session: context.get('session'),
    authorization: context.req.header('authorization'),
    address: context.get('address'),
  };
  return async () => (await auth.identify(credentials).catch(() => undefined)) !== undefined;
}

/** Sends heartbeats; resolves when the client has gone, or may no longer listen. */
export async function keepOpen(
  output: SSEStreamingApi,
  { clock, allowed }: { clock: Pick<Clock, 'after'>; allowed: () => Promise<boolean> },
): Promise<void> {
  const gone = new Promise<void>((resolve) => output.onAbort(resolve));
  while (!output.aborted && !output.closed) {
    await Promise.race([gone, new Promise<void>((resolve) => clock.after(HEARTBEAT_MS, resolve))]);
    if (output.aborted || !(await allowed())) return;
    await output.write(': \n\n');
  }
}
