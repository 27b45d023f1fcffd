/** Log channels: which there are, what they say, and following one. */
import type { AgentId } from '@harp/broker/protocol';
import { HarpError } from '@harp/broker/protocol';
import { type SSEStreamingApi, streamSSE } from 'hono/streaming';
import { z } from 'zod';
import { type LogBatch, LogChannelList, LogLevel, LogPage } from '../../../api/schemas.ts';
import { officeWhere } from '../../access/in-places.ts';
import type { Places } from '../../access/rights.ts';
import {
  agentOf,
  type LogLine as ChannelLine,
  type LogChannelId,
  type Disposable as LogHold,
  parseChannel,
} from '../../logs/port.ts';
import { notFound } from '../errors.ts';
import { keepOpen, stillAllowed } from '../event-stream.ts';
import type { ApiPorts } from '../ports.ts';
import { component, createRoutes, json, route } from '../route.ts';

/** Lines in one event of the stream. */
const BATCH_LINES = 500;
/** An agent that was read once goes on sending for so long, so that reading again and again works without a stream. */
const HOLD_MS = 30_000;
/** Followed channels, all clients together. */
const MAX_FOLLOWED = 200;

const byChannel = z.object({ channel: z.string().max(100) });
const level = LogLevel.default('info').meta({ description: 'For an agent: the lowest level it is asked for' });

const channels = route({
  method: 'get',
  path: '/logs',
  operationId: 'listLogChannels',
  action: 'logs.read',
  summary: 'Where lines come from. Every agent can be read as `agent:ID`, listed or not',
  responses: { 200: json('The channels', component('LogChannelList', LogChannelList)) },
});
const read = route({
  method: 'get',
  path: '/logs/{channel}',
  operationId: 'readLog',
  action: 'logs.read',
  summary: 'Lines after `after`; without it the newest',
  request: {
    params: byChannel,
    query: z.object({
      after: z.coerce.number().int().min(0).default(0),
      limit: z.coerce.number().int().min(1).max(10_000).default(1000),
      level,
    }),
  },
  responses: { 200: json('Lines, oldest first', component('LogPage', LogPage)) },
});
const follow = route({
  method: 'get',
  path: '/logs/{channel}/stream',
  operationId: 'followLog',
  action: 'logs.read',
  summary: 'Lines after `after`, and every new one',
  request: {
    params: byChannel,
    query: z.object({ after: z.coerce.number().int().min(0).default(0), level }),
    headers: z.object({ 'last-event-id': z.string().optional() }),
  },
  responses: {
    200: {
      description: 'Server-sent events named `log` with data LogBatch',
      content: { 'text/event-stream': { schema: z.string() } },
    },
  },
});

