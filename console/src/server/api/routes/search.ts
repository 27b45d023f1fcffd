/** Finding things, and finding out what is wrong. */
import { z } from 'zod';
import { ProblemList, SearchResult } from '../../../api/schemas.ts';
import { may, placesOf } from '../../access/rights.ts';
import type { ApiPorts } from '../ports.ts';
import { withLocks } from '../queries/lock-problems.ts';
import { listProblems } from '../queries/problems.ts';
import { searchFor } from '../queries/search.ts';
import { component, createRoutes, json, route } from '../route.ts';
import { thriftyByPlaces } from '../thrifty.ts';

const search = route({
  method: 'get',
  path: '/search',
  operationId: 'search',
  action: 'fleet.read',
  summary: 'Offices, agents, folders, files and users by name: every word must occur in it',
  request: {
    query: z.object({
      q: z.string().max(200),
      limit: z.coerce.number().int().min(1).max(200).default(50),
    }),
  },
  responses: { 200: json('What fits, best first', component('SearchResult', SearchResult)) },
});
const problems = route({
  method: 'get',
  path: '/problems',
  operationId: 'listProblems',
  action: 'fleet.read',
  summary: 'What is not right now, worst first',
  responses: { 200: json('The problems', component('ProblemList', ProblemList)) },
});

export function searchRoutes({
  auth,
  database,
  clock,
  folders,
}: Pick<ApiPorts, 'auth' | 'database' | 'clock' | 'folders'>) {
  // Every open workbench asks for these every few seconds.
  const problemsOf = thriftyByPlaces(
    async (places) => listProblems({ database, nowMs: clock.nowMs(), broker: await folders.broker() }, places),
    clock,
  );
  return createRoutes()
    .openapi(search, async (context) => {
      const { q, limit } = context.req.valid('query');
      const identity = context.get('identity');
      const withUsers = may(identity, 'people.read');
      const content = placesOf(identity, 'content.read');
      const ports = { database, withUsers, fleet: context.get('places'), content };
      return context.json(await searchFor(q, limit, ports), 200);
    })
    .openapi(problems, async (context) => {
      const locks = may(context.get('identity'), 'people.read') ? auth.locks.list() : [];
      return context.json(withLocks(await problemsOf(context.get('places')), locks), 200);
    });
}
