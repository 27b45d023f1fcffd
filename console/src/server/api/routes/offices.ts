/** Offices: all, and one in full. */
import { z } from 'zod';
import { OfficeDetail, OfficeList } from '../../../api/schemas.ts';
import { notFound } from '../errors.ts';
import type { ApiPorts } from '../ports.ts';
import { detailOfOffice, type LastDay, listOffices } from '../queries/offices.ts';
import { component, createRoutes, json, route } from '../route.ts';

const offices = route({
  method: 'get',
  path: '/offices',
  operationId: 'listOffices',
  action: 'fleet.read',
  summary: 'Every office, by name',
  responses: { 200: json('The offices', component('OfficeList', OfficeList)) },
});
const office = route({
  method: 'get',
  path: '/offices/{id}',
  operationId: 'readOffice',
  action: 'fleet.read',
  summary: 'One office: how far it is with its folders, and its last 24 hours',
  request: { params: z.object({ id: z.string().max(100) }) },
  responses: { 200: json('The office', component('OfficeDetail', OfficeDetail)) },
});

export function officeRoutes(
  { database, clock }: Pick<ApiPorts, 'database' | 'clock'>,
  lastDay: () => Promise<LastDay>,
) {
  return createRoutes()
    .openapi(offices, async (context) =>
      context.json({ offices: await listOffices(database, lastDay, context.get('places')) }, 200),
    )
    .openapi(office, async (context) => {
      const { id } = context.req.valid('param');
      const found = await detailOfOffice(database, id, clock.nowMs(), context.get('places'));
      if (found === undefined) throw notFound('office', id);
      return context.json(found, 200);
    });
}
