import { type Json, OcsError } from './envelope.ts';
import type { OcsRoute, UserCall } from './router.ts';

/** App passwords: made with the login password, taken back with themselves (api.md 2.2). */
export const credentialRoutes: readonly OcsRoute[] = [
  { method: 'GET', path: 'core/getapppassword', access: 'user', handle: createAppPassword },
  { method: 'DELETE', path: 'core/apppassword', access: 'user', handle: revokeAppPassword },
];

function createAppPassword({ cloud, exchange, user }: UserCall): Json {
  if (appPasswordOf(exchange) !== undefined)
    throw new OcsError(403, 'You cannot request an new apppassword with an apppassword');
  const name = exchange.header('user-agent') ?? 'unknown';
  const { secret, id } = cloud.accounts.createAppPassword(user.id, name);
  cloud.activity.record({
    userId: user.id,
    actorId: user.id,
    app: 'settings',
    type: 'security',
    subject: 'You created an app password for a session named "{token}"',
    files: {},
    others: { token: { type: 'highlight', id, name } },
    object: { type: 'app_token', id, name: '' },
    icon: '/apps/settings/img/personal.svg',
  });
  return { apppassword: secret };
}

function revokeAppPassword({ cloud, exchange }: UserCall): Json {
  const secret = appPasswordOf(exchange);
  if (secret === undefined) throw new OcsError(403, 'no app password in use');
  cloud.accounts.revoke(secret);
  return [];
}

function appPasswordOf({ identity }: UserCall['exchange']): string | undefined {
  return identity.kind === 'user' ? identity.appPassword : undefined;
}
