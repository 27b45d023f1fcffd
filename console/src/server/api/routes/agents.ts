/** Agents: in pages, one by one, and shutting one out. */
import type { OfficeId } from '@harp/broker/protocol';
import { z } from 'zod';
import { AgentDetail, AgentOfficeRequest, AgentPage, AgentSummary } from '../../../api/schemas.ts';
import type { Places } from '../../access/rights.ts';
import { giveUpShares } from '../../content/removal.ts';
import { blockPc } from '../../enrolment/blocks.ts';
import { moveAgent } from '../../enrolment/decide.ts';
import { notFound } from '../errors.ts';
import type { ApiPorts } from '../ports.ts';
import { detailOfAgent, findAgent, pageOfAgents } from '../queries/agents.ts';
import { component, createRoutes, json, jsonBody, route } from '../route.ts';

const agentSummary = json('The agent', component('AgentSummary', AgentSummary));
const byId = { params: z.object({ id: z.string().max(100) }) };

const agents = route({
  method: 'get',
  path: '/agents',
  operationId: 'listAgents',
  action: 'fleet.read',
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
  action: 'fleet.read',
  summary: 'One agent',
  request: byId,
  responses: { 200: agentSummary },
});
const detail = route({
  method: 'get',
  path: '/agents/{id}/detail',
  operationId: 'readAgentDetail',
  action: 'fleet.read',
  summary: 'One agent in full: its report, its certificate, its last day and its last events',
  request: byId,
  responses: { 200: json('The agent in full', component('AgentDetail', AgentDetail)) },
});
const revoke = route({
  method: 'post',
  path: '/agents/{id}/revoke',
  operationId: 'revokeAgent',
  action: 'agent.revoke',
  summary:
    'Shut an agent out until it is unblocked: broker and neighbours cut it off within seconds, the links of its office are replaced, and its PC may not enrol again',
  request: byId,
  responses: { 200: agentSummary },
});
const move = route({
  method: 'post',
  path: '/agents/{id}/office',
  operationId: 'moveAgent',
  action: 'fleet.write',
  summary: 'Move an agent to an office, where it stays wherever its PC goes',
  request: { ...byId, body: jsonBody(component('AgentOfficeRequest', AgentOfficeRequest)) },
  responses: { 200: agentSummary },
});

export function agentRoutes(ports: Pick<ApiPorts, 'database' | 'clock' | 'randomBytes' | 'hub' | 'logger'>) {
  const { database, clock, hub, logger } = ports;
  const agentOrRefuse = async (id: string, places: Places) => {
    const found = await findAgent(database, id, places);
    if (found === undefined) throw notFound('agent', id);
    return found;
  };
  return createRoutes()
    .openapi(agents, async (context) =>
      context.json(await pageOfAgents(database, context.req.valid('query'), context.get('places')), 200),
    )
    .openapi(agent, async (context) =>
      context.json(await agentOrRefuse(context.req.valid('param').id, context.get('places')), 200),
    )
    .openapi(detail, async (context) => {
      const { id } = context.req.valid('param');
      const found = await detailOfAgent(database, id, clock.nowMs(), context.get('places'));
      if (found === undefined) throw notFound('agent', id);
      return context.json(found, 200);
    })
    .openapi(revoke, async (context) => {
      const { id } = context.req.valid('param');
      const places = context.get('places');
      await agentOrRefuse(id, places);
      await context.get('audit').change(async (transaction, record) => {
        const revokedAtMs = clock.nowMs();
        const { count } = await transaction.agent.updateMany({
          where: { id, revokedAt: null },
          data: { revokedAt: new Date(revokedAtMs), online: false },
        });
        const present = await transaction.agent.findUnique({
          where: { id },
          select: { hostname: true, officeId: true, hardwareId: true },
        });
        if (present === null) throw notFound('agent', id);
        if (count === 0) return record.nothing();
        const name = context.get('identity')?.name ?? '';
        await blockPc(transaction, { agentId: id, ...present }, { name, reason: 'revoked', nowMs: revokedAtMs }, ports);
        // It has the links of its office, which work without any certificate.
        await giveUpShares(transaction, present.officeId as OfficeId, revokedAtMs);
        record.add({
          action: 'agent.revoke',
          object: { kind: 'agent', id, name: present.hostname },
          office: present.officeId,
          before: { revokedAtMs: null },
          after: { revokedAtMs, blocked: true },
        });
        // Sent when the transaction commits; broker and publisher both listen.
        await transaction.$executeRaw`SELECT pg_notify('harp_fleet', '')`;
      });
      const revoked = await agentOrRefuse(id, places);
      logger.info({ agent: id.slice(0, 8), by: context.get('identity')?.name }, 'an agent was revoked');
      hub.agentsChanged([id]);
      hub.changed(['offices', 'enrolments']);
      return context.json(revoked, 200);
    })
    .openapi(move, async (context) => {
      const { id } = context.req.valid('param');
      const { officeId } = context.req.valid('json');
      const places = context.get('places');
      await moveAgent({ id, officeId }, database, { places, changes: context.get('audit') });
      const moved = await agentOrRefuse(id, places);
      logger.info({ agent: id.slice(0, 8), office: officeId, by: context.get('identity')?.name }, 'an agent was moved');
      hub.agentsChanged([id]);
      hub.changed(['offices']);
      return context.json(moved, 200);
    });
}
