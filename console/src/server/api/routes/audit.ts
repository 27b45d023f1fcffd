/** The audit log: read, verified, exported. Nothing here changes it. The chain proves itself only as a whole, so whoever sees some offices is shown their entries and no links. */
import { stream } from 'hono/streaming';
import { z } from 'zod';
import {
  AuditChainPage,
  AuditDetail,
  AuditGrouping,
  AuditGroups,
  AuditPage,
  AuditVerifyResult,
} from '../../../api/schemas.ts';
import { AUDIT_EXPORT_TYPE, streamAudit } from '../../audit/export.ts';
import { auditChainPage, findAuditEntry, groupsOfAudit, pageOfAudit } from '../../audit/read.ts';
import { askedRange } from '../asked-range.ts';
import { notFound } from '../errors.ts';
import { createPlaces } from '../places.ts';
import type { ApiPorts } from '../ports.ts';
import { component, createRoutes, json, route } from '../route.ts';

/** Largest value of the column. */
const MAX_SEQ = 2 ** 31 - 1;
const seq = z.coerce.number().int().min(0).max(MAX_SEQ);

const list = route({
  method: 'get',
  path: '/audit',
  operationId: 'listAudit',
  action: 'audit.read',
  summary: 'Who changed what, newest first, a page at a time',
  request: {
    query: z.object({
      actor: z.string().max(300).optional().meta({ description: 'Name or id of who did it' }),
      action: z.string().max(100).optional().meta({
        description: '`office.update`, or `office` for everything done to offices',
      }),
      object: z.string().max(1000).optional().meta({ description: 'Id or name of what it was done to' }),
      request: z.string().max(100).optional().meta({ description: 'The X-Request-Id of the answer' }),
      from: askedRange.from.meta({ description: 'UTC epoch, milliseconds' }),
      to: askedRange.to.meta({ description: 'UTC epoch, milliseconds, not included' }),
      cursor: seq.optional().meta({ description: '`nextCursor` of the page before' }),
      limit: z.coerce.number().int().min(1).max(1000).default(200),
    }),
  },
  responses: { 200: json('A page of entries', component('AuditPage', AuditPage)) },
});
const groups = route({
  method: 'get',
  path: '/audit/groups',
  operationId: 'groupAudit',
  action: 'audit.read',
  summary: 'Entries counted by day, actor or object',
  request: { query: z.object({ by: AuditGrouping.default('day') }) },
  responses: { 200: json('The counts', component('AuditGroups', AuditGroups)) },
});
const chain = route({
  method: 'get',
  path: '/audit/chain',
  operationId: 'readAuditChain',
  action: 'audit.export',
  summary: 'Raw entries with their links and signed heads, for whoever wants to check them',
  request: {
    query: z.object({ from: seq.default(1), limit: z.coerce.number().int().min(1).max(2000).default(1000) }),
  },
  responses: { 200: json('Entries in order', component('AuditChainPage', AuditChainPage)) },
});
const verify = route({
  method: 'get',
  path: '/audit/verify',
  operationId: 'verifyAudit',
  action: 'audit.export',
  summary: 'Check the whole log: links, signed heads, its end',
  responses: { 200: json('What was found', component('AuditVerifyResult', AuditVerifyResult)) },
});
const exported = route({
  method: 'get',
  path: '/audit/export',
  operationId: 'exportAudit',
  action: 'audit.export',
  summary: 'The log as lines of JSON, for archives and log collectors',
  request: { query: z.object({ after: seq.default(0).meta({ description: 'Number of the last entry you have' }) }) },
  responses: {
    200: {
      description:
        'One JSON object a line: `{"entry":{…},"link":HEX}`, `{"head":SIGNED}` after the entry it signs, `{"end":true,"entries":N,"toSeq":N,"keys":[…]}` last; a stream without it broke off',
      content: { [AUDIT_EXPORT_TYPE]: { schema: z.string() } },
    },
  },
});
const detail = route({
  method: 'get',
  path: '/audit/{seq}',
  operationId: 'readAuditEntry',
  action: 'audit.read',
  summary: 'One entry with before and after',
  request: { params: z.object({ seq: z.string().max(20) }) },
  responses: { 200: json('The entry', component('AuditDetail', AuditDetail)) },
});

/** Verifications and exports at a time: each holds a database connection. */
const MAX_LONG_READS = 2;

export function auditRoutes({
  database,
  audit,
  folders,
  logger,
}: Pick<ApiPorts, 'database' | 'audit' | 'folders' | 'logger'>) {
  const seats = createPlaces(MAX_LONG_READS, 'verifications and exports of the audit log');
  return createRoutes()
    .openapi(list, async (context) =>
      context.json(await pageOfAudit(database, context.req.valid('query'), context.get('places')), 200),
    )
    .openapi(groups, async (context) =>
      context.json(await groupsOfAudit(database, context.req.valid('query').by, context.get('places')), 200),
    )
    .openapi(chain, async (context) => {
      return context.json(await auditChainPage(database, context.req.valid('query'), folders.signingKeys()), 200);
    })
    .openapi(verify, async (context) => {
      const leave = seats.take();
      try {
        return context.json(await audit.verify(context.req.raw.signal), 200);
      } finally {
        leave();
      }
    })
    .openapi(exported, async (context) => {
      const leave = seats.take();
      const { after } = context.req.valid('query');
      context.header('Content-Type', AUDIT_EXPORT_TYPE);
      context.header('Content-Disposition', 'attachment; filename="harp-audit.jsonl"');
      return stream(context, async (output) => {
        try {
          await streamAudit({ database, keys: folders.signingKeys(), logger }, after, output);
        } finally {
          leave();
        }
      });
    })
    .openapi(detail, async (context) => {
      const asked = context.req.valid('param').seq;
      const number = /^\d{1,10}$/.test(asked) ? Number(asked) : 0;
      const found = number > MAX_SEQ ? undefined : await findAuditEntry(database, number, context.get('places'));
      if (found === undefined) throw notFound('audit entry', asked);
      return context.json(found, 200);
    });
}
