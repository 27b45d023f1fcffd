/**
 * The demo: everything Harp does, on one machine, from one command. A stand-in Nextcloud with sample files, the real server side, two offices of
 * three real agents, each office behind its own 20 Mbit/s line (shaped in the stand-in).
 *
 *   npm run demo [-- --once] [--megabytes 60] [--dev]
 *
 * --once does the job, prints a table per office and ends with 0 if everything was delivered and verified.
 */
import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { AgentPage } from '../../console/src/api/schemas.ts';
import { type Cloud, startCloud } from '../harness/cloud.ts';
import { type Agent, createToken, type Server, startAgent, startServer } from '../harness/fleet.ts';
import { until } from '../harness/process.ts';
import { type OfficeResult, renderTable } from './table.ts';

const { values } = parseArgs({
  options: {
    once: { type: 'boolean', default: false },
    megabytes: { type: 'string', default: '60' },
    dev: { type: 'boolean', default: false },
    'wan-mbit': { type: 'string', default: '20' },
  },
});
const megabytes = z.coerce.number().min(8).max(10_000).parse(values.megabytes);
const wanMbit = z.coerce.number().min(1).max(10_000).parse(values['wan-mbit']);

const FOLDER = 'Projects';
const OFFICES = ['north', 'south'] as const;
const PCS = ['reception', 'design', 'workshop'] as const;
const startedAt = performance.now();
const say = (text: string) =>
  process.stderr.write(`[${((performance.now() - startedAt) / 1000).toFixed(1).padStart(5)} s] ${text}\n`);

const running: { stop(): Promise<unknown> }[] = [];
async function stopAll(): Promise<void> {
  while (running.length > 0) await running.pop()?.stop();
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    say('stopping …');
    void stopAll().then(() => process.exit(0));
  });
}

try {
  process.exitCode = await demo();
} catch (error) {
  say(`the demo failed: ${error instanceof Error ? error.message : String(error)}`);
  await stopAll();
  process.exitCode = 1;
}

async function demo(): Promise<number> {
  say(`starting a stand-in Nextcloud with ${megabytes} MB of sample files`);
  const cloud = await startCloud({ wanMbit });
  running.push(cloud);
  const files = await cloud.putSampleTree(`/${FOLDER}`, { megabytes });

  say('starting PostgreSQL, broker and console');
  const server = await startServer({
    ui: values.once ? 'off' : values.dev ? 'dev' : 'on',
    ...(values.once ? {} : { env: consolePort() }),
  });
  running.push(server.process);
  const login = values.once ? undefined : await createAdministrator(server);

  await apply(server, cloud, []);
  say(`indexing ${files.length} files`);
  await until(
    'the folder is indexed',
    async () => (await status(server)).folders[0]?.fileCount === files.length,
    300_000,
  );

  say('enrolling two offices of three PCs');
  const agents = await Promise.all(
    OFFICES.flatMap(async (office) => {
      const token = await createToken(server, office, PCS.length);
      return Promise.all(
        PCS.map(async (pc) => {
          const agent = await startAgent({
            name: `${office}-${pc}`,
            token,
            peerHost: '127.0.0.1',
            mdns: false,
          });
          running.push(agent.process);
          return { office, agent };
        }),
      );
    }),
  ).then((groups) => groups.flat());
  await until(
    'every PC sees its neighbours',
    async () => (await neighbours(server)).every((count) => count === PCS.length - 1),
    60_000,
    200,
  );
  if (login !== undefined) {
    process.stdout.write(`\n  Console   ${server.url}\n  Name      ${login.name}\n  Password  ${login.password}\n\n`);
  }

  say(`the offices get the folder, each over its own line of ${wanMbit} Mbit/s`);
  const beginsAt = performance.now();
  await apply(server, cloud, [...OFFICES]);
  const results = await Promise.all(
    OFFICES.map((office) =>
      deliver(
        office,
        agents.filter((each) => each.office === office).map((each) => each.agent),
        files,
        cloud,
        beginsAt,
      ),
    ),
  );
  process.stdout.write(`\n${renderTable(results)}\n`);
  const ok = results.every((result) => result.verified === result.expected);
  if (values.once) {
    await stopAll();
    return ok ? 0 : 1;
  }
  say('the demo stays up. Change files under the stand-in, watch the console; Ctrl+C ends everything.');
  await new Promise(() => undefined);
  return 0;
}

