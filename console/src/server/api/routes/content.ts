/** Inside a folder: what cannot be distributed, one file, one change on its way, and the chain with who follows it. */
import { BlobId, HarpError } from '@harp/broker/protocol';
import { z } from 'zod';
import {
  ChainAgents,
  ChainEntries,
  FileDetail,
  FolderProblems,
  ManifestChunks,
  TimeToOffice,
} from '../../../api/schemas.ts';
import { notFound } from '../errors.ts';
import type { ApiPorts } from '../ports.ts';
import { chainAgentsOf, chainEntriesOf } from '../queries/chain.ts';
import { detailOfFile } from '../queries/file-detail.ts';
import { problemsOfFolder } from '../queries/folder-problems.ts';
import { chunksOfManifest } from '../queries/manifests.ts';
import { timeToOffice } from '../queries/time-to-office.ts';
import { requireFolder } from '../require-folder.ts';
import { component, createRoutes, json, route } from '../route.ts';

const byId = z.object({ id: z.string().max(100) });
/** The largest number a chain can have. */
const seq = z.coerce.number().int().min(1).max(2_147_483_647);

const problems = route({
  method: 'get',
  path: '/folders/{id}/problems',
  operationId: 'listFolderProblems',
  action: 'content.read',
  summary: 'Files of a folder that are not distributed, by path, and why',
  request: {
    params: byId,
    query: z.object({ limit: z.coerce.number().int().min(1).max(1000).default(200) }),
  },
  responses: { 200: json('What the indexer could not take', component('FolderProblems', FolderProblems)) },
});
const file = route({
  method: 'get',
  path: '/folders/{id}/file',
  operationId: 'readFile',
  action: 'content.read',
  summary: 'One file: its versions, its chunks, and which PCs have it',
  request: {
    params: byId,
    query: z.object({
      path: z
        .string()
        .min(1)
        .max(4096)
        .refine((path) => !path.includes('\0'), 'must not hold NUL'),
    }),
  },
  responses: { 200: json('The file', component('FileDetail', FileDetail)) },
});
const manifest = route({
  method: 'get',
  path: '/folders/{id}/manifests/{manifest}',
  operationId: 'readManifest',
  action: 'content.read',
  summary: 'The chunks of one version of a file',
  request: {
    params: byId.extend({ manifest: BlobId }),
    query: z.object({
      seq: seq.optional().meta({
        description:
          'Number of the entry that put the version: finds versions of one chunk, which stand in the chain only',
      }),
    }),
  },
  responses: { 200: json('The chunks in order', component('ManifestChunks', ManifestChunks)) },
});
const change = route({
  method: 'get',
  path: '/folders/{id}/time-to-office',
  operationId: 'readTimeToOffice',
  action: 'content.read',
  summary: 'How long it took until the PCs of each office had a change',
  request: {
    params: byId,
    query: z.object({
      seq: seq.optional().meta({ description: 'Number of the entry; default: the newest file version' }),
    }),
  },
  responses: { 200: json('The change and a curve for each office', component('TimeToOffice', TimeToOffice)) },
});
const agents = route({
  method: 'get',
  path: '/folders/{id}/chain/agents',
  operationId: 'readChainAgents',
  action: 'content.read',
  summary: 'Which agents are at the signed head, behind it, on another chain, or silent',
  request: { params: byId },
  responses: { 200: json('Counts and lists', component('ChainAgents', ChainAgents)) },
});
const entries = route({
  method: 'get',
  path: '/folders/{id}/chain/entries',
  operationId: 'listChainEntries',
  action: 'content.read',
  summary: 'Raw entries of the chain with head and keys, for whoever verifies it',
  request: {
    params: byId,
    query: z.object({ from: seq.default(1), limit: z.coerce.number().int().min(1).max(5000).default(1000) }),
  },
  responses: { 200: json('A page of entries', component('ChainEntries', ChainEntries)) },
});

export function contentRoutes({ database, folders }: Pick<ApiPorts, 'database' | 'folders'>) {
  return createRoutes()
    .openapi(problems, async (context) => {
      const { id } = await requireFolder(database, context.req.valid('param').id, context.get('places'));
      return context.json(await problemsOfFolder(database, id, context.req.valid('query').limit), 200);
    })
    .openapi(file, async (context) => {
      const { id } = await requireFolder(database, context.req.valid('param').id, context.get('places'));
      const { path } = context.req.valid('query');
      const found = await detailOfFile(database, id, path, context.get('places'));
      if (found === undefined) throw notFound('file', path);
      return context.json(found, 200);
    })
    .openapi(manifest, async (context) => {
      const { id: asked, manifest: name } = context.req.valid('param');
      const { id } = await requireFolder(database, asked, context.get('places'));
      const { seq: entry } = context.req.valid('query');
      const found = await chunksOfManifest(database, id, { manifest: name, seq: entry });
      if (found === undefined) throw new HarpError('blob.absent', `the folder does not keep the manifest ${name}`);
      return context.json(found, 200);
    })
    .openapi(change, async (context) => {
      const { id } = await requireFolder(database, context.req.valid('param').id, context.get('places'));
      const { seq: asked } = context.req.valid('query');
      const found = await timeToOffice(database, id, asked, context.get('places'));
      if (found === undefined) throw notFound('entry', String(asked));
      return context.json(found, 200);
    })
    .openapi(agents, async (context) => {
      const folder = await requireFolder(database, context.req.valid('param').id, context.get('places'));
      return context.json(await chainAgentsOf(database, folder, context.get('places')), 200);
    })
    .openapi(entries, async (context) => {
      const { id } = await requireFolder(database, context.req.valid('param').id, context.get('places'));
      const page = context.req.valid('query');
      return context.json(await chainEntriesOf(database, id, page, folders.signingKeys()), 200);
    });
}
