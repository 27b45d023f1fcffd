/** What a page pays for a fleet that changes all the time: read from the browser's own trace, so that nothing of the work is left out. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Browser, CDPSession, Page } from '@playwright/test';
import { z } from 'zod';
import type { Server } from '../harness/fleet.ts';
import { agentIdSql } from '../harness/large-fleet.ts';
import { openDatabase } from '../harness/server-parts.ts';
import { percentile } from './console-page.ts';
import { type Figure, figure } from './report.ts';

/** How often the database is written, and how many agents each time: 1 000 a second. */
const WRITE_EVERY_MS = 250;
const WRITTEN_AT_ONCE = 250;
/** What came last is drawn, and what is no longer needed can be collected. */
const SETTLE_MS = 3000;

/** Changes 1 000 agents a second in the database, as the broker does, and looks at what that costs the page. */
export async function measureLive(
  browser: Browser,
  page: Page,
  server: Server,
  { agents, seconds }: { agents: number; seconds: number },
): Promise<Figure[]> {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  // Once round the fleet first, so that memory which every agent takes once is there before.
  await change(server, agents, 10);
  await delay(SETTLE_MS);
  const before = await heapBytes(session);
  await browser.startTracing(page, {
    categories: ['toplevel', 'blink.user_timing', 'devtools.timeline', '__metadata'],
  });
  const changes = await change(server, agents, seconds);
  const trace = await browser.stopTracing();
  await page.evaluate(() => performance.clearMarks());
  await delay(SETTLE_MS);
  const after = await heapBytes(session);
  const flushes = flushesIn(trace);
  const of = (pick: (each: Flush) => number, share: number) => percentile(flushes.map(pick), share);
  return [
    figure('changesPerSecond', changes / seconds, '1/s', 990, 'higher'),
    figure('flushesPerSecond', flushes.length / seconds, '1/s', 4.2),
    figure(
      'flushP95',
      of(({ scriptMs }) => scriptMs, 0.95),
      'ms',
      10,
    ),
    figure(
      'flushMedian',
      of(({ scriptMs }) => scriptMs, 0.5),
      'ms',
    ),
    figure(
      'flushWorst',
      of(({ scriptMs }) => scriptMs, 1),
      'ms',
    ),
    figure(
      'flushCpuP95',
      of(({ cpuMs }) => cpuMs, 0.95),
      'ms',
    ),
    figure(
      'flushCpuMedian',
      of(({ cpuMs }) => cpuMs, 0.5),
      'ms',
    ),
    figure(
      'flushWithDrawingP95',
      of(({ taskMs }) => taskMs, 0.95),
      'ms',
    ),
    figure('heapBefore', before / 1e6, 'MB'),
    figure('heapGrowth', (after - before) / 1e6, 'MB', 5),
  ];
}

/** Changes agents for so many seconds, round the fleet, and says how many. */
async function change(server: Server, agents: number, seconds: number): Promise<number> {
  const database = await openDatabase(server);
  const startedAt = performance.now();
  let changes = 0;
  try {
    for (let turn = 1; turn <= (seconds * 1000) / WRITE_EVERY_MS; turn++) {
      const numbers = Array.from({ length: WRITTEN_AT_ONCE }, (_, index) => 1 + ((changes + index) % agents));
      await database.query(
        `WITH changed AS (
           UPDATE "Agent" SET "lastSeenAt" = now(), "online" = NOT "online"
           WHERE "id" IN (SELECT ${agentIdSql('n')} FROM unnest($1::int[]) n) RETURNING "id"
         ), numbered AS (SELECT "id", row_number() OVER () AS n FROM changed)
         SELECT pg_notify('harp_agents', string_agg("id", ' ')) FROM numbered GROUP BY n / 100`,
        [numbers],
      );
      changes += numbers.length;
      await delay(Math.max(0, startedAt + turn * WRITE_EVERY_MS - performance.now()));
    }
  } finally {
    await database.end();
  }
  return (changes * seconds * 1000) / Math.max(seconds * 1000, performance.now() - startedAt);
}

async function heapBytes(session: CDPSession): Promise<number> {
  await session.send('HeapProfiler.collectGarbage');
  await session.send('HeapProfiler.collectGarbage');
  const { metrics } = await session.send('Performance.getMetrics');
  return metrics.find(({ name }) => name === 'JSHeapUsedSize')?.value ?? 0;
}

const Trace = z.object({
  traceEvents: z.array(
    z.object({
      name: z.string(),
      pid: z.int(),
      tid: z.int(),
      /** Microseconds. */
      ts: z.number().default(0),
      dur: z.number().default(0),
      /** The same, of processor time. */
      tdur: z.number().default(0),
    }),
  ),
});
type TraceEvent = z.infer<typeof Trace>['traceEvents'][number];

/** One flush of agents: what the page's thread did from then on until the next. */
interface Flush {
  /** Reading it, working out what changed, drawing anew in React; and whatever else ran meanwhile. */
  scriptMs: number;
  /** The same with style, layout and painting. */
  taskMs: number;
  /** Processor time of `scriptMs`: without the waiting for a core that somebody else has. */
  cpuMs: number;
}

/** What the browser itself does for a frame. */
const drawing = new Set([
  'UpdateLayoutTree',
  'Layout',
  'PrePaint',
  'Paint',
  'Layerize',
  'Commit',
  'UpdateLayer',
  'HitTest',
]);

function flushesIn(trace: Buffer): Flush[] {
  const { traceEvents } = Trace.parse(JSON.parse(trace.toString()));
  const marks = traceEvents.filter(({ name }) => name === 'bench:flush').sort(byTime);
  const [first] = marks;
  if (first === undefined) throw new Error('no flush reached the page');
  const mine = traceEvents.filter(({ pid, tid }) => pid === first.pid && tid === first.tid);
  const tasks = mine.filter(({ name }) => name === 'RunTask' || name === 'ThreadControllerImpl::RunTask').sort(byTime);
  if (tasks.length === 0) throw new Error('the trace has no tasks');
  const drawn = mine.filter(({ name }) => drawing.has(name)).sort(byTime);
  return marks.slice(0, -1).map((mark, index) => {
    // The task that heard of the flush began before it.
    const from = tasks.findLast(({ ts }) => ts <= mark.ts)?.ts ?? mark.ts;
    const next = marks[index + 1] as TraceEvent;
    const until = tasks.findLast(({ ts }) => ts <= next.ts)?.ts ?? next.ts;
    const sum = (events: readonly TraceEvent[], what: 'dur' | 'tdur' = 'dur') =>
      events.reduce((total, event) => (event.ts >= from && event.ts < until ? total + event[what] / 1000 : total), 0);
    const taskMs = sum(tasks);
    return { taskMs, scriptMs: taskMs - sum(drawn), cpuMs: sum(tasks, 'tdur') - sum(drawn, 'tdur') };
  });
}

function byTime(a: TraceEvent, b: TraceEvent): number {
  return a.ts - b.ts;
}
