/**
 * One office behind one thin line: how many bytes cross it, and how long until the last PC holds the last verified file.
 *
 *   npm run bench:office -- --pcs 6 --files 4 --megabytes 40 --wan-mbit 20 [--bridges 2] [--late] [--edit]
 *
 * Every byte on the WAN interface counts, control traffic and answers included. The clock starts when the office is added to the folder.
 */
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { AgentPage } from '../../console/src/api/schemas.ts';
import { type Cloud, startCloud } from '../harness/cloud.ts';
import { type Agent, createToken, type Server, startAgent, startServer } from '../harness/fleet.ts';
import { createOfficeNetwork, namespacesUnavailable, type OfficeNetwork } from '../harness/netns.ts';
import { until } from '../harness/process.ts';
import { usageOf } from '../harness/usage.ts';
import { type Figure, figure, printReport } from './report.ts';

const { values } = parseArgs({
  options: {
    pcs: { type: 'string', default: '6' },
    files: { type: 'string', default: '4' },
    megabytes: { type: 'string', default: '40' },
    'wan-mbit': { type: 'string', default: '20' },
    bridges: { type: 'string', default: '1' },
    late: { type: 'boolean', default: false },
    edit: { type: 'boolean', default: false },
  },
});
const Count = z.coerce.number().int().min(1).max(100_000);
const pcs = Count.parse(values.pcs);
const files = Count.parse(values.files);
const megabytes = z.coerce.number().min(0.001).max(100_000).parse(values.megabytes);
const wanMbit = Count.parse(values['wan-mbit']);
const bridges = Count.parse(values.bridges);
const FOLDER = 'Projects';
/** How often files are looked at: a fraction of what is measured, and rare enough not to load the machine that it is measured on. */
const LOOK_MS = 25;
const say = (text: string) => process.stderr.write(`bench: ${text}\n`);

const unavailable = namespacesUnavailable();
if (unavailable !== undefined) {
  say(`skipped: ${unavailable}`);
  printReport('office', [], { skipped: unavailable });
  process.exit(0);
}

/** Bars of the main job: many small files pay for their entries and requests. */
const small = (megabytes * 1e6) / files < 100_000;
const bars = small
  ? { amplification: 1.25, timeOverLimit: 3 }
  : { amplification: pcs > 6 ? 1.05 : 1.03, timeOverLimit: 1.15 };

const network = createOfficeNetwork({ name: 'harpb', pcs: pcs + (values.late ? 1 : 0), wanMbit, bridges });
let exitCode = 0;
try {
  await measure(network);
} catch (error) {
  say(error instanceof Error ? (error.stack ?? error.message) : String(error));
  exitCode = 1;
} finally {
  network.dispose();
}
process.exit(exitCode);

async function measure(office: OfficeNetwork): Promise<void> {
  say(`${files} files, ${megabytes} MB, ${pcs} PCs on ${bridges} bridge(s), ${wanMbit} Mbit/s`);
  const cloud = await startCloud({ host: office.serverHost });
  const server = await startServer({ publicHost: office.serverHost });
  const sizeBytes = Math.floor((megabytes * 1e6) / files);
  const paths = Array.from({ length: files }, (_, index) => `file-${String(index).padStart(5, '0')}.bin`);
  for (const [index, path] of paths.entries()) await cloud.putGenerated(`/${FOLDER}/${path}`, sizeBytes, index + 1);
  await apply(server, cloud, []);
  await until('the folder is indexed', async () => (await folderSummary(server)).fileCount === files, 120_000);

  const token = await createToken(server, 'north', pcs + 1);
  const agents = await Promise.all(
    Array.from({ length: pcs }, (_, index) => startAgent({ name: `pc${index}`, token, place: office.pc(index) })),
  );
  await until(
    'every PC sees every other',
    async () => (await peerCounts(server)).every((count) => count === pcs - 1),
    90_000,
  );
  say('every PC sees every other; waiting until they are at rest');
  await atRest(agents);
  say('office is up; adding it to the folder');

  const cpuBefore = agents.map((agent) => usageOf(agent.process.pid).cpuSeconds);
  const cold = await timed(office, async () => {
    await apply(server, cloud, ['north']);
    await until(
      'the last PC holds the last file',
      () => agents.every((agent) => holds(agent, paths, sizeBytes)),
      600_000,
      LOOK_MS,
    );
  });
  const costs = agents.map((agent) => usageOf(agent.process.pid));
  const cpuSeconds = costs.map((cost, index) => cost.cpuSeconds - (cpuBefore[index] ?? 0));
  const uniqueBytes = sizeBytes * files;
  const limitSeconds = (uniqueBytes * 8) / (wanMbit * 1e6);
  const verified = await allMatch(agents, paths, (path) => cloud.digest(`/${FOLDER}/${path}`));
  const figures: Figure[] = [
    figure('uniqueBytes', uniqueBytes, 'B'),
    figure('wanBytes', cold.wanBytes, 'B'),
    figure('wanBytesSent', cold.sent, 'B'),
    figure('amplification', cold.wanBytes / uniqueBytes, 'x', bars.amplification),
    figure('seconds', cold.seconds, 's'),
    figure('limitSeconds', limitSeconds, 's'),
    figure('timeOverLimit', cold.seconds / limitSeconds, 'x', bars.timeOverLimit),
    figure('allVerified', verified ? 1 : 0, 'bool', 1, 'higher'),
    figure('agentCpuSeconds', cpuSeconds.reduce((sum, each) => sum + each, 0) / agents.length, 's'),
    figure('agentRssBytesMax', Math.max(...costs.map(({ rssBytes }) => rssBytes)), 'B'),
  ];

  if (values.late) {
    say('one more PC enrols');
    const late = await timed(office, async () => {
      const newcomer = await startAgent({ name: 'late', token, place: office.pc(pcs) });
      agents.push(newcomer);
      await until('the newcomer holds every file', () => holds(newcomer, paths, sizeBytes), 300_000, LOOK_MS);
    });
    figures.push(figure('latePcWanBytes', late.wanBytes, 'B', 1e6), figure('latePcSeconds', late.seconds, 's'));
  }
  if (values.edit) {
    say('1 KiB is inserted in the middle of a 30 MB file');
    const big = 'thirty-megabytes.bin';
    await cloud.putGenerated(`/${FOLDER}/${big}`, 30_000_000, 777);
    await until(
      'the 30 MB file is everywhere',
      () => agents.every((agent) => holds(agent, [big], 30_000_000)),
      300_000,
      LOOK_MS,
    );
    const edit = await timed(office, async () => {
      await cloud.insert(`/${FOLDER}/${big}`, 15_000_000, 1024);
      await until(
        'the edited file is everywhere',
        () => agents.every((agent) => holds(agent, [big], 30_001_024)),
        120_000,
        LOOK_MS,
      );
    });
    const same = await allMatch(agents, [big], (path) => cloud.digest(`/${FOLDER}/${path}`));
    figures.push(
      figure('editWanBytes', edit.wanBytes, 'B', 5e6),
      figure('editSeconds', edit.seconds, 's'),
      figure('editVerified', same ? 1 : 0, 'bool', 1, 'higher'),
    );
  }
  const stats = await cloud.stats();
  figures.push(figure('originDuplicateBytes', stats.duplicateBytes, 'B'));
  printReport('office', figures, { pcs, files, megabytes, wanMbit, bridges });
  await Promise.all(agents.map((agent) => agent.process.stop()));
  await server.process.stop();
  await cloud.stop();
}