export function logRoutes({
  database,
  logs,
  auth,
  clock,
  logger,
}: Pick<ApiPorts, 'database' | 'logs' | 'auth' | 'clock' | 'logger'>) {
  const holds = new Map<AgentId, () => void>();
  let followed = 0;

  /** An agent's log is of its office; the server's own speak of everything. */
  const channelOrRefuse = async (text: string, places: Places): Promise<LogChannelId> => {
    const channel = parseChannel(text);
    const agent = channel === undefined ? undefined : agentOf(channel);
    const known =
      agent === undefined
        ? channel !== undefined && places === 'everywhere'
        : (await database.agent.count({ where: { id: agent, revokedAt: null, ...ofPlaces(places) } })) > 0;
    if (channel === undefined || !known) throw notFound('log channel', text);
    return channel;
  };

  /** Renews the hold on an agent that is read again. */
  const holdAgent = (channel: LogChannelId, asked: z.infer<typeof level>): void => {
    const agent = agentOf(channel);
    if (agent === undefined) return;
    const open = logs.openAgent(agent, asked);
    holds.get(agent)?.();
    const cancel = clock.after(HOLD_MS, () => holds.get(agent)?.());
    holds.set(agent, () => {
      cancel();
      holds.delete(agent);
      open.dispose();
    });
  };

  return createRoutes()
    .openapi(channels, async (context) => {
      const listed = logs.list();
      const agents = listed.flatMap(({ id }) => agentOf(id) ?? []);
      const rows = await database.agent.findMany({
        where: { id: { in: agents }, ...ofPlaces(context.get('places')) },
        select: { id: true, hostname: true },
      });
      const names = new Map(rows.map(({ id, hostname }) => [id, hostname]));
      const isShown = (id: LogChannelId) => context.get('places') === 'everywhere' || names.has(agentOf(id) ?? '');
      const named = listed
        .filter(({ id }) => isShown(id))
        .map((channel) => ({ ...channel, name: names.get(agentOf(channel.id) ?? '') ?? channel.id }));
      return context.json({ channels: named }, 200);
    })
    .openapi(read, async (context) => {
      const channel = await channelOrRefuse(context.req.valid('param').channel, context.get('places'));
      const { after, limit, level: asked } = context.req.valid('query');
      holdAgent(channel, asked);
      const { lines, nextSeq, gap } = logs.read(channel, after, limit);
      return context.json({ channel, lines: lines.map(lineOf), gap, nextAfter: nextSeq }, 200);
    })
    .openapi(follow, async (context) => {
      const channel = await channelOrRefuse(context.req.valid('param').channel, context.get('places'));
      if (followed >= MAX_FOLLOWED)
        throw new HarpError('api.rate_limited', `${MAX_FOLLOWED} logs are being followed already`, {
          facts: { retryAfterSeconds: 30 },
        });
      const { after, level: asked } = context.req.valid('query');
      const lastId = context.req.valid('header')['last-event-id'] ?? '';
      const from = /^\d{1,15}$/.test(lastId) ? Number(lastId) : after;
      const agent = agentOf(channel);
      const hold = agent === undefined ? undefined : logs.openAgent(agent, asked);
      const allowed = stillAllowed(context, auth);
      context.header('Cache-Control', 'no-cache, no-transform');
      context.header('X-Accel-Buffering', 'no');
      followed += 1;
      return streamSSE(context, async (output) => {
        const following = followChannel(output, channel, from);
        try {
          await keepOpen(output, { clock, allowed });
        } catch (error) {
          logger.debug({ error: String(error) }, 'a followed log broke');
        } finally {
          followed -= 1;
          following.dispose();
          hold?.dispose();
        }
      });
    });

  /**
   * Sends what is there and what comes, no faster than the client reads: a slow one reads on from its place in the ring and is told of a gap if the
   * ring has moved past it.
   */
  function followChannel(output: SSEStreamingApi, channel: LogChannelId, from: number): LogHold {
    let after = from;
    let isFirst = true;
    let sending = false;
    let toldState: string | undefined;
    const sendAll = async (): Promise<void> => {
      if (sending) return;
      sending = true;
      try {
        while (!output.aborted && !output.closed) {
          const { lines, nextSeq, gap } = logs.read(channel, after, BATCH_LINES);
          const state = logs.find(channel)?.state ?? 'live';
          if (lines.length === 0 && !gap && state === toldState && !isFirst) break;
          isFirst = false;
          toldState = state;
          after = nextSeq;
          const batch: LogBatch = { lines: lines.map(lineOf), gap, state };
          await output.writeSSE({ event: 'log', data: JSON.stringify(batch), id: String(after) });
        }
      } finally {
        sending = false;
      }
    };
    const wake = (): void => {
      sendAll().catch((error: unknown) => logger.debug({ error: String(error) }, 'a followed log broke'));
    };
    const subscription = logs.subscribe(channel, { lines: wake, state: wake });
    wake();
    return subscription;
  }
}

function ofPlaces(places: Places): { officeId?: { in: string[] } } {
  const offices = officeWhere(places);
  return offices === undefined ? {} : { officeId: offices };
}

function lineOf({ seq, atMs, level, part, message, facts, dropped }: ChannelLine) {
  return {
    seq,
    atMs,
    level,
    message,
    ...(part === undefined ? {} : { part }),
    ...(facts === undefined ? {} : { facts: { ...facts } }),
    ...(dropped === undefined ? {} : { dropped }),
  };
}
