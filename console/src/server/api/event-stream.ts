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

/** A client that does not take a heartbeat for so long is asleep, and comes back by itself when it wakes. */
const PATIENCE_MS = 60_000;

/** Sends heartbeats; resolves when the client has gone, takes nothing any more, or may no longer listen. */
export async function keepOpen(
  output: SSEStreamingApi,
  { clock, allowed }: { clock: Pick<Clock, 'after'>; allowed: () => Promise<boolean> },
): Promise<void> {
  // One listener for the life of the stream: a race against its end for each heartbeat would gather one forgotten promise a turn.
  let wake = (): void => {};
  output.onAbort(() => wake());
  const pause = (ms: number) =>
    new Promise<void>((resolve) => {
      const cancel = clock.after(ms, resolve);
      wake = () => {
        cancel();
        resolve();
      };
    });
  while (!output.aborted && !output.closed) {
    await pause(HEARTBEAT_MS);
    if (output.aborted || !(await allowed())) return;
    let isTaken = false;
    void output.write(': \n\n').then(() => {
      isTaken = true;
      wake();
    });
    await pause(PATIENCE_MS);
    if (!isTaken) return;
  }
}
