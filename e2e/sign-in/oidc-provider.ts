/**
 * An OpenID Connect provider for tests: discovery, a page on which a person chooses who they are, tokens signed with ES256, a key set, user information.
 * It checks what a real one checks of its client, and tells on demand every lie that a broken or hostile one may tell.
 */
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface OidcUser {
  subject: string;
  name: string;
  email?: string;
  groups?: readonly string[];
}

/** What it does otherwise than a good one; changed while it runs. */
export interface OidcLies {
  /** Members of the ID token in the place of the right ones. */
  claims?: Record<string, unknown>;
  /** Signs with a key that is not in its set. */
  foreignKey?: boolean;
  /** `alg: none`, and no signature. */
  unsigned?: boolean;
  /** The issuer it names when it sends people back (RFC 9207). */
  returnIssuer?: string;
  /** Members of its discovery document in the place of the right ones. */
  metadata?: Record<string, unknown>;
  /** Does not answer at all at this path. */
  hangsAt?: string;
  /** Answers with this at the path, whatever is asked. */
  answerAt?: { path: string; status: number; body: string; headers?: Record<string, string> };
  /** Groups are told by the user information only. */
  groupsApart?: boolean;
}

export interface OidcProvider extends AsyncDisposable {
  readonly url: string;
  readonly clientId: string;
  readonly clientSecret: string;
  lies: OidcLies;
  /** Paths that were asked for. */
  readonly asked: string[];
  /** Allows people to be sent back to this address. */
  register(address: string): void;
  /** What a browser does on the page: chooses a user, or cancels. The address it is sent back to. */
  choose(address: string, subject: string | undefined): Promise<URL>;
}

interface Code {
  subject: string;
  nonce: string | undefined;
  challenge: string;
  redirect: string;
}

const base64Url = (bytes: Uint8Array | string) => Buffer.from(bytes).toString('base64url');

