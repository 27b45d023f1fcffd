/** How a route is declared: one object gives the path, what is validated, what is documented, and the types of its handler. */
import type { HttpBindings } from '@hono/node-server';
import { createRoute, OpenAPIHono, type RouteConfig } from '@hono/zod-openapi';
import type { ZodType } from 'zod';
import { fieldOf } from '../../api/fleet-rules.ts';
import { ErrorBody } from '../../api/schemas.ts';
import type { Places } from '../access/rights.ts';
import type { RequestAudit } from '../audit/request-audit.ts';
import type { Identity } from '../auth/auth.ts';
import { ProblemsError } from '../fleet/refusal.ts';
import { allow, bodyThere, type RouteAction } from './guards.ts';
import { unstorableIn } from './storable.ts';

/** What travels with a request. `Bindings` is absent in tests that call the app without a socket. */
export interface ApiEnv {
  Bindings: Partial<HttpBindings>;
  Variables: {
    requestId: string;
    identity: Identity | undefined;
    session: string | undefined;
    address: string;
    /** How a route changes anything: with the entries of the audit log in the same transaction. */
    audit: RequestAudit;
    /** Where whoever asks may do what the route does. */
    places: Places;
  };
}

export type ApiApp = OpenAPIHono<ApiEnv>;

/**
 * An app for one group of routes. What does not match a route's schema, or holds a text that cannot be stored, is refused with `api.invalid`, every
 * place named.
 */
export function createRoutes(): ApiApp {
  return new OpenAPIHono<ApiEnv>({
    defaultHook: (result) => {
      if (result.success) return refuseUnstorable(result.target, result.data);
      throw new ProblemsError(
        'api.invalid',
        result.error.issues.map(({ path, message }) => ({
          field: fieldOf(path.filter((step) => typeof step !== 'symbol')) || result.target,
          message,
        })),
      );
    },
  });
}

/** Everything that a request says passes here, so no route need think of what a database or a log cannot take. */
function refuseUnstorable(target: string, data: unknown): void {
  const found = unstorableIn(data);
  if (found === undefined) return;
  throw new ProblemsError('api.invalid', [{ field: fieldOf(found.path) || target, message: found.message }]);
}

const named = new Map<ZodType, ZodType>();

/** The schema under a name of its own in the OpenAPI document. */
export function component<S extends ZodType>(name: string, schema: S): S {
  const known = named.get(schema) ?? schema.meta({ id: name });
  named.set(schema, known);
  return known as S;
}

/** A JSON answer. */
export function json<S extends ZodType>(description: string, schema: S) {
  return { description, content: { 'application/json': { schema } } };
}

/** A JSON body that must be there. */
export function jsonBody<S extends ZodType>(schema: S) {
  return { required: true, content: { 'application/json': { schema } } };
}

const refusal = json('Refused: `error.code` says why', component('ErrorBody', ErrorBody));

/**
 * Declares a route. It says what it does, as an action of the table of roles: whoever may do that nowhere is refused before anything else is looked at,
 * and the handler finds in `places` where it may be done. The refusal that every route can answer with is added.
 */
export function route<
  const R extends Omit<RouteConfig, 'operationId' | 'summary'> & {
    operationId: string;
    summary: string;
    action: RouteAction;
  },
>({ action, ...config }: R) {
  return createRoute({
    ...config,
    'x-harp-action': action,
    ...(action === 'open' ? { security: [] } : {}),
    middleware: [allow(action), ...(config.request?.body?.required === true ? [bodyThere()] : [])],
    responses: { ...config.responses, default: refusal },
  } as unknown as R);
}
