/** What every stream of server-sent events needs: heartbeats, and an end soon after the right to it has ended. */
import type { Context } from 'hono';
import type { SSEStreamingApi } from 'hono/streaming';
import { fingerprintOf } from '../access/rights.ts';
import type { Auth, Identity } from '../auth/auth.ts';
import type { Clock } from '../ports.ts';
import type { ApiEnv } from './route.ts';

/** Proxies cut what is silent for a minute; a browser notices a dead server this fast. Also how fast a session's end closes its stream. */
const HEARTBEAT_MS = 15_000;

/** Asks again whether whoever made this request is still there and may do neither more nor less than then. */
export function stillAllowed(context: Context<ApiEnv>, auth: Pick<Auth, 'identify'>): () => Promise<boolean> {
  const credentials = {
    session: context.get('session'),
    authorization: context.req.header('authorization'),
    address: context.get('address'),
  };
  const fingerprint = (identity: Identity | undefined) =>
    identity === undefined ? undefined : fingerprintOf(identity.rights);
  const then = fingerprint(context.get('identity'));
  return async () => {
    const now = fingerprint(await auth.identify(credentials).catch(() => undefined));
    return now !== undefined && now === then;
  };
}

/** A client that does not take a heartbeat for so long is asleep, and comes back by itself when it wakes. */
const PATIENCE_MS = 60_000;

/** Sends heartbeats; resolves when the client has gone or takes nothing any more (`gone`), or may no longer listen as it did (`refused`). */
export async function keepOpen(
  output: SSEStreamingApi,
  { clock, allowed }: { clock: Pick<Clock, 'after'>; allowed: () => Promise<boolean> },
): Promise<'gone' | 'refused'> {
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
    if (output.aborted) return 'gone';
    if (!(await allowed())) return 'refused';
    let isTaken = false;
    void output.write(': \n\n').then(() => {
      isTaken = true;
      wake();
    });
    await pause(PATIENCE_MS);
    if (!isTaken) return 'gone';
  }
  return 'gone';
}
