/** Work that takes a while: started, watched, ended. */
import { z } from 'zod';
import { Job, JobList, JobRequest, LogPage } from '../../../api/schemas.ts';
import type { Places } from '../../access/rights.ts';
import { notFound } from '../errors.ts';
import type { ApiPorts } from '../ports.ts';
import { visibleFolders } from '../queries/folders.ts';
import { requireFolder } from '../require-folder.ts';
import { component, createRoutes, json, jsonBody, route } from '../route.ts';

const byId = z.object({ id: z.string().max(100) });
const oneJob = component('Job', Job);
/** Progress is logged in steps of so many parts of the whole. */
const LOGGED_STEPS = 10;

const list = route({
  method: 'get',
  path: '/jobs',
  operationId: 'listJobs',
  action: 'content.read',
  summary: 'Running jobs, then the newest that ended',
  responses: { 200: json('The jobs', component('JobList', JobList)) },
});
const start = route({
  method: 'post',
  path: '/jobs',
  operationId: 'startJob',
  action: 'content.check',
  summary: 'Start a job; the one that does this already, if there is one',
  request: { body: jsonBody(component('JobRequest', JobRequest)) },
  responses: { 201: json('The job', oneJob) },
});
const cancel = route({
  method: 'post',
  path: '/jobs/{id}/cancel',
  operationId: 'cancelJob',
  action: 'content.check',
  summary: 'Ask a job to end',
  request: { params: byId },
  responses: { 200: json('The job, which may still be ending', oneJob) },
});
const log = route({
  method: 'get',
  path: '/jobs/{id}/log',
  operationId: 'readJobLog',
  action: 'content.read',
  summary: 'What a job wrote',
  request: {
    params: byId,
    query: z.object({
      after: z.coerce.number().int().min(0).default(0),
      limit: z.coerce.number().int().min(1).max(2000).default(1000),
    }),
  },
  responses: { 200: json('Lines, oldest first', component('LogPage', LogPage)) },
});

export function jobRoutes({
  database,
  jobs,
  folders,
  logger,
}: Pick<ApiPorts, 'database' | 'jobs' | 'folders' | 'logger'>) {
  /** Jobs are about folders: whoever may not see a folder learns nothing of its jobs. */
  const shownJobs = async (found: readonly Job[], places: Places): Promise<Job[]> => {
    if (places === 'everywhere') return [...found];
    const folderIds = await visibleFolders(database, places);
    return found.filter(({ subject }) => subject.kind === 'folder' && folderIds.has(subject.id));
  };
  const jobOrRefuse = async (id: string, places: Places): Promise<Job> => {
    const found = jobs.find(id);
    const [shown] = found === undefined ? [] : await shownJobs([found], places);
    if (shown === undefined) throw notFound('job', id);
    return shown;
  };
  return createRoutes()
    .openapi(list, async (context) => context.json({ jobs: await shownJobs(jobs.list(), context.get('places')) }, 200))
    .openapi(start, async (context) => {
      const { folderId } = context.req.valid('json');
      const { id, name } = await requireFolder(database, folderId, context.get('places'));
      const startedBy = context.get('identity')?.name ?? null;
      const job = jobs.start({
        kind: 'verify-folder',
        subject: { kind: 'folder', id, name },
        startedBy,
        cancellable: true,
        async run({ signal, progress, log: write }) {
          let logged = 0;
          const result = await folders.verify(id, signal, (done, total) => {
            progress(done, total);
            const step = total === 0 ? 0 : Math.floor((done / total) * LOGGED_STEPS);
            if (step > logged) write('info', 'checked', { done, total });
            logged = Math.max(logged, step);
          });
          const { ok, firstBad, ...counts } = result;
          progress(counts.entries + counts.manifests, counts.entries + counts.manifests);
          if (ok) write('info', 'the chain is sound', counts);
          else
            write('error', firstBad?.what ?? 'the chain is not sound', {
              code: firstBad?.code ?? '',
              seq: firstBad?.seq ?? null,
            });
          return result;
        },
      });
      await context.get('audit').note({
        action: 'job.start',
        object: { kind: 'job', id: job.id, name },
        after: { kind: job.kind, folder: id },
      });
      logger.info({ job: job.id, folder: id, by: startedBy }, 'a verification was asked for');
      return context.json(job, 201);
    })
    .openapi(cancel, async (context) => {
      const { id } = await jobOrRefuse(context.req.valid('param').id, context.get('places'));
      const job = jobs.cancel(id);
      await context.get('audit').note({
        action: 'job.cancel',
        object: { kind: 'job', id: job.id, name: job.subject.name },
        before: { state: job.state },
      });
      return context.json(job, 200);
    })
    .openapi(log, async (context) => {
      const { id } = await jobOrRefuse(context.req.valid('param').id, context.get('places'));
      const { after, limit } = context.req.valid('query');
      const page = jobs.log(id, after, limit);
      if (page === undefined) throw notFound('job', id);
      return context.json(page, 200);
    });
}
