/** The live stream: agents that changed, and which other data to ask for again, as server-sent events. */
import { HarpError } from '@harp/broker/protocol';
import { type SSEStreamingApi, streamSSE } from 'hono/streaming';
import { z } from 'zod';
import { agentsOfPlaces } from '../../live/agents-of-places.ts';
import type { LiveEvent } from '../../live/hub.ts';
import { keepOpen, stillAllowed } from '../event-stream.ts';
import type { ApiPorts } from '../ports.ts';
import { createRoutes, route } from '../route.ts';

/** How long a browser waits before it connects again. */
const RETRY_MS = 2000;
/** Open streams: each is a socket and a timer. More than a helpdesk has screens. */
const MAX_STREAMS = 500;

const stream = route({
  method: 'get',
  path: '/stream',
  operationId: 'streamChanges',
  action: 'fleet.read',
  summary: 'Live: agents as rows, and which other data to ask for again',
  request: {
    headers: z.object({ 'last-event-id': z.string().optional() }),
    query: z.object({
      since: z.string().optional().meta({
        description:
          'For the first time: the header X-Harp-Live of the first answer. What changed since then comes first',
      }),
    }),
  },
  responses: {
    200: {
      description:
        'Server-sent events at most four times a second: `agents` with data AgentsDelta, `change` with data StreamChange. An id of which the server knows nothing gets everything',
      content: { 'text/event-stream': { schema: z.string() } },
    },
  },
});

export function streamRoutes({
  auth,
  hub,
  clock,
  logger,
  database,
}: Pick<ApiPorts, 'auth' | 'hub' | 'clock' | 'logger' | 'database'>) {
  return createRoutes().openapi(stream, (context) => {
    if (hub.size >= MAX_STREAMS)
      throw new HarpError('api.rate_limited', `${MAX_STREAMS} live streams are open already`, {
        facts: { retryAfterSeconds: 30 },
      });
    const lastEventId = context.req.valid('header')['last-event-id'] ?? context.req.valid('query').since;
    const allowed = stillAllowed(context, auth);
    const places = context.get('places');
    context.header('Cache-Control', 'no-cache, no-transform');
    context.header('X-Accel-Buffering', 'no');
    return streamSSE(context, async (output) => {
      // The id is the place this stream begins at, whatever changes while it is written; who has missed something gets it with what was missed.
      const beginsAt = hub.lastId;
      await output.write(`retry: ${RETRY_MS}\n${lastEventId === undefined ? `id: ${beginsAt}\n` : ''}\n`);
      const shown = await agentsOfPlaces(database, places);
      const client = { send: (event: LiveEvent) => send(output, shown(event)) };
      const unsubscribe = hub.subscribe(client, lastEventId ?? beginsAt);
      try {
        const ending = await keepOpen(output, { clock, allowed });
        unsubscribe();
        // Who may see something else now than at the beginning comes back with an id of which the server knows nothing, and so reads everything anew.
        if (ending === 'refused') await output.write('id: 0\n\n');
      } catch (error) {
        logger.debug({ error: String(error) }, 'a live stream broke');
      } finally {
        unsubscribe();
      }
    });
  });
}

/** Only the last part of a flush carries its id: a stream that breaks between the two is sent both again. */
async function send(output: SSEStreamingApi, { id, keys, agents }: LiveEvent): Promise<void> {
  const tail = keys.length > 0;
  if (agents !== undefined)
    await output.writeSSE({ event: 'agents', data: JSON.stringify(agents), ...(tail ? {} : { id }) });
  if (tail) await output.writeSSE({ event: 'change', id, data: JSON.stringify({ keys }) });
}
