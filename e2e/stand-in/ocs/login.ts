import type { Cloud } from '../cloud/cloud.ts';
import { escapeXml } from '../dav/xml.ts';
import { type Exchange, readFields } from '../wire/exchange.ts';
import { htmlReply, type Reply } from '../wire/reply.ts';
import { jsonReply } from './envelope.ts';

/** Login Flow v2 (api.md 2.1): start, poll, and the page on which a person grants access. */
export async function handleLogin(exchange: Exchange, cloud: Cloud, route: readonly string[]): Promise<Reply> {
  const [action, flowToken] = route;
  if (action === undefined && exchange.method === 'POST') return start(exchange, cloud);
  if (action === 'poll' && exchange.method === 'POST') return poll(exchange, cloud);
  const client = action === 'flow' && flowToken !== undefined ? cloud.logins.clientOf(flowToken) : undefined;
  if (flowToken === undefined || client === undefined) return htmlReply(404, 'This login link is not valid any more.');
  return exchange.method === 'POST'
    ? decide(exchange, cloud, flowToken, client)
    : htmlReply(200, grantPage(client, ''));
}

/** Finishes a flow for a user: makes the app password that the next poll hands out. Returns false for an unknown flow. */
export function grantLogin(cloud: Cloud, flowToken: string, userId: string): boolean {
  const client = cloud.logins.clientOf(flowToken);
  if (client === undefined) return false;
  return cloud.logins.grant(flowToken, {
    loginName: userId,
    appPassword: cloud.accounts.createAppPassword(userId, client).secret,
  });
}

function start(exchange: Exchange, cloud: Cloud): Reply {
  const { pollToken, flowToken } = cloud.logins.start(exchange.header('user-agent') ?? 'unknown');
  const base = `${exchange.baseUrl}/login/v2`;
  return jsonReply(200, { poll: { token: pollToken, endpoint: `${base}/poll` }, login: `${base}/flow/${flowToken}` });
}

async function poll(exchange: Exchange, cloud: Cloud): Promise<Reply> {
  const grant = cloud.logins.poll((await readFields(exchange)).get('token') ?? '');
  return grant === undefined ? jsonReply(404, []) : jsonReply(200, { server: exchange.baseUrl, ...grant });
}

async function decide(exchange: Exchange, cloud: Cloud, flowToken: string, client: string): Promise<Reply> {
  const fields = await readFields(exchange);
  const verdict = cloud.accounts.verify(fields.get('user') ?? '', fields.get('password') ?? '');
  if (verdict.kind !== 'ok') return htmlReply(403, grantPage(client, 'Wrong login or password.'));
  grantLogin(cloud, flowToken, verdict.user.id);
  return htmlReply(200, page('<p>Account connected. You can close this window.</p>'));
}

function grantPage(client: string, complaint: string): string {
  return page(`<p>${escapeXml(client)} wants access to your account.</p><p role="alert">${complaint}</p>
<form method="post"><label>Login <input name="user" autocomplete="username" required></label>
<label>Password <input name="password" type="password" autocomplete="current-password" required></label>
<button>Grant access</button></form>`);
}

function page(body: string): string {
  const style = 'body{font:16px sans-serif;max-width:24rem;margin:4rem auto}label,button{display:block;margin:1rem 0}';
  return `<!doctype html><html lang="en"><title>Connect to your account</title><style>${style}</style><h1>Connect to your account</h1>${body}</html>`;
}
