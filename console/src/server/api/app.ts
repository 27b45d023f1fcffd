/**
 * The REST API: everything under /api/v1. Routes parse, call a query or a service, and answer; they hold no rules of their own. The OpenAPI
 * document is made from the schemas that validate the requests, so the two cannot differ.
 */
import { errorCodes } from '@harp/broker/protocol';
import { audited } from '../audit/request-audit.ts';
import { answerError, errorBody } from './errors.ts';
import { liveMark, marks, SESSION_COOKIE, sameOrigin, signedIn, sizeLimit } from './guards.ts';
import type { ApiPorts } from './ports.ts';
import { deliveredLastDay } from './queries/offices.ts';
import { type ApiApp, createRoutes } from './route.ts';
import { accountRoutes } from './routes/account.ts';
import { activityRoutes } from './routes/activity.ts';
import { agentRoutes } from './routes/agents.ts';
import { auditRoutes } from './routes/audit.ts';
import { chartRoutes } from './routes/charts.ts';
import { contentRoutes } from './routes/content.ts';
import { enrolmentRoutes } from './routes/enrolments.ts';
import { fleetRoutes } from './routes/fleet.ts';
import { folderRoutes } from './routes/folders.ts';
import { jobRoutes } from './routes/jobs.ts';
import { logRoutes } from './routes/logs.ts';
import { nextcloudRoutes } from './routes/nextclouds.ts';
import { officeRoutes } from './routes/offices.ts';
import { passkeyRoutes } from './routes/passkeys.ts';
import { peopleRoutes } from './routes/people.ts';
import { providerSignInRoutes } from './routes/provider-sign-in.ts';
import { providerRoutes } from './routes/providers.ts';
import { ruleRoutes } from './routes/rules.ts';
import { searchRoutes } from './routes/search.ts';
import { sessionRoutes } from './routes/session.ts';
import { statusRoutes } from './routes/status.ts';
import { storedRoutes } from './routes/stored.ts';
import { streamRoutes } from './routes/stream.ts';
import { tokenRoutes } from './routes/tokens.ts';
import { twoFactorRoutes } from './routes/two-factor.ts';
import { thrifty } from './thrifty.ts';

/** Where everything of the API begins. */
export const API_BASE = '/api/v1';

/** What may be asked without signing in. */
const openPaths = new Set(
  [
    '/session',
    '/session/passkey',
    '/session/passkey/options',
    '/session/provider',
    '/session/provider/finish',
    '/session/ways',
    '/setup',
    '/invitation',
    '/health',
    '/openapi.json',
  ].map((path) => API_BASE + path),
);

/** The API as a fetch handler. */
export function createApi(ports: ApiPorts): ApiApp {
  const app = createRoutes().basePath(API_BASE);
  app.onError((error, context) => answerError(error, context, ports.logger));
  app.notFound((context) =>
    context.json(
      errorBody(
        'api.not_found',
        `there is no ${context.req.method} ${context.req.path}`,
        context.get('requestId') ?? '',
      ),
      errorCodes['api.not_found'].status,
    ),
  );
  const lastDay = thrifty(() => deliveredLastDay(ports.database, ports.clock.nowMs()), ports.clock);
  app.use(
    '*',
    marks(ports),
    liveMark(ports.hub),
    sameOrigin(),
    signedIn(ports.auth, openPaths),
    sizeLimit(),
    // What a person keeps for the pages' sake (layout, keys) changes with every click and concerns nobody else.
    audited(ports.audit.trail, (path) => path.startsWith(`${API_BASE}/me/state/`), ports.logger),
  );
  app
    .route('/', sessionRoutes(ports.auth))
    .route('/', statusRoutes(ports, lastDay))
    .route('/', accountRoutes(ports))
    .route('/', twoFactorRoutes(ports))
    .route('/', passkeyRoutes(ports))
    .route('/', providerSignInRoutes(ports))
    .route('/', providerRoutes(ports))
    .route('/', peopleRoutes(ports))
    .route('/', fleetRoutes(ports))
    .route('/', officeRoutes(ports, lastDay))
    .route('/', agentRoutes(ports))
    .route('/', auditRoutes(ports))
    .route('/', nextcloudRoutes(ports))
    .route('/', folderRoutes(ports))
    .route('/', contentRoutes(ports))
    .route('/', activityRoutes(ports))
    .route('/', chartRoutes(ports))
    .route('/', searchRoutes(ports))
    .route('/', storedRoutes(ports))
    .route('/', jobRoutes(ports))
    .route('/', logRoutes(ports))
    .route('/', tokenRoutes(ports))
    .route('/', enrolmentRoutes(ports))
    .route('/', ruleRoutes(ports))
    .route('/', streamRoutes(ports));
  describeSecurity(app);
  app.get('/openapi.json', (context) => context.json(openApiDocument(app, ports.version)));
  return app;
}

/** The API's description, OpenAPI 3.1. */
export function openApiDocument(app: ApiApp, version: string) {
  return app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Harp',
      version,
      description: 'Instants are UTC epoch milliseconds, sizes are bytes. Every refusal is an ErrorBody.',
    },
    servers: [{ url: '/' }],
    security: [{ session: [] }, { apiKey: [] }],
  });
}

function describeSecurity(app: ApiApp): void {
  app.openAPIRegistry.registerComponent('securitySchemes', 'session', {
    type: 'apiKey',
    in: 'cookie',
    name: SESSION_COOKIE,
    description: 'For browsers. What changes something must carry the Origin of the server itself.',
  });
  app.openAPIRegistry.registerComponent('securitySchemes', 'apiKey', {
    type: 'http',
    scheme: 'bearer',
    description: 'For programs. `cli.json` in the data folder holds one.',
  });
}
