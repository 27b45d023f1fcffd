/** A whole Harp in a temporary folder: stand-in Nextcloud, `npm start`'s supervisor, agents. Everything is a real process. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { type Finished, type RunningProcess, runToEnd, startProcess, until } from './process.ts';

export const root = fileURLToPath(new URL('../../', import.meta.url));

const SupervisorReady = z.object({
  ready: z.literal(true),
  url: z.string(),
  gatewayPort: z.int(),
  mqttPort: z.int(),
  setupCode: z.string().nullable(),
});
const AgentReady = z.object({ ready: z.literal(true), agent: z.string(), peerPort: z.int() });

/** Where a process runs: as it is, or inside a network namespace. */
export type Placement = (command: string, args: readonly string[]) => [string, string[]];
const here: Placement = (command, args) => [command, [...args]];

export interface ServerOptions {
  /** Default: a new temporary folder, removed by `dispose`. */
  dataDir?: string;
  publicHost?: string;
  ui?: 'on' | 'off' | 'dev';
  env?: Record<string, string>;
  place?: Placement;
}

export interface Server {
  readonly dataDir: string;
  readonly logFile: string;
  readonly url: string;
  readonly gatewayPort: number;
  readonly mqttPort: number;
  readonly setupCode: string | null;
  readonly process: RunningProcess;
  /** Runs the admin CLI against this server. */
  harp(...args: string[]): Promise<Finished>;
  /** Runs the CLI with `--json` and parses what it prints. @throws if it fails */
  harpJson(...args: string[]): Promise<unknown>;
  /** GET or other request to the REST API with the local CLI's key. */
  api(path: string, init?: { method?: string; body?: unknown }): Promise<unknown>;
}

/** Starts the server side exactly as `npm start` does. Ports are free ones unless `env` sets them. */
export async function startServer(options: ServerOptions = {}): Promise<Server> {
  const dataDir = options.dataDir ?? temporaryFolder('server');
  const logFile = join(dataDir, 'log', 'server.log');
  const env = {
    HARP_DATA: dataDir,
    HARP_PUBLIC_HOST: options.publicHost ?? '127.0.0.1',
    HARP_CONSOLE_PORT: '0',
    HARP_GATEWAY_PORT: '0',
    HARP_MQTT_PORT: '0',
    HARP_UI: options.ui ?? 'off',
    HARP_POLL_SECONDS: '1',
    ...options.env,
  };
  const [command, args] = (options.place ?? here)(process.execPath, [join(root, 'console/dist/supervisor.js')]);
  const running = await startProcess({ name: 'server', command, args, env, logFile, readyTimeoutMs: 90_000 });
  const ready = SupervisorReady.parse(running.ready);
  const harp = (...cliArgs: string[]) =>
    runToEnd(process.execPath, [join(root, 'console/dist/cli.js'), ...cliArgs], {
      env: { HARP_DATA: dataDir },
      cwd: dataDir,
    });
  const credentials = z
    .object({ url: z.string(), apiKey: z.string() })
    .parse(JSON.parse(readFileSync(join(dataDir, 'cli.json'), 'utf8')));
  return {
    dataDir,
    logFile,
    url: ready.url,
    gatewayPort: ready.gatewayPort,
    mqttPort: ready.mqttPort,
    setupCode: ready.setupCode,
    process: running,
    harp,
    async harpJson(...cliArgs) {
      const { code, stdout, stderr } = await harp(...cliArgs, '--json');
      if (code !== 0) throw new Error(`harp ${cliArgs.join(' ')} ended with ${code}: ${stderr}${stdout}`);
      return JSON.parse(stdout);
    },
    async api(path, init = {}) {
      const response = await fetch(`${credentials.url}/api/v1${path}`, {
        method: init.method ?? 'GET',
        headers: { authorization: `Bearer ${credentials.apiKey}`, 'content-type': 'application/json' },
        ...(init.body === undefined ? {} : { body: JSON.stringify(init.body) }),
      });
      if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
      return response.status === 204 ? undefined : response.json();
    },
  };
}

