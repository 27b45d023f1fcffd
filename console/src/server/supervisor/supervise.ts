/**
 * What `npm start` runs: PostgreSQL, migrations, broker, console server, in this order; each restarted alone when it ends; stopped in reverse. The
 * supervisor itself listens on nothing and decides nothing about the fleet.
 */
import { join } from 'node:path';
import type { Database } from '@harp/prisma';
import { z } from 'zod';
import { type ServerEnv, urlHost } from '../env.ts';
import type { Clock, Logger } from '../ports.ts';
import { createDatabasePart } from './database-part.ts';
import { choosePorts } from './free-ports.ts';
import { takeInstanceLock } from './instance-lock.ts';
import { createPart, type RunningPart } from './part.ts';
import { endLeftovers, type ProcessIdentity, type ProcessTable } from './process-identity.ts';
import { withProgress } from './progress.ts';

/** What the supervisor prints when all is up: the contract with tests, demo and scripts. */
export interface ReadyLine {
  ready: true;
  url: string;
  gatewayPort: number;
  mqttPort: number;
  setupCode: string | null;
}

export interface SupervisorPorts {
  env: ServerEnv;
  /** The environment that children inherit; what they are told is added. */
  inherited: NodeJS.ProcessEnv;
  pid: number;
  processes: ProcessTable;
  openDatabase(): Promise<Database>;
  migrate(url: string): Promise<unknown>;
  launch(part: 'broker' | 'console server', env: NodeJS.ProcessEnv): RunningPart;
  clock: Clock;
  logger: Logger;
  random(): number;
  /** A line for people. */
  say(line: string): void;
  /** Called when everything is ready, and again when the console server was restarted: its set-up code is new. */
  onReady(line: ReadyLine): void;
}

export interface Supervisor {
  /** @throws {HarpError} `supervisor.*`; whatever was started has been stopped again */
  start(): Promise<void>;
  /** Stops everything, in reverse. Safe at any time, also while starting. */
  stop(): Promise<void>;
}

/** What the console server says when it is ready. */
export const ConsoleReady = z.object({ ready: z.literal(true), port: z.int(), setupCode: z.string().nullable() });

/** Parts of a supervisor that was killed stop by themselves; this long is waited before they are made to. */
const LEFTOVER_GRACE_MS = 15_000;

export function createSupervisor(ports: SupervisorPorts): Supervisor {
  const { env, clock, logger, say } = ports;
  /** How to undo what has been started, newest first. */
  const undo: (() => Promise<unknown>)[] = [];
  let stopped: Promise<void> | undefined;
  const step = <T>(what: string, work: Promise<T>) => withProgress(what, work, { clock, say });

  const stop = () => {
    stopped ??= (async () => {
      for (let undoing = undo.pop(); undoing !== undefined; undoing = undo.pop()) await undoing();
    })();
    return stopped;
  };
  const begin = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
    if (stopped !== undefined) throw new Stopped();
    return step(what, work());
  };

  const start = async () => {
    const lock = await takeInstanceLock(join(env.dataDir, 'supervisor.lock'), ports.pid, ports.processes);
    undo.push(() => lock.release());
    await begin('stopping parts of a Harp that was killed', () =>
      endLeftovers(lock.leftovers, ports.processes, clock, LEFTOVER_GRACE_MS),
    );
    const [consolePort, gatewayPort, ownMqttPort] = (await choosePorts(
      [
        { variable: 'HARP_CONSOLE_PORT', port: env.consolePort },
        { variable: 'HARP_GATEWAY_PORT', port: env.gatewayPort },
        ...(env.externalMqttUrl === undefined ? [{ variable: 'HARP_MQTT_PORT', port: env.mqttPort }] : []),
      ],
      env.bindHost,
    )) as [number, number, number?];
    const mqttPort = ownMqttPort ?? Number(new URL(env.mqttUrl).port);

    const database = createDatabasePart({
      open: ports.openDatabase,
      migrate: ports.migrate,
      onMoved: (url) => {
        databaseUrl = url;
        broker.restart();
        consoleServer.restart();
      },
      clock,
      logger,
    });
    undo.push(() => step('stopping the database', database.stop()));
    let databaseUrl = await begin('starting the database', () => database.start());

    const childEnv = (): NodeJS.ProcessEnv => ({
      ...ports.inherited,
      HARP_DATA: env.dataDir,
      HARP_PUBLIC_HOST: env.publicHost,
      HARP_BIND: env.bindHost,
      HARP_CONSOLE_PORT: String(consolePort),
      HARP_GATEWAY_PORT: String(gatewayPort),
      HARP_MQTT_PORT: String(mqttPort),
      DATABASE_URL: databaseUrl,
      HARP_UI: env.ui,
      HARP_LOG: env.logLevel,
    });
    const running = new Map<string, ProcessIdentity>();
    let recording = Promise.resolve();
    const part = (name: 'broker' | 'console server', onReady: (said: unknown) => void) =>
      createPart({
        name,
        launch: () => ports.launch(name, childEnv()),
        onReady,
        onProcess: (pid) => {
          const identity = pid === undefined ? undefined : ports.processes.identify(pid);
          if (identity === undefined) running.delete(name);
          else running.set(name, identity);
          // One after the other: a later list must not be overtaken by an earlier one.
          recording = recording
            .then(() => lock.record([...running.values()]))
            .catch((error: unknown) => {
              logger.warn({ error: String(error) }, 'the lock file cannot be written');
            });
        },
        clock,
        logger,
        random: ports.random,
      });
    undo.push(() => recording);

    const broker = part('broker', () => undefined);
    const consoleServer = part('console server', (said) => {
      const { port, setupCode } = ConsoleReady.parse(said);
      const url = `http://${urlHost(env.publicHost)}:${port}`;
      ports.onReady({ ready: true, url, gatewayPort, mqttPort, setupCode });
    });
    undo.push(() => step('stopping the broker', broker.stop()));
    await begin('starting the broker', () => broker.start());
    undo.push(() => step('stopping the console server', consoleServer.stop()));
    await begin('starting the console server', () => consoleServer.start());
  };

  return {
    async start() {
      try {
        await start();
      } catch (error) {
        await stop();
        if (!(error instanceof Stopped)) throw error;
      }
    },
    stop,
  };
}

/** Somebody asked to stop while we were starting. */
class Stopped extends Error {}
