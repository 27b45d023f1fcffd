/** `harp apply`: the fleet becomes what a document declares. */
import { z } from 'zod';
import { FleetDocument, FleetResult } from '../../../api/schemas.ts';
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
    const result = await fleet.apply(context.req.valid('json'), { dryRun, prune });
    if (!dryRun && result.changes.length > 0) {
      logger.info({ changes: result.changes.length, by: context.get('identity')?.name }, 'the fleet was changed');
      hub.changed(['offices', 'folders', 'agents']);
    }
    return context.json(result, 200);
  });
}