/**
 * PCs that were just started together are busy with starting and meeting each other for a while, which is not what is measured: waits until they have
 * used less than a quarter of one core between them for two seconds.
 */
async function atRest(agents: readonly Agent[]): Promise<void> {
  const cpuSeconds = () => agents.reduce((sum, agent) => sum + usageOf(agent.process.pid).cpuSeconds, 0);
  let before = { atMs: performance.now(), cpuSeconds: cpuSeconds() };
  await until(
    'the PCs are at rest',
    async () => {
      const now = { atMs: performance.now(), cpuSeconds: cpuSeconds() };
      const load = (now.cpuSeconds - before.cpuSeconds) / ((now.atMs - before.atMs) / 1000);
      before = now;
      return load < 0.25;
    },
    120_000,
    2000,
  );
}

async function timed(office: OfficeNetwork, run: () => Promise<void>) {
  const before = office.wanBytes();
  const startedAt = performance.now();
  await run();
  const seconds = (performance.now() - startedAt) / 1000;
  const after = office.wanBytes();
  const received = after.received - before.received;
  const sent = after.sent - before.sent;
  return { seconds, sent, wanBytes: received + sent };
}

async function apply(server: Server, cloud: Cloud, offices: string[]): Promise<void> {
  await server.api('/fleet', {
    method: 'PUT',
    body: {
      nextclouds: [{ name: 'main', url: cloud.url, user: cloud.user, password: cloud.password }],
      offices: [{ name: 'north', subnets: ['10.77.0.0/16'] }],
      folders: [{ name: FOLDER, nextcloud: 'main', path: `/${FOLDER}`, offices }],
    },
  });
}

async function folderSummary(server: Server): Promise<{ fileCount: number }> {
  const status = z.object({ folders: z.array(z.object({ fileCount: z.int() })) }).parse(await server.api('/status'));
  return status.folders[0] ?? { fileCount: 0 };
}

async function peerCounts(server: Server): Promise<number[]> {
  const { agents } = AgentPage.parse(await server.api('/agents'));
  return agents.map(({ peers }) => peers ?? 0);
}

/** A file appears under its name only when it is whole and verified: its presence with the right size is the end of its delivery. */
function holds(agent: Agent, paths: readonly string[], sizeBytes: number): boolean {
  const folder = join(agent.filesDir, FOLDER);
  if (!existsSync(folder)) return false;
  if (paths.length > 50 && readdirSync(folder).filter((name) => !name.startsWith('.')).length < paths.length)
    return false;
  return paths.every((path) => statSync(join(folder, path), { throwIfNoEntry: false })?.size === sizeBytes);
}

async function allMatch(
  agents: readonly Agent[],
  paths: readonly string[],
  expected: (path: string) => Promise<string>,
): Promise<boolean> {
  for (const path of paths) {
    const wanted = await expected(path);
    for (const agent of agents) {
      const hash = createHash('sha256');
      for await (const piece of createReadStream(join(agent.filesDir, FOLDER, path))) hash.update(piece);
      if (hash.digest('hex') !== wanted) {
        say(`${agent.name}: ${path} differs from the source`);
        return false;
      }
    }
  }
  return true;
}
