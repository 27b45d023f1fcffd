/** Folders: what they hold, how far everybody is with them, and whether their chain is sound. */
import { stream } from 'hono/streaming';
import { z } from 'zod';
import { FilePage, FolderCoverage, FolderList, VerifyResult } from '../../../api/schemas.ts';
import type { Places } from '../../access/rights.ts';
import { EXPORT_TYPE, streamExport } from '../export-stream.ts';
import { createPlaces } from '../places.ts';
import type { ApiPorts } from '../ports.ts';
import { pageOfDirectory, pageOfFiles } from '../queries/files.ts';
import { coverageOf, listFolders } from '../queries/folders.ts';
import { requireFolder } from '../require-folder.ts';
import { component, createRoutes, json, route } from '../route.ts';

const byId = z.object({ id: z.string().max(100) });

const folders = route({
  method: 'get',
  path: '/folders',
  operationId: 'listFolders',
  action: 'content.read',
  summary: 'Every folder, by name',
  responses: { 200: json('The folders', component('FolderList', FolderList)) },
});
const coverage = route({
  method: 'get',
  path: '/folders/{id}',
  operationId: 'readFolder',
  action: 'content.read',
  summary: 'One folder, and how far each office and PC is with it',
  request: {
    params: byId,
    query: z.object({
      agents: z.coerce.number().int().min(0).max(1000).default(200).meta({ description: 'PCs listed of each office' }),
    }),
  },
  responses: { 200: json('The folder and its coverage', component('FolderCoverage', FolderCoverage)) },
});
const files = route({
  method: 'get',
  path: '/folders/{id}/files',
  operationId: 'listFiles',
  action: 'content.read',
  summary: 'Files of a folder by path, a page at a time; all, or one directory',
  request: {
    params: byId,
    query: z.object({
      prefix: z
        .string()
        .max(4096)
        .transform((path) => path.replace(/\/+$/, ''))
        .optional()
        .meta({ description: 'Path of the directory to list, empty for the root; left out: all files' }),
      cursor: z.string().max(8192).optional(),
      limit: z.coerce.number().int().min(1).max(1000).default(200),
    }),
  },
  responses: { 200: json('A page of files', component('FilePage', FilePage)) },
});
const reindex = route({
  method: 'post',
  path: '/folders/{id}/reindex',
  operationId: 'reindexFolder',
  action: 'content.check',
  summary: 'Look for changes in Nextcloud now instead of at the next poll',
  request: { params: byId },
  responses: { 202: json('It has been told to', z.object({ folder: z.string() })) },
});
const verify = route({
  method: 'get',
  path: '/folders/{id}/verify',
  operationId: 'verifyFolder',
  action: 'content.check',
  summary: 'Check a folder’s whole chain: links, snapshots, manifests, signatures',
  request: { params: byId },
  responses: { 200: json('What was found', component('VerifyResult', VerifyResult)) },
});
const chain = route({
  method: 'get',
  path: '/folders/{id}/chain',
  operationId: 'exportChain',
  action: 'content.check',
  summary: 'Everything needed to verify a folder offline, as a stream of files',
  request: { params: byId },
  responses: {
    200: {
      description:
        'One JSON object a line: `{"file":PATH}` opens a file, `{"data":BASE64}` continues it, `{"end":true,"files":N}` is last; a stream without it broke off. `{"error":{…}}` says why.',
      content: { [EXPORT_TYPE]: { schema: z.string() } },
    },
  },
});

/** Verifications and exports that are asked for directly; those that are jobs have places of their own. */
const MAX_LONG_READS = 3;

export function folderRoutes({
  database,
  folders: services,
  logger,
}: Pick<ApiPorts, 'database' | 'folders' | 'logger'>) {
  const places = createPlaces(MAX_LONG_READS, 'verifications and exports');
  const folderOrRefuse = (id: string, places: Places) => requireFolder(database, id, places);
  return createRoutes()
    .openapi(folders, async (context) =>
      context.json({ folders: await listFolders(database, context.get('places')) }, 200),
    )
    .openapi(coverage, async (context) => {
      const folder = await folderOrRefuse(context.req.valid('param').id, context.get('places'));
      const { agents } = context.req.valid('query');
      return context.json(await coverageOf(database, folder, agents, context.get('places')), 200);
    })
    .openapi(files, async (context) => {
      const { id } = await folderOrRefuse(context.req.valid('param').id, context.get('places'));
      const { prefix, ...page } = context.req.valid('query');
      const files =
        prefix === undefined
          ? await pageOfFiles(database, id, page)
          : await pageOfDirectory(database, id, prefix, page);
      return context.json(files, 200);
    })
    .openapi(reindex, async (context) => {
      const { id, name } = await folderOrRefuse(context.req.valid('param').id, context.get('places'));
      await context.get('audit').note({ action: 'folder.reindex', object: { kind: 'folder', id, name } });
      services.reindex(id);
      return context.json({ folder: id }, 202);
    })
    .openapi(verify, async (context) => {
      const { id } = await folderOrRefuse(context.req.valid('param').id, context.get('places'));
      const leave = places.take();
      try {
        return context.json(await services.verify(id, context.req.raw.signal), 200);
      } finally {
        leave();
      }
    })
    .openapi(chain, async (context) => {
      const { id } = await folderOrRefuse(context.req.valid('param').id, context.get('places'));
      const leave = places.take();
      context.header('Content-Type', EXPORT_TYPE);
      return stream(context, (output) => streamExport(id, services, output, logger).finally(leave));
    });
}
