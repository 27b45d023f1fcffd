/**
 * List routes must stay quick however large the fleet is. Run here with a small fleet and generous limits, so that a query that has begun to read
 * everything shows; HARP_LARGE_FLEET=1 measures the real thing (10 000 agents, 1.2 million files, a million deliveries) and prints what it finds.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { agentNumber, flatFolder, largeFleet, largeFolder, quietOffice } from '../testing/large-fleet.ts';
import type { ServerHarness } from '../testing/server-harness.ts';

const isLarge = process.env.HARP_LARGE_FLEET === '1';
const size = isLarge
  ? { offices: 200, agents: 10_000, files: 1_000_000, flatFiles: 200_000, deliveries: 1_000_000, eventsPerAgent: 50 }
  : { offices: 20, agents: 500, files: 5000, flatFiles: 1000, deliveries: 5000, eventsPerAgent: 5 };
const RUNS = isLarge ? 20 : 5;

let server: ServerHarness;
beforeAll(async () => {
  server = await largeFleet(size);
}, 600_000);
afterAll(() => server[Symbol.asyncDispose]());

const last = (days: number) => `from=${server.clock.nowMs() - days * 86_400_000}&to=${server.clock.nowMs()}`;
const cursorAt = (path: string) => Buffer.from(path).toString('base64url');

test.each<{ path: string; p95Ms: number }>([
  { path: '/agents?limit=1000', p95Ms: 200 },
  { path: '/agents?office=off-aaaaaaaaaaaaaaa7&limit=1000', p95Ms: 200 },
  { path: '/offices', p95Ms: 200 },
  { path: '/offices/off-aaaaaaaaaaaaaaa7', p95Ms: 200 },
  { path: '/folders', p95Ms: 200 },
  { path: '/transfers?limit=200', p95Ms: 200 },
  { path: '/transfers?limit=200&office=off-aaaaaaaaaaaaaaa7', p95Ms: 200 },
  { path: '/events?limit=200', p95Ms: 200 },
  { path: '/events?limit=200&office=off-aaaaaaaaaaaaaaa7', p95Ms: 200 },
  { path: `/events?limit=200&office=${quietOffice}`, p95Ms: 200 },
  { path: `/events?limit=200&agent=${agentNumber(7)}`, p95Ms: 200 },
  { path: `/agents/${agentNumber(7)}/detail`, p95Ms: 200 },
  { path: '/status', p95Ms: 200 },
  { path: `/traffic?DAY`, p95Ms: 200 },
  { path: `/traffic?DAY&step=60000`, p95Ms: 200 },
  { path: `/traffic?DAY&office=off-aaaaaaaaaaaaaaa7`, p95Ms: 200 },
  { path: `/traffic?MONTH`, p95Ms: 200 },
  { path: `/throughput?DAY&step=300000`, p95Ms: 200 },
  { path: `/throughput?MONTH&step=21600000`, p95Ms: 200 },
  { path: `/throughput?DAY&step=300000&limit=20`, p95Ms: 200 },
  { path: `/hit-ratios?DAY`, p95Ms: 200 },
  { path: `/hit-ratios?MONTH`, p95Ms: 200 },
  { path: `/versions?DAY`, p95Ms: 200 },
  { path: '/problems', p95Ms: 200 },
  { path: `/folders/${largeFolder}`, p95Ms: 200 },
  { path: `/folders/${largeFolder}?agents=0`, p95Ms: 200 },
  { path: `/folders/${largeFolder}/file?path=dir%200%2Fsub%200%2Finvoice%20report%201.pdf`, p95Ms: 200 },
  { path: `/folders/${flatFolder}/files`, p95Ms: 200 },
  { path: `/folders/${flatFolder}/files?prefix=&limit=1000`, p95Ms: 200 },
  { path: `/folders/${flatFolder}/files?prefix=&limit=1000&cursor=${cursorAt('scan 0199000')}`, p95Ms: 200 },
  { path: `/folders/${flatFolder}/file?path=scan%200000007.tif`, p95Ms: 200 },
  { path: `/folders/${largeFolder}/files?prefix=`, p95Ms: 200 },
  { path: `/folders/${largeFolder}/files?prefix=dir%200%2Fsub%201`, p95Ms: 200 },
  { path: `/folders/${largeFolder}/time-to-office?seq=1`, p95Ms: 200 },
  { path: `/folders/${largeFolder}/chain/agents`, p95Ms: 200 },
  { path: `/folders/${largeFolder}/chain/entries?limit=1000`, p95Ms: 200 },
  { path: '/search?q=office%207', p95Ms: 100 },
  { path: '/search?q=pc-7', p95Ms: 100 },
  { path: '/search?q=rep', p95Ms: 100 },
  { path: '/search?q=report', p95Ms: 100 },
  { path: '/search?q=zebra%20budget', p95Ms: 100 },
  { path: '/search?q=4711', p95Ms: 100 },
  { path: '/search?q=%C3%BCbersicht', p95Ms: 100 },
  { path: '/search?q=z', p95Ms: 100 },
  { path: '/search?q=nothingofthename', p95Ms: 100 },
])('$path', async ({ path, p95Ms }) => {
  const asked = path.replace('DAY', last(1)).replace('MONTH', last(30));
  const took: number[] = [];
  let bytes = 0;
  for (let run = 0; run < RUNS + 2; run++) {
    // Answers that are shared for a while must be made anew.
    await server.clock.advance(0);
    const started = performance.now();
    const { status, body } = await server.call('GET', asked);
    took.push(performance.now() - started);
    expect(status).toBe(200);
    bytes = JSON.stringify(body).length;
  }
  const sorted = took.slice(2).sort((a, b) => a - b);
  const p95 = sorted[Math.ceil(sorted.length * 0.95) - 1]!;
  if (isLarge)
    process.stderr.write(`${p95.toFixed(0).padStart(5)} ms p95 ${String(bytes).padStart(8)} bytes  ${path}\n`);
  else expect(p95).toBeLessThan(p95Ms * 5);
});
