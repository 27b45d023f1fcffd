/** `harp apply`: the fleet becomes what a document declares. */
import { z } from 'zod';
import { FleetDocument, FleetResult } from '../../../api/schemas.ts';
import { may } from '../../access/rights.ts';
import { forbidden } from '../guards.ts';
import type { ApiPorts } from '../ports.ts';
import { component, createRoutes, json, jsonBody, route } from '../route.ts';

const flag = (description: string) =>
  z
    .enum(['true', 'false'])
    .default('false')
    .transform((text) => text === 'true')
    .meta({ description });

const apply = route({
  method: 'put',
  path: '/fleet',
  operationId: 'applyFleet',
  action: 'fleet.write',
  summary: 'Make the fleet what the document declares; applying it twice changes nothing',
  request: {
    query: z.object({
      dryRun: flag('Say what would change, and change nothing'),
      prune: flag('Remove what exists but does not stand in the document'),
    }),
    body: jsonBody(component('FleetDocument', FleetDocument)),
  },
  responses: { 200: json('What was changed, or would be', component('FleetResult', FleetResult)) },
});

export function fleetRoutes({ fleet, hub, logger }: Pick<ApiPorts, 'fleet' | 'hub' | 'logger'>) {
  return createRoutes().openapi(apply, async (context) => {
    const { dryRun, prune } = context.req.valid('query');
    const document = context.req.valid('json');
    const audit = context.get('audit');
    // Whoever could point a connection elsewhere would be sent what the server knows of it.
    if (!dryRun && !may(context.get('identity'), 'server.write')) {
      const planned = await fleet.apply(document, { dryRun: true, prune }, audit);
      if (planned.changes.some(({ kind }) => kind === 'nextcloud')) throw forbidden('server.write');
    }
    const result = await fleet.apply(document, { dryRun, prune }, audit);
    if (!dryRun && result.changes.length > 0) {
      logger.info({ changes: result.changes.length, by: context.get('identity')?.name }, 'the fleet was changed');
      hub.changed(['offices', 'folders', 'agents']);
    }
    return context.json(result, 200);
  });
}
