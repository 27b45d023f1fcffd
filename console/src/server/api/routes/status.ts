/** The whole at one glance, for `harp status` and the first paint; and whether the server works, for monitoring. */
import { HealthInfo, StatusInfo } from '../../../api/schemas.ts';
import { placesOf } from '../../access/rights.ts';
import type { ApiPorts } from '../ports.ts';
import { listFolders } from '../queries/folders.ts';
import { type LastDay, listOffices } from '../queries/offices.ts';
import { component, createRoutes, json, route } from '../route.ts';

const status = route({
  method: 'get',
  path: '/status',
  operationId: 'readStatus',
  action: 'fleet.read',
  summary: 'Offices and folders with their state',
  responses: { 200: json('The state of the fleet', component('StatusInfo', StatusInfo)) },
});
const health = route({
  method: 'get',
  path: '/health',
  operationId: 'readHealth',
  action: 'open',
  summary: 'Whether the server and what it needs work',
  responses: {
    200: json('It works; `broker` may be false for a while after a start', component('HealthInfo', HealthInfo)),
    503: json('The database does not answer', component('HealthInfo', HealthInfo)),
  },
});

export function statusRoutes(
  { database, folders, clock, version }: Pick<ApiPorts, 'database' | 'folders' | 'clock' | 'version'>,
  lastDay: () => Promise<LastDay>,
) {
  return createRoutes()
    .openapi(status, async (context) => {
      const [offices, allFolders, { connected, kind, url }] = await Promise.all([
        listOffices(database, lastDay, context.get('places')),
        listFolders(database, placesOf(context.get('identity'), 'content.read')),
        folders.broker(),
      ]);
      const total = (count: (office: (typeof offices)[number]) => number) =>
        offices.reduce((sum, office) => sum + count(office), 0);
      return context.json(
        {
          version,
          atMs: clock.nowMs(),
          offices,
          folders: allFolders,
          agentsTotal: total(({ agentsTotal }) => agentsTotal),
          agentsOnline: total(({ agentsOnline }) => agentsOnline),
          broker: { connected, kind, url },
        },
        200,
      );
    })
    .openapi(health, async (context) => {
      const answers = await database.$queryRaw`SELECT 1`.then(
        () => true,
        () => false,
      );
      const { connected, kind } = await folders.broker();
      const body = { ok: answers, database: answers, broker: connected, brokerKind: kind, version };
      return answers ? context.json(body, 200) : context.json(body, 503);
    });
}
