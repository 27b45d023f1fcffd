/** Enrolment: PCs that ask to be let in, what people decide of them, how far they are, and who is kept out. */
import { z } from 'zod';
import {
  BlockList,
  DecisionRequest,
  DecisionResult,
  EnrolmentFunnel,
  EnrolmentPage,
  EnrolmentServer,
  EnrolmentState,
  UndoRequest,
  UndoResult,
} from '../../../api/schemas.ts';
import { listBlocks, unblock } from '../../enrolment/blocks.ts';
import { decide, undo } from '../../enrolment/decide.ts';
import type { ApiPorts } from '../ports.ts';
import { enrolmentFunnel } from '../queries/enrolment-funnel.ts';
import { pageOfEnrolments } from '../queries/enrolments.ts';
import { component, createRoutes, json, jsonBody, route } from '../route.ts';

const list = route({
  method: 'get',
  path: '/enrolments',
  operationId: 'listEnrolments',
  action: 'enrol.approve',
  summary:
    'PCs that asked to be let in, a page at a time: those that wait in the order they came, others with the newest first',
  request: {
    query: z.object({
      state: EnrolmentState.optional(),
      token: z.string().max(100).optional().meta({ description: 'Id of the token they came with' }),
      search: z
        .string()
        .max(200)
        .optional()
        .meta({ description: 'Words that occur in host name, serial, user, domain or address' }),
      cursor: z.string().max(120).optional().meta({ description: '`nextCursor` of the page before' }),
      limit: z.coerce.number().int().min(1).max(1000).default(500),
    }),
  },
  responses: { 200: json('A page of PCs', component('EnrolmentPage', EnrolmentPage)) },
});
const decision = route({
  method: 'post',
  path: '/enrolments/decide',
  operationId: 'decideEnrolments',
  action: 'enrol.approve',
  summary:
    'Approve, reject or block PCs that wait, or say where they go; takes effect after ten seconds unless it is undone',
  request: { body: jsonBody(component('DecisionRequest', DecisionRequest)) },
  responses: { 200: json('Of which PCs it was decided', component('DecisionResult', DecisionResult)) },
});
const undoing = route({
  method: 'post',
  path: '/enrolments/undo',
  operationId: 'undoEnrolments',
  action: 'enrol.approve',
  summary: 'Take decisions back that have not taken effect',
  request: { body: jsonBody(component('UndoRequest', UndoRequest)) },
  responses: { 200: json('Which were taken back', component('UndoResult', UndoResult)) },
});
const funnel = route({
  method: 'get',
  path: '/enrolments/funnel',
  operationId: 'readEnrolmentFunnel',
  action: 'enrol.approve',
  summary: 'How far PCs are on their way in, and what those wait for that are stuck',
  request: { query: z.object({ token: z.string().max(100).optional() }) },
  responses: { 200: json('The steps', component('EnrolmentFunnel', EnrolmentFunnel)) },
});
const server = route({
  method: 'get',
  path: '/enrolments/server',
  operationId: 'readEnrolmentServer',
  action: 'enrol.token',
  summary: 'Where PCs reach this server, and its root’s fingerprint: what enrol.json says',
  responses: { 200: json('The server', component('EnrolmentServer', EnrolmentServer)) },
});
const blocks = route({
  method: 'get',
  path: '/enrolment-blocks',
  operationId: 'listEnrolmentBlocks',
  action: 'agent.revoke',
  summary: 'PCs that may not enrol, the newest first',
  responses: { 200: json('The PCs', component('BlockList', BlockList)) },
});
const unblocking = route({
  method: 'delete',
  path: '/enrolment-blocks/{id}',
  operationId: 'removeEnrolmentBlock',
  action: 'agent.revoke',
  summary: 'Let a blocked PC ask again',
  request: { params: z.object({ id: z.string().max(100) }) },
  responses: { 200: json('It may ask again', z.object({ id: z.string() })) },
});

export function enrolmentRoutes(
  ports: Pick<ApiPorts, 'database' | 'clock' | 'randomBytes' | 'enrolment' | 'hub' | 'logger'>,
) {
  const { database, hub, logger } = ports;
  return createRoutes()
    .openapi(list, async (context) =>
      context.json(await pageOfEnrolments(database, context.req.valid('query'), context.get('places')), 200),
    )
    .openapi(decision, async (context) => {
      const request = context.req.valid('json');
      const name = context.get('identity')?.name ?? '';
      const [places, changes] = [context.get('places'), context.get('audit')];
      const result = await decide(request, ports, { name, places, changes });
      logger.info(
        { decision: request.decision, pcs: result.decided.length, by: name },
        'it was decided of waiting PCs',
      );
      hub.changed(['enrolments']);
      return context.json(result, 200);
    })
    .openapi(undoing, async (context) => {
      const name = context.get('identity')?.name ?? '';
      const [places, changes] = [context.get('places'), context.get('audit')];
      const result = await undo(context.req.valid('json').ids, ports, { name, places, changes });
      hub.changed(['enrolments']);
      return context.json(result, 200);
    })
    .openapi(funnel, async (context) =>
      context.json(await enrolmentFunnel(database, context.req.valid('query').token, context.get('places')), 200),
    )
    .openapi(server, async (context) => {
      const { gatewayUrl, mqttUrl } = ports.enrolment;
      return context.json({ gatewayUrl, mqttUrl, fingerprint: await ports.enrolment.caFingerprint() }, 200);
    })
    .openapi(blocks, async (context) =>
      context.json({ blocks: await listBlocks(database, context.get('places')) }, 200),
    )
    .openapi(unblocking, async (context) => {
      const { id } = context.req.valid('param');
      await unblock(id, context.get('places'), context.get('audit'));
      logger.info({ block: id, by: context.get('identity')?.name }, 'a PC was unblocked');
      hub.changed(['enrolments']);
      return context.json({ id }, 200);
    });
}
