import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type AgentEvent, Delivery, type FolderId, HarpError, type Report, type ReportId } from '@harp/broker/protocol';
import { expect, test } from 'vitest';
import { silentLog } from '../../test/fakes/silent-log.ts';
import { tempFolder } from '../../test/fixtures/temp-folder.ts';
import { openOutbox, type ReportQueue } from './outbox.ts';
import { createOutboxFiles, type OutboxFiles } from './outbox-files.ts';
import { createReportIds } from './report-id.ts';

const folder = 'fld-aaaaaaaaaaaaaaaa' as FolderId;
const completed = (seq: number): AgentEvent => ({ kind: 'folder.completed', atMs: seq, folder, seq });
const delivered = (seq: number): AgentEvent => ({
  kind: 'files.delivered',
  atMs: seq,
  folder,
  files: [Delivery.parse([seq, 1, 2, 3, 4])],
});

const zeros = (count: number) => new Uint8Array(count);
const openAt = (path: string, options: { files?: OutboxFiles; storedMaxBytes?: number } = {}): Promise<ReportQueue> =>
  openOutbox({
    files: options.files ?? createOutboxFiles(path),
    reportIds: (after) => createReportIds(() => 1_000, zeros, after),
    log: silentLog,
    ...(options.storedMaxBytes === undefined ? {} : { storedMaxBytes: options.storedMaxBytes }),
  });

async function contents(queue: ReportQueue): Promise<Report[]> {
  const reports = await Promise.all(queue.sealed().map((id) => queue.read(id)));
  return reports.filter((report) => report !== undefined);
}
const eventsIn = async (queue: ReportQueue) => (await contents(queue)).flatMap(({ events }) => events);

test('what was recorded is there after a restart, under the same ids, until it is acknowledged', async () => {
  const path = await tempFolder();
  const first = await openAt(path);
  await first.record(completed(1));
  await first.seal();
  await first.record(completed(2));
  const [sealedId] = first.sealed();

  const second = await openAt(path);
  expect(await eventsIn(second)).toEqual([completed(1), completed(2)]);
  expect(second.sealed()[0]).toBe(sealedId);
  const ids = second.sealed();
  await second.acknowledge(ids);

  const third = await openAt(path);
  expect(third.sealed()).toEqual([]);
  expect(await readdir(path)).toEqual([]);
  for (const queue of [first, second, third]) await queue.close();
});

test('events recorded at the same time are all kept, in order', async () => {
  const queue = await openAt(await tempFolder());
  const seqs = Array.from({ length: 500 }, (_, index) => index + 1);
  await Promise.all(seqs.map((seq) => queue.record(completed(seq))));
  await queue.seal();
  expect(queue.sealed()).toHaveLength(3);
  expect(await eventsIn(queue)).toEqual(seqs.map(completed));
  await queue.close();
});

test('a line that a crash cut short costs that event only', async () => {
  const path = await tempFolder();
  const first = await openAt(path);
  await first.record(completed(1));
  await first.close();
  await appendFile(join(path, 'open.jsonl'), '{"kind":"folder.comp');
  const second = await openAt(path);
  await second.record(completed(2));
  await second.seal();
  expect(await eventsIn(second)).toEqual([completed(1), completed(2)]);
  await second.close();
});

test('a process that is killed while it records loses nothing that was promised and doubles nothing', async () => {
  const path = await tempFolder();
  const script = fileURLToPath(new URL('../../test/fixtures/outbox-child.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', script, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  let promised = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    promised = Number(line);
    if (promised === 150) child.kill('SIGKILL');
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  const queue = await openAt(path);
  const seqs = (await eventsIn(queue)).map(({ atMs }) => atMs);
  expect(seqs.length).toBeGreaterThanOrEqual(promised);
  expect(seqs).toEqual(Array.from({ length: seqs.length }, (_, index) => index + 1));
  await queue.close();
}, 30_000);

test('without room, the oldest delivery details go first, then the oldest reports; both are counted', async () => {
  const path = await tempFolder();
  const sizeBytes = (JSON.stringify(delivered(1)) + JSON.stringify(completed(1))).length + 2;
  const queue = await openAt(path, { storedMaxBytes: 3 * sizeBytes });
  for (let seq = 1; seq <= 4; seq++) {
    await queue.record(delivered(seq));
    await queue.record(completed(seq));
    await queue.seal();
  }
  expect(await eventsIn(queue)).toEqual(
    [completed(1), completed(2), delivered(3), completed(3), delivered(4), completed(4)].filter(
      (event) => event !== undefined,
    ),
  );
  expect(queue.stats().droppedEvents).toBe(2);
  await queue.close();
});

test('a full disk does not stop reports: they stay in memory and reach the disk when it has room again', async () => {
  const path = await tempFolder();
  const real = createOutboxFiles(path);
  let full = true;
  const refuse = () => Promise.reject(new HarpError('disk.full', 'no space'));
  const files: OutboxFiles = {
    ...real,
    append: (lines) => (full ? refuse() : real.append(lines)),
    write: (id: ReportId, lines) => (full ? refuse() : real.write(id, lines)),
  };
  const queue = await openAt(path, { files });
  await queue.record(completed(1));
  await queue.seal();
  expect(await eventsIn(queue)).toEqual([completed(1)]);
  await queue.record(completed(2));
  full = false;
  await queue.record(completed(3));
  await queue.seal();
  expect(await eventsIn(queue)).toEqual([completed(1), completed(2), completed(3)]);
  await queue.close();
  const next = await openAt(path);
  expect(await eventsIn(next)).toEqual([completed(2), completed(3)]);
  await next.close();
});

test('report ids grow although the clock stands still or goes back', () => {
  let nowMs = 5_000;
  const next = createReportIds(() => nowMs, zeros);
  const ids = [next(), next()];
  nowMs = 10;
  ids.push(next());
  const afterRestart = createReportIds(() => 20, zeros, ids[2]);
  ids.push(afterRestart());
  expect([...ids].sort()).toEqual(ids);
  expect(new Set(ids).size).toBe(4);
});