export interface AgentOptions {
  name: string;
  token: string;
  /** Default: a new temporary folder below which state and files live. */
  folder?: string;
  peerHost?: string;
  peerPort?: number;
  mdns?: boolean;
  place?: Placement;
  env?: Record<string, string>;
}

export interface Agent {
  readonly name: string;
  readonly stateDir: string;
  readonly filesDir: string;
  readonly logFile: string;
  readonly id: string;
  readonly process: RunningProcess;
  /** Stops (if running) and starts again with the same state. */
  restart(): Promise<Agent>;
  cli(...args: string[]): Promise<Finished>;
}

/** Enrols a PC with a token and runs its agent. */
export async function startAgent(options: AgentOptions): Promise<Agent> {
  const folder = options.folder ?? temporaryFolder(options.name);
  const stateDir = join(folder, 'state');
  const place = options.place ?? here;
  const [command, args] = place(process.execPath, [
    agentProgram,
    'enrol',
    '--token',
    options.token,
    '--state',
    stateDir,
  ]);
  const { code, stderr } = await runToEnd(command, args, { env: environmentOf(options, stateDir) });
  if (code !== 0) throw new Error(`${options.name} could not enrol: ${stderr}`);
  return runAgent({ ...options, folder });
}

const agentProgram = join(root, 'agent/dist/main.js');

/** Every agent on this machine is a PC of its own. */
function environmentOf({ name, env }: Pick<AgentOptions, 'name' | 'env'>, stateDir: string): Record<string, string> {
  return { HARP_HOSTNAME: name, HARP_HARDWARE_ID: stateDir, ...env };
}

/** Runs an agent that is enrolled already. */
export async function runAgent(options: AgentOptions & { folder: string }, readyTimeoutMs?: number): Promise<Agent> {
  const stateDir = join(options.folder, 'state');
  const filesDir = join(options.folder, 'files');
  const logFile = join(options.folder, 'agent.log');
  mkdirSync(filesDir, { recursive: true });
  const place = options.place ?? here;
  const runArgs = ['run', '--state', stateDir, '--files', filesDir, '--peer-port', String(options.peerPort ?? 0)];
  if (options.peerHost !== undefined) runArgs.push('--peer-host', options.peerHost);
  if (options.mdns === false) runArgs.push('--no-mdns');
  const [command, args] = place(process.execPath, [agentProgram, ...runArgs]);
  const env = environmentOf(options, stateDir);
  const running = await startProcess({
    name: options.name,
    command,
    args,
    logFile,
    env,
    ...(readyTimeoutMs === undefined ? {} : { readyTimeoutMs }),
  });
  const ready = AgentReady.parse(running.ready);
  return {
    name: options.name,
    stateDir,
    filesDir,
    logFile,
    id: ready.agent,
    process: running,
    async restart() {
      await running.stop();
      return runAgent(options);
    },
    cli: (...cliArgs) => {
      const [program, programArgs] = place(process.execPath, [agentProgram, ...cliArgs]);
      return runToEnd(program, programArgs);
    },
  };
}

const made: string[] = [];
process.on('exit', () => {
  if (process.env.HARP_KEEP_TEMP === undefined)
    for (const folder of made) rmSync(folder, { recursive: true, force: true });
});

/** A new temporary folder, removed when this process ends (HARP_KEEP_TEMP=1 keeps it for a look). */
export function temporaryFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `harp-${name}-`));
  made.push(folder);
  return folder;
}

/** Starts a server again on the data of one that has ended, on the same ports. */
export function restartServer(server: Server, options: Omit<ServerOptions, 'dataDir'> = {}): Promise<Server> {
  return startServer({
    ...options,
    dataDir: server.dataDir,
    env: {
      HARP_CONSOLE_PORT: new URL(server.url).port,
      HARP_GATEWAY_PORT: String(server.gatewayPort),
      HARP_MQTT_PORT: String(server.mqttPort),
      ...options.env,
    },
  });
}

/** Runs a command of `harp-agent` to its end. Each state folder is a PC of its own. */
export function harpAgent(...args: string[]): Promise<Finished> {
  const stateDir = args[args.indexOf('--state') + 1];
  const env = stateDir === undefined ? {} : { HARP_HARDWARE_ID: stateDir };
  return runToEnd(process.execPath, [agentProgram, ...args], { env });
}

