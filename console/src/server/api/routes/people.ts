/** People and their roles: who there is, inviting, changing roles, taking away. */
import { z } from 'zod';
import { GrantsChange, PersonInvited, PersonList, PersonRequest, PersonSummary } from '../../../api/schemas.ts';
import type { ApiPorts } from '../ports.ts';
import { component, createRoutes, json, jsonBody, route } from '../route.ts';

const byId = z.object({ id: z.string().max(100) });
const invited = component('PersonInvited', PersonInvited);

const list = route({
  method: 'get',
  path: '/people',
  operationId: 'listPeople',
  action: 'people.read',
  summary: 'Everybody who can sign in or was invited, by name, with their roles',
  responses: { 200: json('The people', component('PersonList', PersonList)) },
});
const invite = route({
  method: 'post',
  path: '/people',
  operationId: 'invitePerson',
  action: 'people.write',
  summary: 'Add a person; the invitation with which they choose a password is shown in this answer only',
  request: { body: jsonBody(component('PersonRequest', PersonRequest)) },
  responses: { 201: json('The person and the invitation', invited) },
});
const inviteAgain = route({
  method: 'post',
  path: '/people/{id}/invitation',
  operationId: 'invitePersonAgain',
  action: 'people.write',
  summary: 'A new invitation: for whoever let theirs expire, or needs a new password',
  request: { params: byId },
  responses: { 201: json('The person and the invitation', invited) },
});
const setGrants = route({
  method: 'put',
  path: '/people/{id}/grants',
  operationId: 'setGrants',
  action: 'people.write',
  summary: 'Replace a person’s roles; holds from their next request on',
  request: { params: byId, body: jsonBody(component('GrantsChange', GrantsChange)) },
  responses: { 200: json('The person', component('PersonSummary', PersonSummary)) },
});
const endSessions = route({
  method: 'delete',
  path: '/people/{id}/sessions',
  operationId: 'endSessionsOfPerson',
  action: 'people.write',
  summary: 'Sign a person out everywhere',
  request: { params: byId },
  responses: { 200: json('How many sessions were ended', z.object({ ended: z.int() })) },
});
const endTwoFactor = route({
  method: 'delete',
  path: '/people/{id}/two-factor',
  operationId: 'endTwoFactorOfPerson',
  action: 'people.write',
  summary: 'Let a person sign in without a second factor: telephone and recovery codes are gone',
  request: { params: byId },
  responses: { 200: json('It is off', z.object({ id: z.string() })) },
});
const endWaysIn = route({
  method: 'delete',
  path: '/people/{id}/passkeys',
  operationId: 'endPasskeysOfPerson',
  action: 'people.write',
  summary: 'Forget a person’s passkeys, unlink their accounts elsewhere and sign them out: a device was stolen',
  request: { params: byId },
  responses: { 200: json('They are gone', z.object({ id: z.string() })) },
});
const unlock = route({
  method: 'delete',
  path: '/people/{id}/lock',
  operationId: 'unlockPerson',
  action: 'people.write',
  summary: 'Let a person try their password again at once, after too many failed tries',
  request: { params: byId },
  responses: { 200: json('The person', component('PersonSummary', PersonSummary)) },
});
const remove = route({
  method: 'delete',
  path: '/people/{id}',
  operationId: 'removePerson',
  action: 'people.write',
  summary: 'Take a person away, with their sessions and API keys',
  request: { params: byId },
  responses: { 200: json('They are gone', z.object({ id: z.string() })) },
});

export function peopleRoutes({ auth, logger }: Pick<ApiPorts, 'auth' | 'logger'>) {
  return createRoutes()
    .openapi(list, async (context) => context.json({ people: await auth.people.list() }, 200))
    .openapi(invite, async (context) => {
      const { name, grants } = context.req.valid('json');
      const answer = await auth.people.invite(name, grants, context.get('audit'));
      logger.info({ person: answer.person.id, by: context.get('identity')?.name }, 'a person was invited');
      return context.json(answer, 201);
    })
    .openapi(inviteAgain, async (context) => {
      const { id } = context.req.valid('param');
      const answer = await auth.people.inviteAgain(id, context.get('audit'));
      logger.info({ person: id, by: context.get('identity')?.name }, 'a person was invited again');
      return context.json(answer, 201);
    })
    .openapi(setGrants, async (context) => {
      const { id } = context.req.valid('param');
      const person = await auth.people.setGrants(id, context.req.valid('json').grants, context.get('audit'));
      logger.info({ person: id, by: context.get('identity')?.name }, 'the roles of a person were changed');
      return context.json(person, 200);
    })
    .openapi(endSessions, async (context) => {
      const { id } = context.req.valid('param');
      const ended = await auth.people.signOut(id, context.get('audit'));
      logger.info({ person: id, ended, by: context.get('identity')?.name }, 'a person was signed out everywhere');
      return context.json({ ended }, 200);
    })
    .openapi(endTwoFactor, async (context) => {
      const { id } = context.req.valid('param');
      await auth.people.endTwoFactor(id, context.get('audit'));
      logger.info({ person: id, by: context.get('identity')?.name }, 'the second factor of a person was turned off');
      return context.json({ id }, 200);
    })
    .openapi(endWaysIn, async (context) => {
      const { id } = context.req.valid('param');
      await auth.people.endWaysIn(id, context.get('audit'));
      logger.info({ person: id, by: context.get('identity')?.name }, 'the passkeys of a person were removed');
      return context.json({ id }, 200);
    })
    .openapi(unlock, async (context) => {
      const { id } = context.req.valid('param');
      const person = await auth.people.unlock(id, context.get('audit'));
      logger.info({ person: id, by: context.get('identity')?.name }, 'a person was unlocked');
      return context.json(person, 200);
    })
    .openapi(remove, async (context) => {
      const { id } = context.req.valid('param');
      await auth.people.remove(id, context.get('audit'));
      logger.info({ person: id, by: context.get('identity')?.name }, 'a person was taken away');
      return context.json({ id }, 200);
    });
}
