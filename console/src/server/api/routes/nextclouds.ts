/** Connections to Nextcloud. */
import { NextcloudId } from '@harp/broker/protocol';
import { z } from 'zod';
import { Nextcloud } from '../../../api/schemas.ts';
import { notFound } from '../errors.ts';
import type { ApiPorts } from '../ports.ts';
import { findNextcloud } from '../queries/nextclouds.ts';
import { component, createRoutes, json, route } from '../route.ts';

const nextcloud = route({
  method: 'get',
  path: '/nextclouds/{id}',
  operationId: 'readNextcloud',
  action: 'content.read',
  summary: 'One connection to Nextcloud: as whom, and what the last check found',
  request: { params: z.object({ id: z.string().max(100) }) },
  responses: { 200: json('The connection', component('Nextcloud', Nextcloud)) },
});

export function nextcloudRoutes({ database }: Pick<ApiPorts, 'database'>) {
  return createRoutes().openapi(nextcloud, async (context) => {
    const { id } = context.req.valid('param');
    const found = NextcloudId.safeParse(id).success
      ? await findNextcloud(database, id, context.get('places'))
      : undefined;
    if (found === undefined) throw notFound('nextcloud', id);
    return context.json(found, 200);
  });
}
