/** Signing in and out, and the first administrator. */

import type { Context } from 'hono';
import { deleteCookie, setCookie } from 'hono/cookie';
import { LoginRequest, SessionInfo, SetupRequest } from '../../../api/schemas.ts';
import type { Auth } from '../../auth/auth.ts';
import { SESSION_MAX_MS } from '../../auth/sessions.ts';
import { SESSION_COOKIE } from '../guards.ts';
import { type ApiEnv, component, createRoutes, json, jsonBody, route } from '../route.ts';

const info = json('Who is signed in', component('SessionInfo', SessionInfo));

const read = route({
  method: 'get',
  path: '/session',
  operationId: 'readSession',
  summary: 'Who is signed in, and whether the first administrator has still to be made',
  security: [],
  responses: { 200: info },
});
const signIn = route({
  method: 'post',
  path: '/session',
  operationId: 'signIn',
  summary: 'Sign in; sets the session cookie',
  security: [],
  request: { body: jsonBody(component('LoginRequest', LoginRequest)) },
  responses: { 200: info },
});
const signOut = route({
  method: 'delete',
  path: '/session',
  operationId: 'signOut',
  summary: 'Sign out',
  security: [],
  responses: { 200: info },
});
const setUp = route({
  method: 'post',
  path: '/setup',
  operationId: 'setUp',
  summary: 'Make the first administrator with the code that the server printed, and sign in',
  security: [],
  request: { body: jsonBody(component('SetupRequest', SetupRequest)) },
  responses: { 200: info },
});

export function sessionRoutes(auth: Auth) {
  return createRoutes()
    .openapi(read, async (context) => {
      const identity = context.get('identity');
      const user =
        identity === undefined
          ? null
          : { name: identity.name, role: identity.kind === 'user' ? identity.role : 'api-key' };
      return context.json({ setupNeeded: await auth.setupNeeded(), user }, 200);
    })
    .openapi(signIn, async (context) => {
      const { name, password } = context.req.valid('json');
      const { session, user } = await auth.signIn(name, password, context.get('address'));
      giveCookie(context, session);
      return context.json({ setupNeeded: false, user: { name: user.name, role: user.role } }, 200);
    })
    .openapi(signOut, async (context) => {
      const session = context.get('session');
      if (session !== undefined) await auth.signOut(session);
      deleteCookie(context, SESSION_COOKIE, { path: '/' });
      return context.json({ setupNeeded: await auth.setupNeeded(), user: null }, 200);
    })
    .openapi(setUp, async (context) => {
      const { session, user } = await auth.setUp(context.req.valid('json'), context.get('address'));
      giveCookie(context, session);
      return context.json({ setupNeeded: false, user: { name: user.name, role: user.role } }, 200);
    });
}

/** `Secure` only where the browser came over TLS: it would drop the cookie otherwise. */
function giveCookie(context: Context<ApiEnv>, session: string): void {
  setCookie(context, SESSION_COOKIE, session, {
    path: '/',
    httpOnly: true,
    sameSite: 'Strict',
    secure: context.req.header('origin')?.startsWith('https:') ?? false,
    maxAge: SESSION_MAX_MS / 1000,
  });
}
