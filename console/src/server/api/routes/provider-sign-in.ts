/** Signing in with a provider, and linking an account there to one's own. The browser comes back to a page, which hands over here what it came with. */
import { z } from 'zod';
import {
  LinkedAccountList,
  LinkStart,
  ProviderArrival,
  ProviderDeparture,
  ProviderReturn,
  ProviderStart,
  SignInWays,
} from '../../../api/schemas.ts';
import { notFound } from '../errors.ts';
import { personOf } from '../guards.ts';
import { createPlaces } from '../places.ts';
import type { ApiPorts } from '../ports.ts';
import { component, createRoutes, json, jsonBody, route } from '../route.ts';
import { enter, giveBegun, takeBegun, visitorOf } from './session.ts';

/** Anybody may begin, and each asks the provider: not more at once than it would answer. */
const MAX_AT_ONCE = 20;

const departure = json('Where the browser is to go', component('ProviderDeparture', ProviderDeparture));
const accounts = json('The accounts', component('LinkedAccountList', LinkedAccountList));

const ways = route({
  method: 'get',
  path: '/session/ways',
  operationId: 'listSignInWays',
  action: 'open',
  summary: 'How one may sign in besides a password',
  responses: { 200: json('The ways', component('SignInWays', SignInWays)) },
});
const start = route({
  method: 'post',
  path: '/session/provider',
  operationId: 'beginProviderSignIn',
  action: 'open',
  summary: 'Begin to sign in with a provider; good once, for the browser that asked',
  request: { body: jsonBody(component('ProviderStart', ProviderStart)) },
  responses: { 200: departure },
});
const finish = route({
  method: 'post',
  path: '/session/provider/finish',
  operationId: 'finishProviderSignIn',
  action: 'open',
  summary: 'Hand over what a provider sent the browser back with: sets the session cookie, or links the account',
  request: { body: jsonBody(component('ProviderReturn', ProviderReturn)) },
  responses: { 200: json('What came of it', component('ProviderArrival', ProviderArrival)) },
});
const list = route({
  method: 'get',
  path: '/me/accounts',
  operationId: 'listOwnAccounts',
  action: 'signed-in',
  summary: 'One’s accounts at sign-in providers',
  responses: { 200: accounts },
});
const link = route({
  method: 'post',
  path: '/me/accounts',
  operationId: 'beginLink',
  action: 'signed-in',
  summary: 'Begin to link an account at a provider; nothing changes before one has signed in there',
  request: { body: jsonBody(component('LinkStart', LinkStart)) },
  responses: { 200: departure },
});
const unlink = route({
  method: 'delete',
  path: '/me/accounts/{id}',
  operationId: 'unlinkAccount',
  action: 'signed-in',
  summary: 'Unlink an account',
  request: { params: z.object({ id: z.string().max(100) }) },
  responses: { 200: accounts },
});

export function providerSignInRoutes({
  auth,
  accounts: linked,
  providers,
  logger,
}: Pick<ApiPorts, 'auth' | 'accounts' | 'providers' | 'logger'>) {
  const seats = createPlaces(MAX_AT_ONCE, 'sign-ins with other providers');
  const seated = async <T>(work: () => Promise<T>): Promise<T> => {
    const leave = seats.take();
    try {
      return await work();
    } finally {
      leave();
    }
  };
  return createRoutes()
    .openapi(ways, async (context) => {
      const { origin, obstacle } = auth.passkeys.address;
      const enabled = (await providers.list()).filter((each) => each.enabled);
      return context.json(
        { passkeys: { origin, obstacle }, providers: enabled.map(({ id, name }) => ({ id, name })) },
        200,
      );
    })
    .openapi(start, async (context) => {
      const { provider, invitation } = context.req.valid('json');
      const begun = await seated(() => linked.begin(provider, { kind: 'sign-in', invitation }, context.get('address')));
      context.get('audit').nothing();
      giveBegun(context, begun.secret);
      return context.json({ address: begun.address }, 200);
    })
    .openapi(finish, async (context) => {
      const { provider, query } = context.req.valid('json');
      const identity = context.get('identity');
      const who = identity?.kind === 'user' ? identity : undefined;
      const audit = context.get('audit');
      const arrival = await seated(() =>
        linked.finish(provider, takeBegun(context), new URLSearchParams(query), who, audit),
      );
      const { kind, providerName } = arrival;
      if (arrival.kind === 'signed-in') {
        const signedIn = await auth.openFor(arrival.userId, visitorOf(context));
        await enter(context, auth, signedIn, { provider: providerName });
        logger.info({ provider, by: signedIn.user.name }, 'a person signed in with a provider');
      } else {
        // An account that was linked already is no change.
        audit.nothing();
        logger.info({ provider, by: who?.name }, 'a person linked an account');
      }
      return context.json({ kind, providerName }, 200);
    })
    .openapi(list, async (context) => {
      const person = personOf(context.get('identity'));
      return context.json({ accounts: await linked.listOf(person.id) }, 200);
    })
    .openapi(link, async (context) => {
      const person = personOf(context.get('identity'));
      const { provider, ...shown } = context.req.valid('json');
      await auth.confirm.presence(person, shown, context.get('audit'));
      const { id, name, sessionId } = person;
      const begun = await seated(() =>
        linked.begin(provider, { kind: 'link', person: { id, name, sessionId } }, context.get('address')),
      );
      context.get('audit').nothing();
      giveBegun(context, begun.secret);
      return context.json({ address: begun.address }, 200);
    })
    .openapi(unlink, async (context) => {
      const person = personOf(context.get('identity'));
      const { id } = context.req.valid('param');
      if (!(await linked.unlink(person, id, context.get('audit')))) throw notFound('account', id);
      logger.info({ by: person.name }, 'a person unlinked an account');
      return context.json({ accounts: await linked.listOf(person.id) }, 200);
    });
}