/** A PC that runs `harp-agent` without an identity: it looks for its server and waits to be let in. */
export interface WaitingPc {
  readonly stateDir: string;
  readonly logFile: string;
  /** What its state folder says it shows. */
  shown(): Promise<{ cause: string; code?: string; server?: string; via?: string } | undefined>;
  /** Waits until `harp-agent status` shows what is wanted. */
  shows(cause: string, timeoutMs?: number): Promise<{ cause: string; code?: string; server?: string; via?: string }>;
  /** The agent, once it was let in. */
  enrolled(timeoutMs?: number): Promise<Agent>;
  stop(): Promise<void>;
}

const Shown = z.object({
  cause: z.string(),
  code: z.string().exactOptional(),
  server: z.string().exactOptional(),
  via: z.string().exactOptional(),
});

/** Starts `harp-agent run` on a PC that is not enrolled. */
export function startWaiting(options: Omit<AgentOptions, 'token'>): WaitingPc {
  const folder = options.folder ?? temporaryFolder(options.name);
  const stateDir = join(folder, 'state');
  const logFile = join(folder, 'agent.log');
  const place = options.place ?? here;
  const ready = runAgent({ ...options, token: '', folder }, 600_000);
  // Whoever waits for it hears it; whoever does not has stopped it.
  ready.catch(() => undefined);
  // A process for every look would keep a core busy while somebody waits.
  const shown = async () => {
    const file = join(stateDir, 'pending.json');
    const parsed = Shown.safeParse(jsonOf(existsSync(file) ? readFileSync(file, 'utf8') : ''));
    return parsed.success ? parsed.data : undefined;
  };
  const status = async () => {
    const [command, args] = place(process.execPath, [agentProgram, 'status', '--state', stateDir, '--json']);
    return z.object({ pending: Shown }).safeParse(jsonOf((await runToEnd(command, args)).stdout)).data?.pending;
  };
  return {
    stateDir,
    logFile,
    shown,
    shows: (cause, timeoutMs = 60_000) =>
      until(
        `${options.name} shows ${cause}`,
        async () => {
          if ((await shown())?.cause !== cause) return undefined;
          const now = await status();
          return now?.cause === cause ? now : undefined;
        },
        timeoutMs,
        250,
      ),
    enrolled: (timeoutMs = 60_000) => within(ready, timeoutMs, `${options.name} is let in`),
    stop: async () => stopByState(stateDir, ready),
  };
}

async function stopByState(stateDir: string, ready: Promise<Agent>): Promise<void> {
  const file = join(stateDir, 'pending.json');
  const pending = z.object({ pid: z.int() }).safeParse(jsonOf(existsSync(file) ? readFileSync(file, 'utf8') : ''));
  if (pending.success) process.kill(pending.data.pid, 'SIGTERM');
  await ready.then((agent) => agent.process.stop()).catch(() => undefined);
}

function within<T>(promise: Promise<T>, ms: number, what: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`gave up waiting: ${what}`)), ms);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Creates an enrolment token for an office. */
export async function createToken(server: Server, office: string, uses: number): Promise<string> {
  const created = z
    .object({ token: z.string() })
    .parse(await server.harpJson('token', 'create', '--office', office, '--uses', String(uses), '--expires', '1d'));
  return created.token;
}

/** Writes a fleet file and applies it. @throws if `harp apply` refuses it */
export async function applyFleet(server: Server, fleet: object, env: Record<string, string> = {}): Promise<void> {
  const file = join(server.dataDir, 'fleet.yaml');
  writeFileSync(file, JSON.stringify(fleet, null, 2));
  const { code, stderr, stdout } = await runToEnd(
    process.execPath,
    [join(root, 'console/dist/cli.js'), 'apply', '-f', file],
    { env: { HARP_DATA: server.dataDir, ...env }, cwd: server.dataDir },
  );
  if (code !== 0) throw new Error(`harp apply: ${stderr}${stdout}`);
}
