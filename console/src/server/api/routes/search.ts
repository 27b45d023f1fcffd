/** Finding things, and finding out what is wrong. */
import { z } from 'zod';
import { ProblemList, SearchResult } from '../../../api/schemas.ts';
import { isAdministrator } from '../guards.ts';
import type { ApiPorts } from '../ports.ts';
import { listProblems } from '../queries/problems.ts';
import { searchFor } from '../queries/search.ts';
import { component, createRoutes, json, route } from '../route.ts';
import { thrifty } from '../thrifty.ts';

const search = route({
  method: 'get',
  path: '/search',
  operationId: 'search',
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
  summary: 'What is not right now, worst first',
  responses: { 200: json('The problems', component('ProblemList', ProblemList)) },
});

export function searchRoutes({ database, clock, folders }: Pick<ApiPorts, 'database' | 'clock' | 'folders'>) {
  // Every open workbench asks for these every few seconds.
  const allProblems = thrifty(
    () => listProblems({ database, nowMs: clock.nowMs(), brokerConnected: folders.brokerConnected() }),
    clock,
  );
  return createRoutes()
    .openapi(search, async (context) => {
      const { q, limit } = context.req.valid('query');
      const withUsers = isAdministrator(context.get('identity'));
      return context.json(await searchFor(q, limit, { database, withUsers }), 200);
    })
    .openapi(problems, async (context) => context.json(await allProblems(), 200));
}