/** Waits until every PC of an office holds every file, then hashes all of them against the source. */
async function deliver(
  office: string,
  agents: readonly Agent[],
  files: readonly { path: string; sizeBytes: number }[],
  cloud: Cloud,
  beginsAt: number,
): Promise<OfficeResult> {
  const place = (agent: Agent, path: string) => join(agent.filesDir, ...path.split('/').filter(Boolean));
  const pending = new Map(agents.map((agent) => [agent, new Set(files)]));
  let shownAt = 0;
  await until(
    `office ${office} holds every file`,
    () => {
      let missing = 0;
      for (const [agent, wanted] of pending) {
        for (const file of wanted) {
          if (statSync(place(agent, file.path), { throwIfNoEntry: false })?.size === file.sizeBytes)
            wanted.delete(file);
        }
        missing += wanted.size;
      }
      if (performance.now() - shownAt > 4000) {
        shownAt = performance.now();
        say(`${office}: ${files.length * agents.length - missing} of ${files.length * agents.length} files in place`);
      }
      return missing === 0;
    },
    900_000,
    200,
  );
  const seconds = (performance.now() - beginsAt) / 1000;
  let verified = 0;
  for (const agent of agents) {
    for (const { path } of files) {
      const hash = createHash('sha256');
      for await (const piece of createReadStream(place(agent, path))) hash.update(piece);
      if (hash.digest('hex') === (await cloud.digest(path))) verified += 1;
      else say(`${agent.name}: ${path} differs from the source`);
    }
  }
  const bytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
  const { bodyBytes } = await cloud.stats(office);
  return {
    office,
    pcs: agents.length,
    files: files.length,
    bytes,
    wanBytes: bodyBytes,
    lanBytes: bytes * agents.length - bodyBytes,
    verified,
    expected: files.length * agents.length,
    seconds,
  };
}

async function apply(server: Server, cloud: Cloud, offices: string[]): Promise<void> {
  await server.api('/fleet', {
    method: 'PUT',
    body: {
      nextclouds: [{ name: 'stand-in', url: cloud.url, user: cloud.user, password: cloud.password }],
      offices: OFFICES.map((name) => ({ name, subnets: [] })),
      folders: [{ name: FOLDER, nextcloud: 'stand-in', path: `/${FOLDER}`, offices }],
    },
  });
}

async function status(server: Server) {
  return z.object({ folders: z.array(z.object({ fileCount: z.int() })) }).parse(await server.api('/status'));
}

/** How many neighbours each PC has a connection with. */
async function neighbours(server: Server): Promise<number[]> {
  const { agents } = AgentPage.parse(await server.api('/agents'));
  return agents.map(({ peers }) => peers ?? 0);
}

async function createAdministrator(server: Server): Promise<{ name: string; password: string }> {
  const login = { name: 'admin', password: randomBytes(9).toString('base64url') };
  const response = await fetch(`${server.url}/api/v1/setup`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: server.url },
    body: JSON.stringify({ code: server.setupCode, ...login }),
  });
  if (!response.ok) throw new Error(`the first administrator could not be made: ${await response.text()}`);
  return login;
}

/** The console's usual port when it is free, so that a bookmark works; otherwise any. */
function consolePort(): Record<string, string> {
  const port = process.env.HARP_CONSOLE_PORT;
  return port === undefined ? {} : { HARP_CONSOLE_PORT: port };
}
