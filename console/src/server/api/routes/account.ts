/** What everybody manages of their own: password, open sessions, API keys. Each takes the person from the session, never from the request. */
import { z } from 'zod';
import { KeyCreated, KeyList, KeyRequest, PasswordChange, SessionList } from '../../../api/schemas.ts';
import { may } from '../../access/rights.ts';
import { notFound } from '../errors.ts';
import { forbidden, personOf } from '../guards.ts';
import type { ApiPorts } from '../ports.ts';
import { component, createRoutes, json, jsonBody, route } from '../route.ts';
import { giveCookies, visitorOf } from './session.ts';

const byId = { params: z.object({ id: z.string().max(100) }) };
const sessionList = json('What is open now', component('SessionList', SessionList));
const keyList = json('The keys', component('KeyList', KeyList));

const listSessions = route({
  method: 'get',
  path: '/me/sessions',
  operationId: 'listOwnSessions',
  action: 'signed-in',
  summary: 'Where one is signed in',
  responses: { 200: sessionList },
});
const endSession = route({
  method: 'delete',
  path: '/me/sessions/{id}',
  operationId: 'endOwnSession',
  action: 'signed-in',
  summary: 'Sign out somewhere',
  request: byId,
  responses: { 200: sessionList },
});
const endOthers = route({
  method: 'delete',
  path: '/me/sessions',
  operationId: 'endOtherSessions',
  action: 'signed-in',
  summary: 'Sign out everywhere else',
  responses: { 200: sessionList },
});
const changePassword = route({
  method: 'put',
  path: '/me/password',
  operationId: 'changeOwnPassword',
  action: 'signed-in',
  summary: 'Choose another password; every other session ends and this one gets a new cookie',
  request: { body: jsonBody(component('PasswordChange', PasswordChange)) },
  responses: { 200: sessionList },
});
const listKeys = route({
  method: 'get',
  path: '/me/keys',
  operationId: 'listOwnKeys',
  action: 'signed-in',
  summary: 'One’s API keys, newest first, without their secrets',
  responses: { 200: keyList },
});
const createKey = route({
  method: 'post',
  path: '/me/keys',
  operationId: 'createOwnKey',
  action: 'signed-in',
  summary: 'Make an API key; it is shown in this answer only, and never reaches farther than its owner',
  request: { body: jsonBody(component('KeyRequest', KeyRequest)) },
  responses: { 201: json('The key', component('KeyCreated', KeyCreated)) },
});
const revokeKey = route({
  method: 'delete',
  path: '/me/keys/{id}',
  operationId: 'revokeOwnKey',
  action: 'signed-in',
  summary: 'Make an API key worthless',
  request: byId,
  responses: { 200: keyList },
});

export function accountRoutes({ auth, clock, logger }: Pick<ApiPorts, 'auth' | 'clock' | 'logger'>) {
  const sessionsOf = async ({ id, sessionId }: { id: string; sessionId: string }) => {
    const sessions = await auth.sessions.listOf(id);
    return { sessions: sessions.map((session) => ({ ...session, current: session.id === sessionId })) };
  };
  const keysOf = async (id: string) => {
    const keys = await auth.keys.listOf(id);
    return {
      keys: keys.map((key) => ({
        ...key,
        actions: [...key.actions],
        regions: [...key.regions],
        officeIds: [...key.officeIds],
      })),
    };
  };
  return createRoutes()
    .openapi(listSessions, async (context) => context.json(await sessionsOf(personOf(context.get('identity'))), 200))
    .openapi(endSession, async (context) => {
      const person = personOf(context.get('identity'));
      const { id } = context.req.valid('param');
      if (!(await auth.sessions.end(person, id, context.get('audit')))) throw notFound('session', id);
      logger.info({ session: id, by: person.name }, 'a session was ended');
      return context.json(await sessionsOf(person), 200);
    })
    .openapi(endOthers, async (context) => {
      const person = personOf(context.get('identity'));
      const ended = await auth.sessions.endOthers(person, person.sessionId, context.get('audit'));
      logger.info({ ended, by: person.name }, 'all other sessions of a person were ended');
      return context.json(await sessionsOf(person), 200);
    })
    .openapi(changePassword, async (context) => {
      const person = personOf(context.get('identity'));
      const { current, next } = context.req.valid('json');
      const signedIn = await auth.changePassword(person, { current, next }, visitorOf(context), context.get('audit'));
      giveCookies(context, signedIn);
      logger.info({ by: person.name }, 'a person changed their password');
      return context.json(await sessionsOf(signedIn.user), 200);
    })
    .openapi(listKeys, async (context) => context.json(await keysOf(personOf(context.get('identity')).id), 200))
    .openapi(createKey, async (context) => {
      const person = personOf(context.get('identity'));
      const { name, expiresInSeconds, ...order } = context.req.valid('json');
      // A key for what its owner may not do would be worthless, and would come to life when they may.
      for (const action of order.actions) if (!may(person, action)) throw forbidden(action);
      const expiresAtMs = clock.nowMs() + expiresInSeconds * 1000;
      const { id, key } = await auth.keys.createFor(person.id, { name, ...order, expiresAtMs }, context.get('audit'));
      logger.info({ key: id, by: person.name }, 'an API key was made');
      return context.json({ id, name, key, expiresAtMs }, 201);
    })
    .openapi(revokeKey, async (context) => {
      const person = personOf(context.get('identity'));
      const { id } = context.req.valid('param');
      if (!(await auth.keys.revokeOf(person.id, id, context.get('audit')))) throw notFound('API key', id);
      logger.info({ key: id, by: person.name }, 'an API key was revoked');
      return context.json(await keysOf(person.id), 200);
    });
}
