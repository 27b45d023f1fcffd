/** What moves and what happened: transfers, traffic over time, events. */
import { z } from 'zod';
import { EventPage, TrafficSeries, TransferPage } from '../../../api/schemas.ts';
import { askedRange, askedStep } from '../asked-range.ts';
import type { ApiPorts } from '../ports.ts';
import { newestEvents } from '../queries/events.ts';
import { trafficOf, trafficRange } from '../queries/traffic.ts';
import { newestTransfers } from '../queries/transfers.ts';
import { component, createRoutes, json, route } from '../route.ts';

const id = z.string().max(100).optional();
const limit = z.coerce.number().int().min(1).max(1000).default(100);

const transfers = route({
  method: 'get',
  path: '/transfers',
  operationId: 'listTransfers',
  action: 'fleet.read',
  summary: 'The files delivered last, by office, with bytes by source',
  request: { query: z.object({ office: id, folder: id, limit }) },
  responses: { 200: json('The newest transfers', component('TransferPage', TransferPage)) },
});
const traffic = route({
  method: 'get',
  path: '/traffic',
  operationId: 'readTraffic',
  action: 'fleet.read',
  summary: 'Bytes over time, by source',
  request: {
    query: z.object({
      office: id,
      ...askedRange,
      step: askedStep(1000, 'Milliseconds a point; what is less than a minute is taken for one'),
    }),
  },
  responses: { 200: json('The series', component('TrafficSeries', TrafficSeries)) },
});
const events = route({
  method: 'get',
  path: '/events',
  operationId: 'listEvents',
  action: 'fleet.read',
  summary: 'What agents reported, newest first',
  request: { query: z.object({ agent: id, office: id, limit }) },
  responses: { 200: json('The newest events', component('EventPage', EventPage)) },
});

export function activityRoutes({ database, clock }: Pick<ApiPorts, 'database' | 'clock'>) {
  return createRoutes()
    .openapi(transfers, async (context) =>
      context.json(
        { transfers: await newestTransfers(database, context.req.valid('query'), context.get('places')) },
        200,
      ),
    )
    .openapi(traffic, async (context) => {
      const { office, ...asked } = context.req.valid('query');
      const range = trafficRange(asked, clock.nowMs());
      return context.json(await trafficOf(database, { office, ...range }, context.get('places')), 200);
    })
    .openapi(events, async (context) =>
      context.json({ events: await newestEvents(database, context.req.valid('query'), context.get('places')) }, 200),
    );
}
