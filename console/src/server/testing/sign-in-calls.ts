/** How the routes of passkeys and other providers are called that may change something: a part of the table of all of them. */
import { consoleAddress } from '../auth/console-address.ts';
import { answeringServer } from './answering-server.ts';
import { type MutatingCall, PASSWORD } from './mutating-calls.ts';
import { CONSOLE_URL, type ServerHarness } from './server-harness.ts';
import { softwarePasskey } from './software-passkey.ts';

/** The rows, for ada, who is an owner with a password and one session. */
export function signInCalls(theServer: () => ServerHarness, idOf: (name: string) => Promise<string>): MutatingCall[] {
  const cloud = { name: 'Our cloud', clientId: 'harp', clientSecret: 'hunter2hunter2' };
  const key = softwarePasskey(consoleAddress(CONSOLE_URL));
  return [
    {
      operationId: 'beginPasskey',
      method: 'POST',
      path: '/me/passkeys/options',
      body: { password: PASSWORD },
      as: 'person',
      actions: [],
    },
    {
      operationId: 'addPasskey',
      method: 'POST',
      path: '/me/passkeys',
      as: 'person',
      actions: ['passkey.create'],
      prepare: async () => {
        const { auth, database } = theServer();
        const id = await idOf('ada');
        // The session that asks is the only one that is left.
        const { id: sessionId } = await database.session.findFirstOrThrow({ where: { userId: id } });
        const options = await auth.passkeys.beginAdding({ id, name: 'ada', sessionId }, 'test');
        return { body: { name: 'laptop', credential: key.make({ ...options }) } };
      },
    },
    {
      operationId: 'beginPasskeySignIn',
      method: 'POST',
      path: '/session/passkey/options',
      as: 'nobody',
      actions: [],
    },
    {
      operationId: 'signInWithPasskey',
      method: 'POST',
      path: '/session/passkey',
      as: 'nobody',
      actions: ['session.begin'],
      prepare: async () => {
        const { options, secret } = await theServer().auth.passkeys.beginSignIn('test');
        return {
          body: { credential: key.sign({ ...options }) },
          headers: { cookie: `harp_begun=${secret}` },
        };
      },
    },
    {
      operationId: 'removePasskey',
      method: 'DELETE',
      path: '/me/passkeys/ID',
      as: 'person',
      actions: ['passkey.remove'],
      prepare: async () => {
        const [mine] = await theServer().auth.passkeys.listOf(await idOf('ada'));
        return { path: `/me/passkeys/${mine?.id}` };
      },
    },
    {
      operationId: 'addSignInProvider',
      method: 'POST',
      path: '/sign-in-providers',
      as: 'person',
      actions: ['provider.create'],
      prepare: async () => {
        const url = await answeringServer({
          '/status.php': { installed: true },
          '/index.php/apps/oauth2/api/v1/token': { access_token: 'x', token_type: 'Bearer', expires_in: 3600 },
          '/ocs/v2.php/cloud/user': { ocs: { data: { id: 'ada-there', groups: [] } } },
        });
        return { body: { id: 'cloud', kind: 'nextcloud', url, ...cloud } };
      },
    },
    {
      operationId: 'changeSignInProvider',
      method: 'PUT',
      path: '/sign-in-providers/cloud',
      as: 'person',
      actions: ['provider.update'],
      prepare: async () => {
        const [{ url } = { url: '' }] = await theServer().providers.list();
        return { body: { kind: 'nextcloud', url, ...cloud, name: 'Our own cloud' } };
      },
    },
    {
      operationId: 'checkSignInProvider',
      method: 'POST',
      path: '/sign-in-providers/cloud/check',
      as: 'person',
      actions: [],
    },
    {
      operationId: 'beginProviderSignIn',
      method: 'POST',
      path: '/session/provider',
      as: 'nobody',
      body: { provider: 'cloud' },
      actions: [],
    },
    {
      operationId: 'beginLink',
      method: 'POST',
      path: '/me/accounts',
      as: 'person',
      body: { provider: 'cloud', password: PASSWORD },
      actions: [],
    },
    {
      operationId: 'finishProviderSignIn',
      method: 'POST',
      path: '/session/provider/finish',
      as: 'nobody',
      actions: ['session.begin'],
      prepare: async () => {
        const { accounts, database } = theServer();
        const account = { id: 'lnk-a', providerId: 'cloud', subject: 'ada-there', label: 'ada' };
        await database.linkedAccount.create({ data: { ...account, userId: await idOf('ada') } });
        const begun = await accounts.begin('cloud', { kind: 'sign-in', invitation: undefined }, 'test');
        const state = new URL(begun.address).searchParams.get('state');
        return {
          body: { provider: 'cloud', query: `?code=x&state=${state}` },
          headers: { cookie: `harp_begun=${begun.secret}` },
        };
      },
    },
    {
      operationId: 'unlinkAccount',
      method: 'DELETE',
      path: '/me/accounts/lnk-a',
      as: 'person',
      actions: ['account.unlink'],
    },
    {
      operationId: 'removeSignInProvider',
      method: 'DELETE',
      path: '/sign-in-providers/cloud',
      as: 'person',
      actions: ['provider.remove'],
    },
  ];
}
