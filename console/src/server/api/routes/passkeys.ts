/** Passkeys of whoever is signed in, and signing in with one. */
import { z } from 'zod';
import {
  PasskeyAnswer,
  PasskeyList,
  PasskeyOptions,
  PasskeyRequest,
  Presence,
  SessionInfo,
} from '../../../api/schemas.ts';
import type { Auth } from '../../auth/auth.ts';
import { notFound } from '../errors.ts';
import { personOf } from '../guards.ts';
import type { ApiPorts } from '../ports.ts';
import { component, createRoutes, json, jsonBody, route } from '../route.ts';
import { enter, giveBegun, takeBegun, visitorOf } from './session.ts';

const passkeyList = json('The passkeys', component('PasskeyList', PasskeyList));
const options = json('What the browser hands to the device', component('PasskeyOptions', PasskeyOptions));

const list = route({
  method: 'get',
  path: '/me/passkeys',
  operationId: 'listOwnPasskeys',
  action: 'signed-in',
  summary: 'One’s passkeys, and where passkeys work',
  responses: { 200: passkeyList },
});
const begin = route({
  method: 'post',
  path: '/me/passkeys/options',
  operationId: 'beginPasskey',
  action: 'signed-in',
  summary: 'What a device is asked to make; nothing changes before it has',
  request: { body: jsonBody(component('Presence', Presence)) },
  responses: { 200: options },
});
const add = route({
  method: 'post',
  path: '/me/passkeys',
  operationId: 'addPasskey',
  action: 'signed-in',
  summary: 'Add the passkey that a device made',
  request: { body: jsonBody(component('PasskeyRequest', PasskeyRequest)) },
  responses: { 201: passkeyList },
});
const remove = route({
  method: 'delete',
  path: '/me/passkeys/{id}',
  operationId: 'removePasskey',
  action: 'signed-in',
  summary: 'Forget a passkey',
  request: { params: z.object({ id: z.string().max(100) }) },
  responses: { 200: passkeyList },
});
const beginSignIn = route({
  method: 'post',
  path: '/session/passkey/options',
  operationId: 'beginPasskeySignIn',
  action: 'open',
  summary: 'What a device is asked to sign; good once, for the browser that asked',
  responses: { 200: options },
});
const signIn = route({
  method: 'post',
  path: '/session/passkey',
  operationId: 'signInWithPasskey',
  action: 'open',
  summary: 'Sign in with a passkey; sets the session cookie',
  request: { body: jsonBody(component('PasskeyAnswer', PasskeyAnswer)) },
  responses: { 200: json('Who is signed in', component('SessionInfo', SessionInfo)) },
});

export function passkeyRoutes({ auth, logger }: Pick<ApiPorts, 'auth' | 'logger'>) {
  return createRoutes()
    .openapi(list, async (context) => context.json(await listOf(auth, personOf(context.get('identity')).id), 200))
    .openapi(begin, async (context) => {
      const person = personOf(context.get('identity'));
      await auth.confirm.presence(person, context.req.valid('json'), context.get('audit'));
      // A question to a device, which changes nothing here.
      context.get('audit').nothing();
      const asked = await auth.passkeys.beginAdding(person, context.get('address'));
      return context.json(PasskeyOptions.parse({ options: asked }), 200);
    })
    .openapi(add, async (context) => {
      const person = personOf(context.get('identity'));
      const { name, credential } = context.req.valid('json');
      const { transports = [], ...response } = credential.response;
      await auth.passkeys.add(
        person,
        name,
        { ...credential, response: { ...response, transports } },
        context.get('audit'),
      );
      logger.info({ by: person.name }, 'a person added a passkey');
      return context.json(await listOf(auth, person.id), 201);
    })
    .openapi(remove, async (context) => {
      const person = personOf(context.get('identity'));
      const { id } = context.req.valid('param');
      if (!(await auth.passkeys.remove(person, id, context.get('audit')))) throw notFound('passkey', id);
      logger.info({ passkey: id, by: person.name }, 'a person removed a passkey');
      return context.json(await listOf(auth, person.id), 200);
    })
    .openapi(beginSignIn, async (context) => {
      const { options: asked, secret } = await auth.passkeys.beginSignIn(context.get('address'));
      giveBegun(context, secret);
      context.get('audit').nothing();
      return context.json(PasskeyOptions.parse({ options: asked }), 200);
    })
    .openapi(signIn, async (context) => {
      const { credential } = context.req.valid('json');
      const { userHandle, ...response } = credential.response;
      const shown = {
        ...credential,
        response: { ...response, ...(typeof userHandle === 'string' ? { userHandle } : {}) },
      };
      const signedIn = await auth.signInWithPasskey(takeBegun(context), shown, visitorOf(context));
      return context.json(await enter(context, auth, signedIn, { way: 'passkey', name: signedIn.passkey }), 200);
    });
}

async function listOf(auth: Auth, userId: string): Promise<PasskeyList> {
  const { origin, obstacle } = auth.passkeys.address;
  return { passkeys: await auth.passkeys.listOf(userId), place: { origin, obstacle } };
}