/** Starts one on loopback, without TLS. */
export async function startOidcProvider(users: readonly OidcUser[]): Promise<OidcProvider> {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const foreign = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const clientId = 'harp';
  const clientSecret = randomBytes(24).toString('base64url');
  const returns = new Set<string>();
  const codes = new Map<string, Code>();
  const tokens = new Map<string, string>();
  const provider = { lies: {} as OidcLies, asked: [] as string[] };
  let url = '';

  const userOf = (subject: string) => users.find((user) => user.subject === subject);
  const claimsOf = ({ subject, name, email, groups = [] }: OidcUser, withGroups: boolean) => ({
    sub: subject,
    name,
    ...(email === undefined ? {} : { email, email_verified: false }),
    ...(withGroups ? { groups } : {}),
  });

  const idToken = ({ subject, nonce }: Code): string => {
    const { claims, foreignKey, unsigned, groupsApart } = provider.lies;
    const nowSeconds = Math.floor(Date.now() / 1000);
    const payload = {
      iss: url,
      aud: clientId,
      iat: nowSeconds,
      exp: nowSeconds + 300,
      ...(nonce === undefined ? {} : { nonce }),
      ...claimsOf(userOf(subject)!, groupsApart !== true),
      ...claims,
    };
    const header = unsigned === true ? { alg: 'none' } : { alg: 'ES256', kid: 'one' };
    const body = `${base64Url(JSON.stringify(header))}.${base64Url(JSON.stringify(payload))}`;
    return `${body}.${unsigned === true ? '' : signed(body, foreignKey === true ? foreign : privateKey)}`;
  };

  const token = async (request: IncomingMessage): Promise<[number, unknown]> => {
    const fields = new URLSearchParams(await textOf(request));
    const [, basic = ''] = /^Basic (.+)$/.exec(request.headers.authorization ?? '') ?? [];
    const [id, secret] = Buffer.from(basic, 'base64').toString().split(':').map(decodeURIComponent);
    const isClient =
      (id === clientId && secret === clientSecret) ||
      (fields.get('client_id') === clientId && fields.get('client_secret') === clientSecret);
    if (!isClient) return [401, { error: 'invalid_client' }];
    const given = fields.get('code') ?? '';
    const code = codes.get(given);
    codes.delete(given);
    const verifier = fields.get('code_verifier') ?? '';
    const isProved = code?.challenge === base64Url(createHash('sha256').update(verifier).digest());
    if (code === undefined || !isProved || fields.get('redirect_uri') !== code.redirect)
      return [400, { error: 'invalid_grant' }];
    const accessToken = randomBytes(16).toString('hex');
    tokens.set(accessToken, code.subject);
    return [200, { access_token: accessToken, token_type: 'Bearer', expires_in: 300, id_token: idToken(code) }];
  };

  const authorize = async (request: IncomingMessage, response: ServerResponse, query: URLSearchParams) => {
    const redirect = query.get('redirect_uri') ?? '';
    const challenge = query.get('code_challenge') ?? '';
    const isSound =
      query.get('client_id') === clientId &&
      query.get('response_type') === 'code' &&
      query.get('code_challenge_method') === 'S256' &&
      challenge !== '' &&
      (query.get('scope') ?? '').split(' ').includes('openid') &&
      returns.has(redirect);
    // Never sent back to an address that nobody registered.
    if (!isSound) return send(response, 400, 'text/plain', 'the request is not right');
    if (request.method === 'GET') return send(response, 200, 'text/html; charset=utf-8', page(users));
    const subject = new URLSearchParams(await textOf(request)).get('user') ?? '';
    const back = new URL(redirect);
    back.searchParams.set('state', query.get('state') ?? '');
    back.searchParams.set('iss', provider.lies.returnIssuer ?? url);
    if (userOf(subject) === undefined) back.searchParams.set('error', 'access_denied');
    else {
      const code = randomBytes(16).toString('hex');
      codes.set(code, { subject, nonce: query.get('nonce') ?? undefined, challenge, redirect });
      back.searchParams.set('code', code);
    }
    response.writeHead(303, { location: back.href }).end();
  };

  const metadata = () => ({
    issuer: url,
    authorization_endpoint: `${url}/authorize`,
    token_endpoint: `${url}/token`,
    jwks_uri: `${url}/keys`,
    userinfo_endpoint: `${url}/user`,
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['ES256'],
    authorization_response_iss_parameter_supported: true,
    ...provider.lies.metadata,
  });

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname, searchParams } = new URL(request.url ?? '/', url);
    provider.asked.push(pathname);
    const { hangsAt, answerAt } = provider.lies;
    if (hangsAt === pathname) return;
    if (answerAt?.path === pathname) {
      response.writeHead(answerAt.status, { 'content-type': 'application/json', ...answerAt.headers });
      response.end(answerAt.body);
      return;
    }
    switch (pathname) {
      case '/.well-known/openid-configuration':
        return sendJson(response, 200, metadata());
      case '/keys':
        return sendJson(response, 200, {
          keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'one', use: 'sig', alg: 'ES256' }],
        });
      case '/authorize':
        return authorize(request, response, searchParams);
      case '/token':
        return sendJson(response, ...(await token(request)));
      case '/user': {
        const subject = tokens.get((request.headers.authorization ?? '').replace('Bearer ', ''));
        const user = userOf(subject ?? '');
        return user === undefined ? sendJson(response, 401, {}) : sendJson(response, 200, claimsOf(user, true));
      }
      default:
        return sendJson(response, 404, {});
    }
  };

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => send(response, 500, 'text/plain', String(error)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return Object.assign(provider, {
    url,
    clientId,
    clientSecret,
    register: (address: string) => void returns.add(address),
    async choose(address: string, subject: string | undefined) {
      const body = new URLSearchParams(subject === undefined ? {} : { user: subject });
      const answered = await fetch(address, { method: 'POST', body, redirect: 'manual' });
      const location = answered.headers.get('location');
      if (location === null) throw new Error(`the provider answered ${answered.status}: ${await answered.text()}`);
      return new URL(location);
    },
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  });
}

function signed(body: string, key: KeyObject): string {
  return base64Url(sign('sha256', Buffer.from(body), { key, dsaEncoding: 'ieee-p1363' }));
}

function page(users: readonly OidcUser[]): string {
  const buttons = users.map(({ subject, name }) => `<p><button name="user" value="${subject}">${name}</button></p>`);
  return `<!doctype html><html lang="en"><title>Sign in</title><main><h1>Who are you?</h1><form method="post">${buttons.join('')}<p><button name="user" value="">Cancel</button></p></form></main></html>`;
}

async function textOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
  return Buffer.concat(parts).toString();
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'content-type': type }).end(body);
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  send(response, status, 'application/json', JSON.stringify(body));
}
