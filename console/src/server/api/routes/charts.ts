/** What charts of a whole fleet are drawn from. */
import { z } from 'zod';
import { HitRatios, Throughput, VersionSeries } from '../../../api/schemas.ts';
import { askedRange, askedStep } from '../asked-range.ts';
import type { ApiPorts } from '../ports.ts';
import { hitRatiosOf, throughputOf } from '../queries/throughput.ts';
import { trafficRange } from '../queries/traffic.ts';
import { versionsOf } from '../queries/versions.ts';
import { component, createRoutes, json, route } from '../route.ts';

const MINUTE_MS = 60_000;
/** The census is taken this often: nothing finer has anything to show. */
const CENSUS_MS = 5 * MINUTE_MS;

const step = askedStep(MINUTE_MS, 'Milliseconds a slot, at least a minute');

const throughput = route({
  method: 'get',
  path: '/throughput',
  operationId: 'readThroughput',
  action: 'fleet.read',
  summary: 'Bytes of each office in each slot, and how many PCs were connected',
  request: {
    query: z.object({
      ...askedRange,
      step,
      office: z.string().max(100).optional(),
      limit: z.coerce.number().int().min(1).max(1000).default(200).meta({ description: 'Offices that moved most' }),
    }),
  },
  responses: { 200: json('Offices by name', component('Throughput', Throughput)) },
});
const hitRatios = route({
  method: 'get',
  path: '/hit-ratios',
  operationId: 'readHitRatios',
  action: 'fleet.read',
  summary: 'Deliveries by source of each office that got any',
  request: { query: z.object(askedRange) },
  responses: { 200: json('Offices in no order', component('HitRatios', HitRatios)) },
});
const versions = route({
  method: 'get',
  path: '/versions',
  operationId: 'readVersions',
  action: 'fleet.read',
  summary: 'How many agents ran which version',
  request: { query: z.object({ ...askedRange, step }) },
  responses: { 200: json('The series, and what runs now', component('VersionSeries', VersionSeries)) },
});

export function chartRoutes({ database, clock }: Pick<ApiPorts, 'database' | 'clock'>) {
  return createRoutes()
    .openapi(throughput, async (context) => {
      const { office, limit, ...asked } = context.req.valid('query');
      const slots = trafficRange(asked, clock.nowMs(), CENSUS_MS);
      return context.json(await throughputOf(database, { office, limit, ...slots }, context.get('places')), 200);
    })
    .openapi(hitRatios, async (context) => {
      const { fromMs, toMs } = trafficRange(context.req.valid('query'), clock.nowMs());
      return context.json(await hitRatiosOf(database, { fromMs, toMs }, context.get('places')), 200);
    })
    .openapi(versions, async (context) => {
      const slots = trafficRange(context.req.valid('query'), clock.nowMs(), CENSUS_MS);
      return context.json(await versionsOf(database, slots, context.get('places')), 200);
    });
}
