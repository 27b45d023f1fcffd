/**
 * What an agent costs a PC when nothing happens: memory and processor time with many files held.
 *
 *   npm run bench:idle -- [--files 10000] [--seconds 30]
 */
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { until } from '../harness/process.ts';
import { usageOf } from '../harness/usage.ts';
import { startWorld } from '../harness/world.ts';
import { figure, printReport } from './report.ts';

const { values } = parseArgs({
  options: { files: { type: 'string', default: '10000' }, seconds: { type: 'string', default: '30' } },
});
const files = z.coerce.number().int().min(1).max(1_000_000).parse(values.files);
const seconds = z.coerce.number().min(1).max(3600).parse(values.seconds);
const FOLDER = 'Many';
const say = (text: string) => process.stderr.write(`bench: ${text}\n`);

if (process.platform !== 'linux') {
  say('skipped: memory and processor time are read from /proc, which is Linux only');
  printReport('idle', [], { skipped: 'not Linux' });
  process.exit(0);
}

const world = await startWorld();
say(`writing ${files} files of 1 kB`);
for (let index = 0; index < files; index++) {
  await world.cloud.putGenerated(`/${FOLDER}/${String(index % 100).padStart(2, '0')}/file-${index}.txt`, 1000, index);
}
await world.distribute(FOLDER, []);
await until('the folder is indexed', async () => (await world.status()).folders[0]?.fileCount === files, 600_000, 500);
const indexedAt = performance.now();
const [agent] = await world.addAgents('north', ['idle']);
if (agent === undefined) throw new Error('no agent');
await world.distribute(FOLDER, ['north']);
await until(
  'the PC holds every file',
  async () => (await world.coverage(FOLDER)).offices[0]?.agentsComplete === 1,
  900_000,
  500,
);
const deliverySeconds = (performance.now() - indexedAt) / 1000;

const busyRssBytes = usageOf(agent.process.pid).rssBytes;
say('waiting until it has fallen quiet');
// What was in memory for neighbours is given up after 20 s without a reader.
await until('memory is given back', () => usageOf(agent.process.pid).rssBytes < busyRssBytes * 0.9, 60_000, 1000).catch(
  () => say('it keeps its memory'),
);
say(`idle for ${seconds} s`);
const before = usageOf(agent.process.pid);
await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
const after = usageOf(agent.process.pid);
printReport(
  'idle',
  [
    figure('files', files, 'files'),
    figure('deliverySeconds', deliverySeconds, 's'),
    figure('busyRssBytes', busyRssBytes, 'B'),
    figure('idleRssBytes', after.rssBytes, 'B', 120 * 2 ** 20),
    figure('idleCpuPercent', (100 * (after.cpuSeconds - before.cpuSeconds)) / seconds, '%', 1),
  ],
  { seconds },
);
await world.dispose();
process.exit(0);
