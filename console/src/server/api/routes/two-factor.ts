/** The second factor of whoever is signed in: turned on with the app's first code, off with password and code. */
import {
  RecoveryCodes,
  TwoFactorCode,
  TwoFactorEnd,
  TwoFactorSecret,
  TwoFactorStart,
  TwoFactorState,
} from '../../../api/schemas.ts';
import { personOf } from '../guards.ts';
import type { ApiPorts } from '../ports.ts';
import { component, createRoutes, json, jsonBody, route } from '../route.ts';
import { giveCookies, visitorOf } from './session.ts';

const state = json('Whether it is on', component('TwoFactorState', TwoFactorState));

const read = route({
  method: 'get',
  path: '/me/two-factor',
  operationId: 'readTwoFactor',
  action: 'signed-in',
  summary: 'Whether signing in takes a code',
  responses: { 200: state },
});
const begin = route({
  method: 'post',
  path: '/me/two-factor',
  operationId: 'beginTwoFactor',
  action: 'signed-in',
  summary: 'A new secret for an authenticator app; nothing changes before it is confirmed',
  request: { body: jsonBody(component('TwoFactorStart', TwoFactorStart)) },
  responses: { 201: json('The secret', component('TwoFactorSecret', TwoFactorSecret)) },
});
const confirm = route({
  method: 'put',
  path: '/me/two-factor',
  operationId: 'confirmTwoFactor',
  action: 'signed-in',
  summary: 'Turn it on with the app’s first code; every other session ends and this one gets a new cookie',
  request: { body: jsonBody(component('TwoFactorCode', TwoFactorCode)) },
  responses: { 200: json('Recovery codes, shown in this answer only', component('RecoveryCodes', RecoveryCodes)) },
});
const end = route({
  method: 'post',
  path: '/me/two-factor/end',
  operationId: 'endTwoFactor',
  action: 'signed-in',
  summary: 'Turn it off',
  request: { body: jsonBody(component('TwoFactorEnd', TwoFactorEnd)) },
  responses: { 200: state },
});

export function twoFactorRoutes({ auth, logger }: Pick<ApiPorts, 'auth' | 'logger'>) {
  return createRoutes()
    .openapi(read, async (context) =>
      context.json(await auth.twoFactor.state(personOf(context.get('identity')).id), 200),
    )
    .openapi(begin, async (context) => {
      const person = personOf(context.get('identity'));
      await auth.confirm.password(person, context.req.valid('json').password, context.get('audit'));
      // A secret that nothing asks for yet.
      context.get('audit').nothing();
      return context.json(await auth.twoFactor.begin(person), 201);
    })
    .openapi(confirm, async (context) => {
      const person = personOf(context.get('identity'));
      const { recoveryCodes, ...signedIn } = await auth.confirmTwoFactor(
        person,
        context.req.valid('json').code,
        visitorOf(context),
        context.get('audit'),
      );
      giveCookies(context, signedIn);
      logger.info({ by: person.name }, 'a person turned their second factor on');
      return context.json({ recoveryCodes }, 200);
    })
    .openapi(end, async (context) => {
      const person = personOf(context.get('identity'));
      const { password, code } = context.req.valid('json');
      await auth.confirm.password(person, password, context.get('audit'));
      await auth.confirm.code(person, code, context.get('audit'));
      await auth.twoFactor.turnOff(person, context.get('audit'));
      logger.info({ by: person.name }, 'a person turned their second factor off');
      return context.json(await auth.twoFactor.state(person.id), 200);
    });
}
