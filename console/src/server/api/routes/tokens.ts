/** Enrolment tokens. */
import { z } from 'zod';
import { TokenCreated, TokenExtension, TokenList, TokenRequest } from '../../../api/schemas.ts';
import type { ApiPorts } from '../ports.ts';
import { createToken, extendToken, listTokens, revokeToken } from '../queries/tokens.ts';
import { component, createRoutes, json, jsonBody, route } from '../route.ts';

const create = route({
  method: 'post',
  path: '/tokens',
  operationId: 'createToken',
  action: 'enrol.token',
  summary: 'Make a token with which PCs of an office enrol; it is shown in this answer only',
  request: { body: jsonBody(component('TokenRequest', TokenRequest)) },
  responses: { 201: json('The token', component('TokenCreated', TokenCreated)) },
});
const list = route({
  method: 'get',
  path: '/tokens',
  operationId: 'listTokens',
  action: 'enrol.token',
  summary: 'The newest thousand tokens, without their secrets',
  responses: { 200: json('The tokens', component('TokenList', TokenList)) },
});
const revoke = route({
  method: 'delete',
  path: '/tokens/{id}',
  operationId: 'revokeToken',
  action: 'enrol.token',
  summary: 'Let nobody enrol with a token any more',
  request: { params: z.object({ id: z.string().max(100) }) },
  responses: { 200: json('It is revoked', z.object({ id: z.string() })) },
});
const extend = route({
  method: 'post',
  path: '/tokens/{id}/extend',
  operationId: 'extendToken',
  action: 'enrol.token',
  summary: 'Let a token end so much later than now',
  request: {
    params: z.object({ id: z.string().max(100) }),
    body: jsonBody(component('TokenExtension', TokenExtension)),
  },
  responses: { 200: json('When it ends', z.object({ id: z.string(), expiresAtMs: z.int() })) },
});

export function tokenRoutes(
  ports: Pick<ApiPorts, 'database' | 'clock' | 'randomBytes' | 'enrolment' | 'hub' | 'logger'>,
) {
  return createRoutes()
    .openapi(create, async (context) => {
      const created = await createToken(context.req.valid('json'), ports, context.get('places'), context.get('audit'));
      const { id, office, uses } = created;
      ports.logger.info({ token: id, office, uses, by: context.get('identity')?.name }, 'a token was made');
      ports.hub.changed(['enrolments']);
      return context.json(created, 201);
    })
    .openapi(list, async (context) => context.json({ tokens: await listTokens(ports, context.get('places')) }, 200))
    .openapi(revoke, async (context) => {
      const { id } = context.req.valid('param');
      await revokeToken(id, ports, context.get('places'), context.get('audit'));
      ports.logger.info({ token: id, by: context.get('identity')?.name }, 'a token was revoked');
      ports.hub.changed(['enrolments']);
      return context.json({ id }, 200);
    })
    .openapi(extend, async (context) => {
      const { id } = context.req.valid('param');
      const { expiresInSeconds } = context.req.valid('json');
      const extended = await extendToken(id, expiresInSeconds, ports, context.get('places'), context.get('audit'));
      ports.logger.info({ token: id, by: context.get('identity')?.name }, 'a token was extended');
      ports.hub.changed(['enrolments']);
      return context.json({ id, ...extended }, 200);
    });
}
