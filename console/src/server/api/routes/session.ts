/** Signing in and out, and the first administrator. */

import type { Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import { actions } from '../../../api/access-rules.ts';
import { InvitationAnswer, LoginRequest, SessionInfo, SetupRequest } from '../../../api/schemas.ts';
import { may } from '../../access/rights.ts';
import { actorOf } from '../../audit/request-audit.ts';
import type { Auth, Identity, SignedIn } from '../../auth/auth.ts';
import { DEVICE_MS } from '../../auth/devices.ts';
import { PENDING_MS } from '../../auth/pending.ts';
import { SESSION_MAX_MS, type Visitor } from '../../auth/sessions.ts';
import { SESSION_COOKIE } from '../guards.ts';
import { type ApiEnv, component, createRoutes, json, jsonBody, route } from '../route.ts';

const info = json('Who is signed in', component('SessionInfo', SessionInfo));

const read = route({
  method: 'get',
  path: '/session',
  operationId: 'readSession',
  action: 'open',
  summary: 'Who is signed in, and whether the first administrator has still to be made',
  responses: { 200: info },
});
const signIn = route({
  method: 'post',
  path: '/session',
  operationId: 'signIn',
  action: 'open',
  summary: 'Sign in; sets the session cookie',
  request: { body: jsonBody(component('LoginRequest', LoginRequest)) },
  responses: { 200: info },
});
const signOut = route({
  method: 'delete',
  path: '/session',
  operationId: 'signOut',
  action: 'open',
  summary: 'Sign out',
  responses: { 200: info },
});
const setUp = route({
  method: 'post',
  path: '/setup',
  operationId: 'setUp',
  action: 'open',
  summary: 'Make the first administrator with the code that the server printed, and sign in',
  request: { body: jsonBody(component('SetupRequest', SetupRequest)) },
  responses: { 200: info },
});

const accept = route({
  method: 'post',
  path: '/invitation',
  operationId: 'acceptInvitation',
  action: 'open',
  summary: 'Choose the password that an invitation is for, and sign in',
  request: { body: jsonBody(component('InvitationAnswer', InvitationAnswer)) },
  responses: { 200: info },
});

export function sessionRoutes(auth: Auth) {
  return createRoutes()
    .openapi(read, async (context) => {
      const identity = context.get('identity');
      const user = identity === undefined ? null : shownUser(identity);
      return context.json({ setupNeeded: await auth.setupNeeded(), user }, 200);
    })
    .openapi(signIn, async (context) => {
      const signedIn = await auth.signIn(context.req.valid('json'), visitorOf(context), context.get('audit'));
      return context.json(await enter(context, auth, signedIn), 200);
    })
    .openapi(signOut, async (context) => {
      const session = context.get('session');
      const identity = context.get('identity');
      if (identity?.kind === 'user') await context.get('audit').note(sessionChange('session.end', identity));
      else context.get('audit').nothing();
      if (session !== undefined) await auth.signOut(session);
      deleteCookie(context, SESSION_COOKIE, { path: '/' });
      return context.json({ setupNeeded: await auth.setupNeeded(), user: null }, 200);
    })
    .openapi(accept, async (context) => {
      const signedIn = await auth.acceptInvitation(context.req.valid('json'), visitorOf(context), context.get('audit'));
      await leaveOld(context, auth);
      giveCookies(context, signedIn);
      return context.json({ setupNeeded: false, user: shownUser({ kind: 'user', ...signedIn.user }) }, 200);
    })
    .openapi(setUp, async (context) => {
      const signedIn = await auth.setUp(context.req.valid('json'), visitorOf(context), context.get('audit'));
      await leaveOld(context, auth);
      giveCookies(context, signedIn);
      return context.json({ setupNeeded: false, user: shownUser({ kind: 'user', ...signedIn.user }) }, 200);
    });
}

/** Sessions are named by whose they are: their own ids are secrets. */
function sessionChange(action: 'session.begin' | 'session.end', { id, name }: { id: string; name: string }) {
  return { action, object: { kind: 'user', id, name } } as const;
}

/** What the pages are told of whoever asks: enough to hide what would be refused. */
function shownUser(identity: Identity): NonNullable<SessionInfo['user']> {
  const allowed = actions.filter((action) => may(identity, action));
  return {
    name: identity.name,
    role: identity.kind === 'user' ? (identity.role ?? 'none') : 'api-key',
    may: allowed,
    everywhere: allowed.every((action) => may(identity, action, 'everywhere')),
  };
}

/** Lets the browser of somebody in who has shown who they are. `by`: how, where it was not a password. */
export async function enter(
  context: Context<ApiEnv>,
  auth: Auth,
  signedIn: SignedIn,
  by?: Readonly<Record<string, string>>,
): Promise<SessionInfo> {
  const { user } = signedIn;
  const change = { ...sessionChange('session.begin', user), ...(by === undefined ? {} : { after: by }) };
  // Before the cookie is given: nobody is signed in of whom the log does not know.
  await context.get('audit').note(change, actorOf({ kind: 'user', ...user }));
  await leaveOld(context, auth);
  giveCookies(context, signedIn);
  return { setupNeeded: false, user: shownUser({ kind: 'user', ...user }) };
}

/** Where a request comes from. */
export function visitorOf(context: Context<ApiEnv>): Visitor {
  const device = getCookie(context, DEVICE_COOKIE);
  return { address: context.get('address'), userAgent: context.req.header('user-agent') ?? '', device };
}

/** Whoever signs in gets a session of their own, and the one that the browser had before ends: nobody can have put it there to share it. */
async function leaveOld(context: Context<ApiEnv>, auth: Auth): Promise<void> {
  const session = context.get('session');
  if (session !== undefined) await auth.signOut(session);
}

/** Known at the next sign-in; opens nothing. */
const DEVICE_COOKIE = 'harp_device';
/** Knows a browser again that has begun to sign in another way. */
const BEGUN_COOKIE = 'harp_begun';
const BEGUN_PATH = '/api/v1/session';

/** `Secure` only where the browser came over TLS: it would drop the cookie otherwise. */
function cookieOf(context: Context<ApiEnv>, path: string, lastsMs: number) {
  const secure = context.req.header('origin')?.startsWith('https:') ?? false;
  return { path, httpOnly: true, sameSite: 'Strict', secure, maxAge: lastsMs / 1000 } as const;
}

/** Gives the browser its session. */
export function giveCookies(context: Context<ApiEnv>, { session, device }: Pick<SignedIn, 'session' | 'device'>): void {
  setCookie(context, SESSION_COOKIE, session, cookieOf(context, '/', SESSION_MAX_MS));
  setCookie(context, DEVICE_COOKIE, device, cookieOf(context, '/', DEVICE_MS));
}

/** Gives the browser the secret of what it has begun. */
export function giveBegun(context: Context<ApiEnv>, secret: string): void {
  setCookie(context, BEGUN_COOKIE, secret, cookieOf(context, BEGUN_PATH, PENDING_MS));
}

/** The secret of what the browser has begun, which ends with this. */
export function takeBegun(context: Context<ApiEnv>): string | undefined {
  const secret = getCookie(context, BEGUN_COOKIE);
  if (secret !== undefined) deleteCookie(context, BEGUN_COOKIE, { path: BEGUN_PATH });
  return secret;
}
