import { HarpError } from '@harp/broker/protocol';
import { expect, test } from 'vitest';
import { silentLogger, systemRandom } from '../ports.ts';
import { fakeClock } from '../testing/fake-clock.ts';
import { watchWalks } from './index-jobs.ts';
import { createJobs, type JobContext, type JobOrder } from './jobs.ts';

function harness() {
  const clock = fakeClock();
  const told = { times: 0 };
  const jobs = createJobs({
    clock,
    randomBytes: systemRandom,
    logger: silentLogger,
    onChange: () => {
      told.times += 1;
    },
  });
  return { clock, jobs, told };
}

const order = (run: JobOrder['run'], id = 'fld-1', cancellable = true): JobOrder => ({
  kind: 'verify-folder',
  subject: { kind: 'folder', id, name: id },
  startedBy: 'Ada',
  cancellable,
  run,
});
/** Works until it is cancelled. */
const untilCancelled: JobOrder['run'] = ({ signal }) =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));

test('a job runs, says how far it is, and ends with its result', async () => {
  const { clock, jobs } = harness();
  let context: JobContext | undefined;
  let finish = (_result: { ok: boolean }): void => {};
  const { id } = jobs.start(
    order((given) => {
      context = given;
      return new Promise((resolve) => {
        finish = resolve;
      });
    }),
  );
  context?.progress(3, 10);
  context?.log('info', 'checked', { done: 3 });
  expect(jobs.find(id)).toMatchObject({ state: 'running', startedBy: 'Ada', progress: { done: 3, total: 10 } });
  finish({ ok: true });
  await clock.advance(0);
  expect(jobs.find(id)).toMatchObject({ state: 'done', result: { ok: true }, cancellable: false });
  expect(jobs.log(id, 0, 100)).toMatchObject({
    lines: [{ message: 'started' }, { message: 'checked', facts: { done: 3 } }, { message: 'done' }],
    nextAfter: 3,
    gap: false,
  });
  expect(jobs.log(id, 2, 100)?.lines.map(({ message }) => message)).toEqual(['done']);
});

test('progress is told at a pace, however often it is said', async () => {
  const { clock, jobs, told } = harness();
  jobs.start(
    order(async ({ progress }) => {
      for (let done = 0; done < 1000; done++) progress(done, 1000);
      return null;
    }),
  );
  await clock.advance(10_000);
  expect(told.times).toBeLessThanOrEqual(4);
});

test('whoever asks anew while a cancelled job is ending gets a new one', async () => {
  const { clock, jobs } = harness();
  const first = jobs.start(order(untilCancelled));
  expect(jobs.start(order(untilCancelled)).id).toBe(first.id);
  jobs.cancel(first.id);
  const second = jobs.start(order(untilCancelled));
  expect(second.id).not.toBe(first.id);
  await clock.advance(0);
  expect(jobs.find(second.id)?.state).toBe('running');
  await jobs.stop();
});

test('a job is cancelled once, and what cannot be is not', async () => {
  const { clock, jobs } = harness();
  const { id } = jobs.start(order(untilCancelled));
  jobs.cancel(id);
  await clock.advance(0);
  expect(jobs.find(id)?.state).toBe('cancelled');
  expect(jobs.cancel(id).state).toBe('cancelled');
  const fixed = jobs.start(order(untilCancelled, 'fld-2', false));
  expect(() => jobs.cancel(fixed.id)).toThrow(expect.objectContaining({ code: 'job.not_cancellable' }));
  expect(() => jobs.cancel('job-none')).toThrow(expect.objectContaining({ code: 'api.not_found' }));
});

test('a failure has its code; what nobody expected has none of its text', async () => {
  const { clock, jobs } = harness();
  const refused = jobs.start(order(() => Promise.reject(new HarpError('blob.absent', 'a blob is missing')), 'fld-1'));
  const broken = jobs.start(order(() => Promise.reject(new Error('password hunter2')), 'fld-2'));
  await clock.advance(0);
  expect(jobs.find(refused.id)?.error).toEqual({ code: 'blob.absent', message: 'a blob is missing' });
  expect(jobs.find(broken.id)?.error?.code).toBe('internal.unexpected');
  expect(JSON.stringify([jobs.find(broken.id), jobs.log(broken.id, 0, 10)])).not.toContain('hunter2');
});

test('the same work is not begun twice, and not more at once than may be', () => {
  const { jobs } = harness();
  const first = jobs.start(order(untilCancelled));
  expect(jobs.start(order(untilCancelled)).id).toBe(first.id);
  for (const id of ['b', 'c', 'd']) jobs.start(order(untilCancelled, id));
  expect(() => jobs.start(order(untilCancelled, 'e'))).toThrow(expect.objectContaining({ code: 'api.rate_limited' }));
});

test('what has ended is kept up to a bound, running jobs first', async () => {
  const { clock, jobs } = harness();
  const running = jobs.start(order(untilCancelled, 'slow'));
  for (let index = 0; index < 250; index++) {
    jobs.start(order(async () => null, `fld-${index}`));
    await clock.advance(0);
  }
  const list = jobs.list();
  expect(list).toHaveLength(201);
  expect(list[0]?.id).toBe(running.id);
  expect(list[1]?.subject.id).toBe('fld-249');
});

test('stop cancels and waits', async () => {
  const { jobs } = harness();
  const { id } = jobs.start(order(untilCancelled));
  await jobs.stop();
  expect(jobs.find(id)?.state).toBe('cancelled');
});

test('a walk of the indexer is a job that nobody cancels', async () => {
  const { clock, jobs } = harness();
  const walk = watchWalks(jobs)({ id: 'fld-1', name: 'Projects' });
  walk.appended(40);
  walk.appended(2);
  expect(jobs.list()).toMatchObject([
    { kind: 'index-folder', startedBy: null, cancellable: false, progress: { done: 42, total: null } },
  ]);
  walk.ended({ problems: 1, complete: true });
  await clock.advance(0);
  expect(jobs.list()).toMatchObject([{ state: 'done', result: { changes: 42, problems: 1, complete: true } }]);
  watchWalks(jobs)({ id: 'fld-1', name: 'Projects' }).failed(new HarpError('origin.unreachable', 'no answer'));
  await clock.advance(0);
  expect(jobs.list()[0]).toMatchObject({ state: 'failed', error: { code: 'origin.unreachable' } });
});
