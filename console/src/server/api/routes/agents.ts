/** Agents: in pages, one by one, and shutting one out. */
import { z } from 'zod';
import { AgentDetail, AgentPage, AgentSummary } from '../../../api/schemas.ts';
import { notFound } from '../errors.ts';
import type { ApiPorts } from '../ports.ts';
import { detailOfAgent, findAgent, pageOfAgents } from '../queries/agents.ts';
import { component, createRoutes, json, route } from '../route.ts';

const agentSummary = json('The agent', component('AgentSummary', AgentSummary));
const byId = { params: z.object({ id: z.string().max(100) }) };

const agents = route({
  method: 'get',
  path: '/agents',
  operationId: 'listAgents',
  summary: 'Agents by id, a page at a time',
  request: {
    query: z.object({
      office: z.string().max(100).optional().meta({ description: 'Id of an office' }),
      cursor: z.string().max(100).optional().meta({ description: '`nextCursor` of the page before' }),
      limit: z.coerce.number().int().min(1).max(1000).default(500),
    }),
  },
  responses: { 200: json('A page of agents', component('AgentPage', AgentPage)) },
});
const agent = route({
  method: 'get',
  path: '/agents/{id}',
  operationId: 'readAgent',
  summary: 'One agent',
  request: byId,
  responses: { 200: agentSummary },
});
const detail = route({
  method: 'get',
  path: '/agents/{id}/detail',
  operationId: 'readAgentDetail',
  summary: 'One agent in full: its report, its certificate, its last day and its last events',
  request: byId,
  responses: { 200: json('The agent in full', component('AgentDetail', AgentDetail)) },
});
const revoke = route({
  method: 'post',
  path: '/agents/{id}/revoke',
  operationId: 'revokeAgent',
  summary: 'Shut an agent out for ever: broker and neighbours cut it off within seconds',
  request: byId,
  responses: { 200: agentSummary },
});

export function agentRoutes({ database, clock, hub, logger }: Pick<ApiPorts, 'database' | 'clock' | 'hub' | 'logger'>) {
  const agentOrRefuse = async (id: string) => {
    const found = await findAgent(database, id);
    if (found === undefined) throw notFound('agent', id);
    return found;
  };
  return createRoutes()
    .openapi(agents, async (context) => context.json(await pageOfAgents(database, context.req.valid('query')), 200))
    .openapi(agent, async (context) => context.json(await agentOrRefuse(context.req.valid('param').id), 200))
    .openapi(detail, async (context) => {
      const { id } = context.req.valid('param');
      const found = await detailOfAgent(database, id, clock.nowMs());
      if (found === undefined) throw notFound('agent', id);
      return context.json(found, 200);
    })
    .openapi(revoke, async (context) => {
      const { id } = context.req.valid('param');
      await database.$transaction(async (transaction) => {
        const { count } = await transaction.agent.updateMany({
          where: { id, revokedAt: null },
          data: { revokedAt: new Date(clock.nowMs()), online: false },
        });
        // Sent when the transaction commits; broker and publisher both listen.
        if (count > 0) await transaction.$executeRaw`SELECT pg_notify('harp_fleet', '')`;
      });
      const revoked = await agentOrRefuse(id);
      logger.info({ agent: id.slice(0, 8), by: context.get('identity')?.name }, 'an agent was revoked');
      hub.agentsChanged([id]);
      hub.changed(['offices']);
      return context.json(revoked, 200);
    });
}
