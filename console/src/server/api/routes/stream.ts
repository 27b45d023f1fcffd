/** The live stream: which data to ask for again, as server-sent events. */
import { HarpError } from '@harp/broker/protocol';
import { type SSEStreamingApi, streamSSE } from 'hono/streaming';
import { z } from 'zod';
import type { ApiPorts } from '../ports.ts';
import { createRoutes, route } from '../route.ts';

/** Proxies cut what is silent for a minute; a browser notices a dead server this fast. Also how fast a session's end closes its stream. */
const HEARTBEAT_MS = 15_000;
/** How long a browser waits before it connects again. */
const RETRY_MS = 2000;
/** Open streams: each is a socket and a timer. More than a helpdesk has screens. */
const MAX_STREAMS = 500;

const stream = route({
  method: 'get',
  path: '/stream',
  operationId: 'streamChanges',
  summary: 'Live: which data to ask for again. Open it before the first read, so that nothing falls in between',
  request: { headers: z.object({ 'last-event-id': z.string().max(100).optional() }) },
  responses: {
    200: {
      description: 'Server-sent events named `change` with data StreamChange; at most four a second',
      content: { 'text/event-stream': { schema: z.string() } },
    },
  },
});

export function streamRoutes({ auth, hub, clock, logger }: Pick<ApiPorts, 'auth' | 'hub' | 'clock' | 'logger'>) {
  return createRoutes().openapi(stream, (context) => {
    if (hub.size >= MAX_STREAMS)
      throw new HarpError('api.rate_limited', `${MAX_STREAMS} live streams are open already`, {
        facts: { retryAfterSeconds: 30 },
      });
    const lastEventId = context.req.valid('header')['last-event-id'];
    const credentials = {
      session: context.get('session'),
      authorization: context.req.header('authorization'),
      address: context.get('address'),
    };
    const stillAllowed = async () => (await auth.identify(credentials).catch(() => undefined)) !== undefined;
    context.header('Cache-Control', 'no-cache, no-transform');
    context.header('X-Accel-Buffering', 'no');
    return streamSSE(context, async (output) => {
      await output.write(`retry: ${RETRY_MS}\nid: ${hub.lastId}\n\n`);
      const unsubscribe = hub.subscribe(
        { send: ({ id, keys }) => output.writeSSE({ event: 'change', id, data: JSON.stringify({ keys }) }) },
        lastEventId,
      );
      try {
        await beat(output, stillAllowed);
      } catch (error) {
        logger.debug({ error: String(error) }, 'a live stream broke');
      } finally {
        unsubscribe();
      }
    });

    /** Resolves when the client has gone, or may no longer listen. */
    async function beat(output: SSEStreamingApi, allowed: () => Promise<boolean>): Promise<void> {
      const gone = new Promise<void>((resolve) => output.onAbort(resolve));
      while (!output.aborted && !output.closed) {
        await Promise.race([gone, new Promise<void>((resolve) => clock.after(HEARTBEAT_MS, resolve))]);
        if (output.aborted || !(await allowed())) return;
        await output.write(': \n\n');
      }
    }
  });
}
