/** How each route that may change something is called, in an order in which all of them succeed. `audit.test.ts` holds that the table is whole. */
import { Job } from '../../api/schemas.ts';
import { STEP_MS } from '../auth/totp.ts';
import { codeShown } from './authenticator.ts';
import type { ServerHarness } from './server-harness.ts';
import { signInCalls } from './sign-in-calls.ts';
import { alice, bob, folderId, waitingPc } from './small-fleet.ts';

/** A PC that asks to be let in. */
const waiting = 'enr-aaaaaaaaaaaaaaaa';

/** Ada's, who makes herself the owner first, and bob's. */
export const PASSWORD = 'correct horse battery';

export interface Asked {
  method: string;
  path: string;
  body?: unknown;
  /** A person by session, a program by key. */
  as?: 'person' | 'program' | 'nobody';
  /** Who a nobody turns out to be; ada unless said. */
  by?: string;
  headers?: Record<string, string>;
}

/** A call, and the actions it leaves in the audit log. */
export interface MutatingCall extends Asked {
  operationId: string;
  actions: string[];
  /** What is known only when its turn has come. */
  prepare?: () => Promise<Partial<Asked>>;
}

/** The table for a server that is there when its first row is called. */
export function mutatingCalls(theServer: () => ServerHarness): MutatingCall[] {
  const idOf = async (name: string) => (await theServer().database.user.findUniqueOrThrow({ where: { name } })).id;
  /** What ada's app has been told. */
  let appSecret = '';
  /** The app's next code: one is good once. */
  const nextCode = async () => {
    await theServer().clock.advance(STEP_MS);
    return codeShown(appSecret, theServer().clock.nowMs());
  };
  return [
    {
      operationId: 'setUp',
      method: 'POST',
      path: '/setup',
      as: 'nobody',
      actions: ['user.create'],
      prepare: async () => ({
        body: { code: (await theServer().auth.newSetupCode()) ?? '', name: 'ada', password: PASSWORD },
      }),
    },
    {
      operationId: 'signIn',
      method: 'POST',
      path: '/session',
      as: 'nobody',
      body: { name: 'ada', password: PASSWORD },
      actions: ['session.begin'],
    },
    {
      operationId: 'applyFleet',
      method: 'PUT',
      path: '/fleet',
      body: {
        nextclouds: [{ name: 'second', url: 'https://d.example', user: 'harp', password: 'hunter2hunter2' }],
        offices: [{ name: 'west' }],
        folders: [{ name: 'Plans', nextcloud: 'second', path: '/Plans', offices: ['west'] }],
      },
      as: 'person',
      actions: ['nextcloud.create', 'office.create', 'folder.create', 'assignment.create'],
    },
    {
      operationId: 'createToken',
      method: 'POST',
      path: '/tokens',
      body: { office: 'north', uses: 3 },
      actions: ['token.create'],
    },
    {
      operationId: 'revokeToken',
      method: 'DELETE',
      path: '/tokens/ID',
      actions: ['token.revoke'],
      prepare: async () => ({
        path: `/tokens/${(await theServer().database.enrolmentToken.findFirstOrThrow()).id}`,
      }),
    },
    {
      operationId: 'extendToken',
      method: 'POST',
      path: '/tokens/ID/extend',
      body: { expiresInSeconds: 3600 },
      actions: ['token.extend'],
      prepare: async () => {
        const { id } = await theServer().database.enrolmentToken.create({
          data: { id: 'tok-x', secretHash: 'x', uses: 1, expiresAt: new Date(theServer().clock.nowMs()) },
        });
        return { path: `/tokens/${id}/extend` };
      },
    },
    {
      operationId: 'decideEnrolments',
      method: 'POST',
      path: '/enrolments/decide',
      body: { ids: [waiting], decision: 'approve' },
      actions: ['enrolment.approve'],
      prepare: async () => {
        await theServer().database.enrolmentRequest.create({ data: waitingPc(waiting, theServer().clock.nowMs()) });
        return {};
      },
    },
    {
      operationId: 'undoEnrolments',
      method: 'POST',
      path: '/enrolments/undo',
      body: { ids: [waiting] },
      actions: ['enrolment.undo'],
    },
    {
      operationId: 'createRule',
      method: 'POST',
      path: '/enrolment-rules',
      body: { name: 'laptops', hostname: 'lap-*' },
      actions: ['rule.create'],
    },
    {
      operationId: 'changeRule',
      method: 'PUT',
      path: '/enrolment-rules/ID',
      body: { name: 'laptops', hostname: 'laptop-*' },
      actions: ['rule.update'],
      prepare: async () => ({
        path: `/enrolment-rules/${(await theServer().database.enrolmentRule.findFirstOrThrow()).id}`,
      }),
    },
    {
      operationId: 'resumeRule',
      method: 'POST',
      path: '/enrolment-rules/ID/resume',
      actions: ['rule.resume'],
      prepare: async () => {
        const { id } = await theServer().database.enrolmentRule.findFirstOrThrow();
        await theServer().database.enrolmentRule.update({
          where: { id },
          data: { pausedAt: new Date(), pausedCause: 'rate' },
        });
        return { path: `/enrolment-rules/${id}/resume` };
      },
    },
    {
      operationId: 'orderRules',
      method: 'PUT',
      path: '/enrolment-rules/order',
      actions: ['rule.order'],
      prepare: async () => {
        const { id } = await theServer().database.enrolmentRule.findFirstOrThrow();
        await theServer().database.enrolmentRule.create({ data: { id: 'rul-2', position: 1, name: 'second' } });
        return { body: { ids: ['rul-2', id] } };
      },
    },
    {
      operationId: 'removeRule',
      method: 'DELETE',
      path: '/enrolment-rules/rul-2',
      actions: ['rule.delete'],
    },
    {
      operationId: 'moveAgent',
      method: 'POST',
      path: `/agents/${alice}/office`,
      body: { officeId: 'off-s' },
      actions: ['agent.move'],
    },
    {
      operationId: 'moveAgent',
      method: 'POST',
      path: `/agents/${alice}/office`,
      body: { officeId: 'off-n' },
      actions: ['agent.move'],
    },
    { operationId: 'revokeAgent', method: 'POST', path: `/agents/${bob}/revoke`, actions: ['agent.revoke'] },
    {
      operationId: 'removeEnrolmentBlock',
      method: 'DELETE',
      path: '/enrolment-blocks/ID',
      actions: ['enrolment.unblock'],
      prepare: async () => ({
        path: `/enrolment-blocks/${(await theServer().database.enrolmentBlock.findFirstOrThrow()).id}`,
      }),
    },
    { operationId: 'reindexFolder', method: 'POST', path: `/folders/${folderId}/reindex`, actions: ['folder.reindex'] },
    {
      operationId: 'startJob',
      method: 'POST',
      path: '/jobs',
      body: { kind: 'verify-folder', folderId },
      actions: ['job.start'],
    },
    {
      operationId: 'cancelJob',
      method: 'POST',
      path: '/jobs/ID/cancel',
      actions: ['job.cancel'],
      prepare: async () => ({ path: `/jobs/${Job.parse(theServer().jobs.list()[0]).id}/cancel` }),
    },
    {
      operationId: 'writeServerSettings',
      method: 'PUT',
      path: '/server/settings',
      body: { settings: { 'harp.look': 'dark', 'oidc.clientSecret': 'hunter2hunter2', share: 0.5 } },
      as: 'person',
      actions: ['settings.update'],
    },
    {
      operationId: 'invitePerson',
      method: 'POST',
      path: '/people',
      body: { name: 'bob', grants: [{ role: 'viewer', everywhere: true, regions: [], officeIds: [] }] },
      as: 'person',
      actions: ['user.invite'],
    },
    {
      operationId: 'invitePersonAgain',
      method: 'POST',
      path: '/people/ID/invitation',
      as: 'person',
      actions: ['user.invite'],
      prepare: async () => ({ path: `/people/${await idOf('bob')}/invitation` }),
    },
    {
      operationId: 'acceptInvitation',
      method: 'POST',
      path: '/invitation',
      as: 'nobody',
      by: 'bob',
      actions: ['user.accept'],
      prepare: async () => {
        const { invitation } = await theServer().auth.people.inviteAgain(await idOf('bob'), theServer().changes);
        return { body: { invitation, password: PASSWORD } };
      },
    },
    {
      operationId: 'setGrants',
      method: 'PUT',
      path: '/people/ID/grants',
      body: { grants: [{ role: 'helpdesk', everywhere: true, regions: [], officeIds: [] }] },
      as: 'person',
      actions: ['user.grant'],
      prepare: async () => ({ path: `/people/${await idOf('bob')}/grants` }),
    },
    {
      operationId: 'endSessionsOfPerson',
      method: 'DELETE',
      path: '/people/ID/sessions',
      as: 'person',
      actions: ['session.end'],
      prepare: async () => ({ path: `/people/${await idOf('bob')}/sessions` }),
    },
    {
      operationId: 'endTwoFactorOfPerson',
      method: 'DELETE',
      path: '/people/ID/two-factor',
      as: 'person',
      actions: ['second-factor.off'],
      prepare: async () => {
        const id = await idOf('bob');
        await theServer().auth.twoFactor.begin({ id, name: 'bob' });
        return { path: `/people/${id}/two-factor` };
      },
    },
    {
      operationId: 'endPasskeysOfPerson',
      method: 'DELETE',
      path: '/people/ID/passkeys',
      as: 'person',
      actions: ['passkey.remove'],
      prepare: async () => {
        const userId = await idOf('bob');
        const row = { id: 'psk-b', credentialId: 'b', userId, name: 'x', publicKey: new Uint8Array(1), counter: 0 };
        await theServer().database.passkey.create({ data: { ...row, transports: [] } });
        return { path: `/people/${userId}/passkeys` };
      },
    },
    {
      operationId: 'unlockPerson',
      method: 'DELETE',
      path: '/people/ID/lock',
      as: 'person',
      actions: ['session.unlock'],
      prepare: async () => {
        const id = await idOf('bob');
        const untilMs = theServer().clock.nowMs() + 900_000;
        await theServer().auth.locks.locked({ id, name: 'bob' }, 'name bob', untilMs, theServer().changes);
        return { path: `/people/${id}/lock` };
      },
    },
    {
      operationId: 'removePerson',
      method: 'DELETE',
      path: '/people/ID',
      as: 'person',
      actions: ['user.remove'],
      prepare: async () => ({ path: `/people/${await idOf('bob')}` }),
    },
    {
      operationId: 'createOwnKey',
      method: 'POST',
      path: '/me/keys',
      body: {
        name: 'mine',
        actions: ['fleet.read'],
        everywhere: true,
        regions: [],
        officeIds: [],
        expiresInSeconds: 3600,
      },
      as: 'person',
      actions: ['api-key.create'],
    },
    {
      operationId: 'revokeOwnKey',
      method: 'DELETE',
      path: '/me/keys/ID',
      as: 'person',
      actions: ['api-key.revoke'],
      prepare: async () => {
        const [mine] = await theServer().auth.keys.listOf(await idOf('ada'));
        return { path: `/me/keys/${mine?.id}` };
      },
    },
    {
      operationId: 'endOwnSession',
      method: 'DELETE',
      path: '/me/sessions/ID',
      as: 'person',
      actions: ['session.end'],
      prepare: async () => {
        const ada = await idOf('ada');
        // Later than the one that asks: the newest is listed first.
        await theServer().clock.advance(1);
        await theServer().auth.sessions.open(ada);
        const [newest] = await theServer().auth.sessions.listOf(ada);
        return { path: `/me/sessions/${newest?.id}` };
      },
    },
    {
      operationId: 'endOtherSessions',
      method: 'DELETE',
      path: '/me/sessions',
      as: 'person',
      actions: ['session.end'],
      prepare: async () => {
        await theServer().auth.sessions.open(await idOf('ada'));
        return {};
      },
    },
    ...signInCalls(theServer, idOf),
    {
      operationId: 'beginTwoFactor',
      method: 'POST',
      path: '/me/two-factor',
      body: { password: PASSWORD },
      as: 'person',
      // Nothing asks for a code before the app has shown one.
      actions: [],
    },
    {
      operationId: 'confirmTwoFactor',
      method: 'PUT',
      path: '/me/two-factor',
      as: 'person',
      actions: ['second-factor.on'],
      prepare: async () => {
        const ada = { id: await idOf('ada'), name: 'ada' };
        appSecret = (await theServer().auth.twoFactor.begin(ada)).secret;
        return { body: { code: await nextCode() } };
      },
    },
    {
      operationId: 'endTwoFactor',
      method: 'POST',
      path: '/me/two-factor/end',
      as: 'person',
      actions: ['second-factor.off'],
      prepare: async () => ({ body: { password: PASSWORD, code: await nextCode() } }),
    },
    {
      operationId: 'changeOwnPassword',
      method: 'PUT',
      path: '/me/password',
      body: { current: PASSWORD, next: `${PASSWORD}!` },
      as: 'person',
      actions: ['user.password'],
    },
    { operationId: 'signOut', method: 'DELETE', path: '/session', as: 'person', actions: ['session.end'] },
  ];
}
