/** What the workbench keeps at the server: each person's own state, and settings for all. */
import { z } from 'zod';
import {
  ServerSettings,
  ServerSettingsChange,
  UserState,
  UserStateChange,
  UserStateKey,
} from '../../../api/schemas.ts';
import { personOf } from '../guards.ts';
import type { ApiPorts } from '../ports.ts';
import { readServerSettings, readUserState, writeServerSettings, writeUserState } from '../queries/stored.ts';
import { component, createRoutes, json, jsonBody, route } from '../route.ts';

const byKey = z.object({ key: UserStateKey });
const userState = json('What is stored', component('UserState', UserState));
const serverSettings = json('The settings', component('ServerSettings', ServerSettings));

const readState = route({
  method: 'get',
  path: '/me/state/{key}',
  operationId: 'readUserState',
  action: 'signed-in',
  summary: 'What is stored for whoever is signed in',
  request: { params: byKey },
  responses: { 200: userState },
});
const writeState = route({
  method: 'put',
  path: '/me/state/{key}',
  operationId: 'writeUserState',
  action: 'signed-in',
  summary: 'Replace it; 64 KiB at most',
  request: { params: byKey, body: jsonBody(component('UserStateChange', UserStateChange)) },
  responses: { 200: userState },
});
const readSettings = route({
  method: 'get',
  path: '/server/settings',
  operationId: 'readServerSettings',
  action: 'signed-in',
  summary: 'Settings that hold for everybody',
  responses: { 200: serverSettings },
});
const writeSettings = route({
  method: 'put',
  path: '/server/settings',
  operationId: 'writeServerSettings',
  action: 'settings.write',
  summary: 'Replace them; 64 KiB at most',
  request: { body: jsonBody(component('ServerSettingsChange', ServerSettingsChange)) },
  responses: { 200: serverSettings },
});

export function storedRoutes({ database, clock, logger }: Pick<ApiPorts, 'database' | 'clock' | 'logger'>) {
  return createRoutes()
    .openapi(readState, async (context) => {
      const user = personOf(context.get('identity')).id;
      return context.json(await readUserState(database, user, context.req.valid('param').key), 200);
    })
    .openapi(writeState, async (context) => {
      const user = personOf(context.get('identity')).id;
      const { key } = context.req.valid('param');
      const { value } = context.req.valid('json');
      return context.json(await writeUserState(database, user, key, value, clock.nowMs()), 200);
    })
    .openapi(readSettings, async (context) => context.json(await readServerSettings(database), 200))
    .openapi(writeSettings, async (context) => {
      const { settings } = context.req.valid('json');
      const stored = await writeServerSettings(context.get('audit'), settings, clock.nowMs());
      logger.info(
        { settings: Object.keys(settings).length, by: context.get('identity')?.name },
        'settings were changed',
      );
      return context.json(stored, 200);
    });
}
