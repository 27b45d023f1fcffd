import type { OutgoingHttpHeaders } from 'node:http';
import type { User } from '../cloud/accounts.ts';
import type { Cloud } from '../cloud/cloud.ts';
import { type Exchange, readFields } from '../wire/exchange.ts';
import { noCacheHeaders, type Reply } from '../wire/reply.ts';
import { appHeaders, type Json, jsonReply, OcsError, ocsFailure, ocsSuccess, refusedCredentials } from './envelope.ts';

/** What a handler gets. `params` are the `{placeholders}` of its path; `fields` are query and body together. */
export interface OcsCall {
  readonly exchange: Exchange;
  readonly cloud: Cloud;
  readonly params: Readonly<Record<string, string>>;
  readonly fields: URLSearchParams;
}

/** A call by someone who is logged in. */
export interface UserCall extends OcsCall {
  readonly user: User;
}

/** Answer with extra headers. `notModified` sends 304 and no body. */
export interface OcsResult {
  readonly data: Json;
  readonly headers: OutgoingHttpHeaders;
  readonly notModified?: boolean;
}

/** One line of the route table. `access` says who may call; everyone but the public also needs `OCS-APIRequest: true`. */
export type OcsRoute = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Below `ocs/v2.php/`, such as `cloud/users/{id}`. */
  readonly path: string;
} & (
  | { readonly access: 'public'; readonly handle: (call: OcsCall) => Json | OcsResult }
  | { readonly access: 'user' | 'admin'; readonly handle: (call: UserCall) => Json | OcsResult }
);

const invalidQuery =
  'Invalid query, please check the syntax. API specifications are here: http://www.freedesktop.org/wiki/Specifications/open-collaboration-services.\n';

/** Finds the route of a request, checks who calls, and wraps what the handler says. */
export async function routeOcs(
  exchange: Exchange,
  cloud: Cloud,
  routes: readonly OcsRoute[],
  version: 1 | 2,
  path: readonly string[],
): Promise<Reply> {
  if (exchange.identity.kind === 'rejected') return refusedCredentials();
  const match = findRoute(routes, exchange.method, path);
  try {
    if (match === undefined) return ocsFailure(exchange, version, new OcsError(404, invalidQuery), noCacheHeaders);
    const result = await call(exchange, cloud, match.route, match.params);
    return isResult(result) ? withHeaders(exchange, version, result) : ocsSuccess(exchange, version, result);
  } catch (error) {
    if (error instanceof CsrfError) return jsonReply(412, { message: 'CSRF check failed' });
    if (error instanceof OcsError) return ocsFailure(exchange, version, error);
    throw error;
  }
}

class CsrfError extends Error {}

async function call(
  exchange: Exchange,
  cloud: Cloud,
  route: OcsRoute,
  params: Record<string, string>,
): Promise<Json | OcsResult> {
  const user = route.access === 'public' ? undefined : authorised(exchange, cloud, route.access);
  const fields = new URLSearchParams(exchange.query);
  for (const [name, value] of await readFields(exchange)) fields.set(name, value);
  const base = { exchange, cloud, params, fields };
  if (route.access === 'public') return route.handle(base);
  if (user === undefined) throw new Error('a route for users was reached without one');
  return route.handle({ ...base, user });
}

function authorised(exchange: Exchange, cloud: Cloud, access: 'user' | 'admin'): User {
  const { identity } = exchange;
  if (identity.kind !== 'user') throw new OcsError(401, 'Current user is not logged in', 997);
  if (exchange.header('ocs-apirequest') !== 'true') throw new CsrfError();
  if (access === 'admin' && !cloud.accounts.isAdmin(identity.user.id)) {
    throw new OcsError(403, 'Logged in user must be at least a sub admin');
  }
  return identity.user;
}

function findRoute(routes: readonly OcsRoute[], method: string, path: readonly string[]) {
  for (const route of routes) {
    const params = route.method === method ? paramsIn(route.path.split('/'), path) : undefined;
    if (params !== undefined) return { route, params };
  }
  return undefined;
}

function paramsIn(pattern: readonly string[], path: readonly string[]): Record<string, string> | undefined {
  if (pattern.length !== path.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, part] of pattern.entries()) {
    const segment = path[index] ?? '';
    if (part.startsWith('{')) params[part.slice(1, -1)] = segment;
    else if (part !== segment) return undefined;
  }
  return params;
}

function isResult(result: Json | OcsResult): result is OcsResult {
  return typeof result === 'object' && result !== null && 'headers' in result && 'data' in result;
}

function withHeaders(exchange: Exchange, version: 1 | 2, result: OcsResult): Reply {
  if (result.notModified) return { status: 304, headers: { ...appHeaders, ...result.headers } };
  return ocsSuccess(exchange, version, result.data, result.headers);
}

/** A parameter that the path pattern promises. */
export function param(call: OcsCall, name: string): string {
  const value = call.params[name];
  if (value === undefined) throw new Error(`the route has no {${name}}`);
  return value;
}
