/** Enrolment tokens. */
import { z } from 'zod';
import { TokenCreated, TokenList, TokenRequest } from '../../../api/schemas.ts';
import type { ApiPorts } from '../ports.ts';
import { createToken, listTokens, revokeToken } from '../queries/tokens.ts';
import { component, createRoutes, json, jsonBody, route } from '../route.ts';

const create = route({
  method: 'post',
  path: '/tokens',
  operationId: 'createToken',
  summary: 'Make a token with which PCs of an office enrol; it is shown in this answer only',
  request: { body: jsonBody(component('TokenRequest', TokenRequest)) },
  responses: { 201: json('The token', component('TokenCreated', TokenCreated)) },
});
const list = route({
  method: 'get',
  path: '/tokens',
  operationId: 'listTokens',
  summary: 'The newest thousand tokens, without their secrets',
  responses: { 200: json('The tokens', component('TokenList', TokenList)) },
});
const revoke = route({
  method: 'delete',
  path: '/tokens/{id}',
  operationId: 'revokeToken',
  summary: 'Let nobody enrol with a token any more',
  request: { params: z.object({ id: z.string().max(100) }) },
  responses: { 200: json('It is revoked', z.object({ id: z.string() })) },
});

export function tokenRoutes(ports: Pick<ApiPorts, 'database' | 'clock' | 'randomBytes' | 'enrolment' | 'logger'>) {
  return createRoutes()
    .openapi(create, async (context) => {
      const created = await createToken(context.req.valid('json'), ports);
      const { id, office, uses } = created;
      ports.logger.info({ token: id, office, uses, by: context.get('identity')?.name }, 'a token was made');
      return context.json(created, 201);
    })
    .openapi(list, async (context) => context.json({ tokens: await listTokens(ports) }, 200))
    .openapi(revoke, async (context) => {
      const { id } = context.req.valid('param');
      await revokeToken(id, ports);
      ports.logger.info({ token: id, by: context.get('identity')?.name }, 'a token was revoked');
      return context.json({ id }, 200);
    });
}
