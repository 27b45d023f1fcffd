/** What every request passes before its route: a number, headers, a size limit, who is asking, and whether a browser was tricked into asking. */
import { HarpError, toHex } from '@harp/broker/protocol';
import type { MiddlewareHandler } from 'hono';
import { getCookie } from 'hono/cookie';
import { type Action, organisationWide, rolesThatMay } from '../../api/access-rules.ts';
import { may, NOWHERE, placesOf } from '../access/rights.ts';
import type { Auth, Identity } from '../auth/auth.ts';
import type { LiveHub } from '../live/hub.ts';
import { clientAddress } from './client-address.ts';
import type { ApiPorts } from './ports.ts';
import type { ApiEnv } from './route.ts';

/** The session cookie. No `__Host-` prefix: that would demand TLS, and the console is often reached in the LAN without. */
export const SESSION_COOKIE = 'harp_session';

/** A fleet of ten thousand offices is 0.7 MB. */
const MAX_BODY_BYTES = 1024 * 1024;

type Guard = MiddlewareHandler<ApiEnv>;

/** Gives the request its number and its address, and the answer its headers. Answers are data, so nothing in them may run or be kept. */
export function marks({ randomBytes, trustedProxies }: Pick<ApiPorts, 'randomBytes' | 'trustedProxies'>): Guard {
  return async (context, next) => {
    const requestId = toHex(randomBytes(8));
    context.set('requestId', requestId);
    const peer = context.env?.incoming?.socket.remoteAddress;
    context.set('address', clientAddress(peer, context.req.header('x-forwarded-for'), trustedProxies));
    await next();
    const headers = context.res.headers;
    headers.set('X-Request-Id', requestId);
    headers.set('X-Content-Type-Options', 'nosniff');
    headers.set('X-Frame-Options', 'DENY');
    headers.set('Referrer-Policy', 'no-referrer');
    headers.set('Cross-Origin-Resource-Policy', 'same-origin');
    headers.set('Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'");
    if (!headers.has('Cache-Control')) headers.set('Cache-Control', 'no-store');
  };
}

/**
 * Refuses a body above 1 MiB before it is read. Bodies must say their length, as every client does that sends one whole: HTTP/1.1 then bounds what
 * can follow, and a request with neither header has no body. (Hono's own limit rebuilds requests, which needs its Request to replace the global one.)
 */
export function sizeLimit(): Guard {
  return async (context, next) => {
    if (context.req.header('transfer-encoding') !== undefined)
      throw new HarpError('api.invalid', 'a request body must be sent with Content-Length, not in chunks');
    if (Number(context.req.header('content-length') ?? 0) > MAX_BODY_BYTES)
      throw new HarpError('protocol.too_large', 'a request body may have 1 MiB at most');
    await next();
  };
}

/**
 * A page of another site can make a browser send requests here, cookie included where SameSite does not stop it. So whatever changes something
 * must come from a page of this server, or from a program that shows an API key, which no browser adds by itself.
 */
export function sameOrigin(): Guard {
  return async (context, next) => {
    const { method } = context.req;
    if (method !== 'GET' && method !== 'HEAD' && context.req.header('authorization') === undefined) {
      const origin = context.req.header('origin');
      const host = context.req.header('host') ?? new URL(context.req.url).host;
      if (origin !== undefined && hostOf(origin) !== host)
        throw new HarpError(
          'api.forbidden',
          `the request comes from ${origin}, not from a page of this server (${host}); a proxy in front must pass the Host header on`,
        );
      // Programs without a cookie (sign-in from a script) send no Origin; browsers always do when they change something.
      if (origin === undefined && getCookie(context, SESSION_COOKIE) !== undefined)
        throw new HarpError(
          'api.forbidden',
          'a request with a session cookie that changes something needs an Origin header',
        );
    }
    await next();
  };
}

/** Refuses a request without the body that its route needs, which is otherwise taken for an empty one. */
export function bodyThere(): Guard {
  return async (context, next) => {
    if (context.req.header('content-type') === undefined)
      throw new HarpError('api.invalid', 'this needs a body that says what it is: Content-Type: application/json');
    await next();
  };
}

/** Finds out who is asking and refuses nobodies, but for the paths in `open`. */
export function signedIn(auth: Auth, open: ReadonlySet<string>): Guard {
  return async (context, next) => {
    const session = getCookie(context, SESSION_COOKIE);
    context.set('session', session);
    const identity = await auth.identify({
      session,
      authorization: context.req.header('authorization'),
      address: context.get('address'),
    });
    context.set('identity', identity);
    if (identity === undefined && !open.has(context.req.path))
      throw new HarpError('api.unauthorised', 'sign in first, or send an API key: Authorization: Bearer KEY');
    await next();
  };
}

/** What a route does. `open`: anybody may, signed in or not; `signed-in`: whoever is signed in, of what is their own or of no consequence. */
export type RouteAction = Action | 'open' | 'signed-in';

/** Refuses whoever may not do this anywhere, and says where it may be done. Routes have it from `route()`. */
export function allow(action: RouteAction): Guard {
  return async (context, next) => {
    const identity = context.get('identity');
    if (action === 'open' || action === 'signed-in') context.set('places', NOWHERE);
    else {
      if (!may(identity, action)) throw forbidden(action);
      context.set('places', placesOf(identity, action));
    }
    await next();
  };
}

/** Not allowed, and who is. */
export function forbidden(action: Action): HarpError {
  const named = rolesThatMay[action].join(' or ');
  const where = organisationWide.has(action) ? ' in the whole organisation' : '';
  return new HarpError('api.forbidden', `this needs the role ${named}${where}; ask somebody who has it`, {
    facts: { action },
  });
}

/** Whoever asks, as a person. @throws {HarpError} `api.forbidden` for a program: it has no layout, no sessions and no keys of its own */
export function personOf(identity: Identity | undefined): Extract<Identity, { kind: 'user' }> {
  if (identity?.kind === 'user') return identity;
  throw new HarpError('api.forbidden', 'only people who are signed in have this, API keys do not');
}

/** Says in every answer where the live stream was before it: a stream that begins there misses nothing of what changed since. */
export function liveMark(hub: Pick<LiveHub, 'lastId'>): Guard {
  return async (context, next) => {
    const { lastId } = hub;
    await next();
    context.res.headers.set('X-Harp-Live', lastId);
  };
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}
