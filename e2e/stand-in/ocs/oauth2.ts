import type { Cloud } from '../cloud/cloud.ts';
import type { OAuthClient } from '../cloud/oauth-clients.ts';
import { escapeXml } from '../dav/xml.ts';
import { type Exchange, readFields } from '../wire/exchange.ts';
import { htmlReply, type Reply } from '../wire/reply.ts';
import { jsonReply } from './envelope.ts';

/** The built-in OAuth2 (api.md 2.2): the page on which a person says yes, and the token that the code is exchanged for. */
export async function handleOAuth(exchange: Exchange, cloud: Cloud, route: readonly string[]): Promise<Reply> {
  const path = route.join('/');
  if (path === 'api/v1/token' && exchange.method === 'POST') return token(exchange, cloud);
  if (path !== 'authorize') return htmlReply(404, '');
  const client = cloud.oauthClients.find(exchange.query.get('client_id') ?? '');
  if (client === undefined || exchange.query.get('response_type') !== 'code')
    return htmlReply(404, 'Your client is not authorized to connect. Please inform the administrator of your client.');
  return exchange.method === 'POST' ? decide(exchange, cloud, client) : grantPage(200, client, '');
}

async function decide(exchange: Exchange, cloud: Cloud, client: OAuthClient): Promise<Reply> {
  const fields = await readFields(exchange);
  const verdict = cloud.accounts.verify(fields.get('user') ?? '', fields.get('password') ?? '');
  if (verdict.kind !== 'ok') return grantPage(403, client, 'Wrong login or password.');
  const back = new URL(client.redirectUri);
  back.searchParams.set('state', exchange.query.get('state') ?? '');
  back.searchParams.set('code', cloud.oauthClients.grant(client.id, verdict.user.id));
  return htmlReply(303, '', { Location: back.href });
}

async function token(exchange: Exchange, cloud: Cloud): Promise<Reply> {
  const fields = await readFields(exchange);
  const [, basic = ''] = /^Basic (.+)$/.exec(exchange.header('authorization') ?? '') ?? [];
  const [basicId, basicSecret] = Buffer.from(basic, 'base64').toString().split(':').map(decodeURIComponent);
  const client = cloud.oauthClients.find(basicId || (fields.get('client_id') ?? ''));
  if (client === undefined || client.secret !== (basicSecret ?? fields.get('client_secret')))
    return jsonReply(400, { error: 'invalid_client' });
  if (fields.get('grant_type') !== 'authorization_code') return jsonReply(400, { error: 'invalid_grant' });
  const userId = cloud.oauthClients.take(fields.get('code') ?? '', client.id);
  if (userId === undefined) return jsonReply(400, { error: 'invalid_request' });
  const access = cloud.accounts.createAppPassword(userId, 'OAuth2').secret;
  const refresh = cloud.accounts.createAppPassword(userId, 'OAuth2 refresh').secret;
  return jsonReply(200, {
    access_token: access,
    token_type: 'Bearer',
    expires_in: 3600,
    refresh_token: refresh,
    user_id: userId,
  });
}

function grantPage(status: number, { redirectUri }: OAuthClient, complaint: string): Reply {
  const where = escapeXml(new URL(redirectUri).host);
  const html = `<!doctype html><html lang="en"><title>Connect to your account</title><main><h1>Connect to your account</h1>
<p>${where} wants access to your account.</p><p role="alert">${complaint}</p>
<form method="post"><p><label>Login <input name="user" autocomplete="username" required></label></p>
<p><label>Password <input name="password" type="password" autocomplete="current-password" required></label></p>
<p><button>Grant access</button></p></form></main></html>`;
  // The form leads on to the client, which browsers take for a part of where it goes.
  const policy = `default-src 'self'; form-action 'self' ${new URL(redirectUri).origin}; base-uri 'self';`;
  return htmlReply(status, html, { 'Content-Security-Policy': policy });
}
