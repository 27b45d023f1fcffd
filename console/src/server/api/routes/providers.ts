/** The sign-in providers there are, for owners. */
import { HarpError, isHarpError } from '@harp/broker/protocol';
import { z } from 'zod';
import {
  ProviderChange,
  ProviderCheck,
  ProviderRequest,
  SignInProvider,
  SignInProviderList,
} from '../../../api/schemas.ts';
import { checkProvider } from '../../sign-in/provider-client.ts';
import { isProviderAddress } from '../../sign-in/providers.ts';
import { notFound } from '../errors.ts';
import type { ApiPorts } from '../ports.ts';
import { component, createRoutes, json, jsonBody, route } from '../route.ts';

const byId = z.object({ id: z.string().max(100) });
const provider = json('The provider', component('SignInProvider', SignInProvider));

const list = route({
  method: 'get',
  path: '/sign-in-providers',
  operationId: 'listSignInProviders',
  action: 'server.write',
  summary: 'The sign-in providers, without their secrets',
  responses: { 200: json('The providers', component('SignInProviderList', SignInProviderList)) },
});
const add = route({
  method: 'post',
  path: '/sign-in-providers',
  operationId: 'addSignInProvider',
  action: 'server.write',
  summary: 'Let people sign in with an OpenID Connect provider or a Nextcloud',
  request: { body: jsonBody(component('ProviderRequest', ProviderRequest)) },
  responses: { 201: provider },
});
const change = route({
  method: 'put',
  path: '/sign-in-providers/{id}',
  operationId: 'changeSignInProvider',
  action: 'server.write',
  summary: 'Change a sign-in provider; another address needs its client secret again',
  request: { params: byId, body: jsonBody(component('ProviderChange', ProviderChange)) },
  responses: { 200: provider },
});
const remove = route({
  method: 'delete',
  path: '/sign-in-providers/{id}',
  operationId: 'removeSignInProvider',
  action: 'server.write',
  summary: 'Let nobody sign in with a provider any more, and unlink every account there',
  request: { params: byId },
  responses: { 200: json('It is gone', z.object({ id: z.string() })) },
});
const check = route({
  method: 'post',
  path: '/sign-in-providers/{id}/check',
  operationId: 'checkSignInProvider',
  action: 'server.write',
  summary: 'Ask a provider who it is; whether it knows this server shows when somebody signs in',
  request: { params: byId },
  responses: { 200: json('What was found', component('ProviderCheck', ProviderCheck)) },
});

export function providerRoutes({ providers, logger }: Pick<ApiPorts, 'providers' | 'logger'>) {
  return createRoutes()
    .openapi(list, async (context) =>
      context.json({ providers: await providers.list(), consoleOrigin: providers.consoleOrigin }, 200),
    )
    .openapi(add, async (context) => {
      const asked = context.req.valid('json');
      sound(asked);
      const added = await providers.add(asked, context.get('audit'));
      logger.info({ provider: added.id, by: context.get('identity')?.name }, 'a sign-in provider was added');
      return context.json(added, 201);
    })
    .openapi(change, async (context) => {
      const { id } = context.req.valid('param');
      const asked = context.req.valid('json');
      sound(asked);
      const changed = await providers.change(id, asked, context.get('audit'));
      if (changed === undefined) throw notFound('sign-in provider', id);
      logger.info({ provider: id, by: context.get('identity')?.name }, 'a sign-in provider was changed');
      return context.json(changed, 200);
    })
    .openapi(remove, async (context) => {
      const { id } = context.req.valid('param');
      if (!(await providers.remove(id, context.get('audit')))) throw notFound('sign-in provider', id);
      logger.info({ provider: id, by: context.get('identity')?.name }, 'a sign-in provider was removed');
      return context.json({ id }, 200);
    })
    .openapi(check, async (context) => {
      const { id } = context.req.valid('param');
      const opened = await providers.open(id, false);
      if (opened === undefined) throw notFound('sign-in provider', id);
      context.get('audit').nothing();
      const problem = await checkProvider(opened).then(
        () => null,
        (error: unknown) => {
          if (isHarpError(error)) return error.message;
          throw error;
        },
      );
      return context.json({ problem }, 200);
    });
}

/** What no schema says. @throws {HarpError} `api.invalid` */
function sound({ url, admitGroup, admitRole }: z.infer<typeof ProviderChange>): void {
  if (!isProviderAddress(url))
    throw new HarpError('api.invalid', 'the address must begin with https://, unless it is on the server itself');
  if ((admitGroup === null) !== (admitRole === null))
    throw new HarpError('api.invalid', 'a group that lets people in needs a role for them, and a role needs a group');
}
