/** A real Mosquitto that runs from the files `harp mqtt config` writes. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';
import type { Server } from './fleet.ts';
import { until } from './process.ts';

const program = process.env.HARP_TEST_MOSQUITTO ?? '/usr/sbin/mosquitto';

export interface Mosquitto {
  /** Starts it (again) and resolves when it listens. */
  start(): Promise<void>;
  /** kill -9. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

const living = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of living) child.kill('SIGKILL');
});

/** A port that nothing listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** What a server is told to use the Mosquitto of `kit`. Its reload command fails while there is a file `stuck`. */
export function mosquittoEnv(kit: string, port: number): Record<string, string> {
  return {
    HARP_MQTT_URL: `mqtts://127.0.0.1:${port}`,
    HARP_MQTT_DIR: kit,
    HARP_MQTT_RELOAD: `test ! -e '${kit}/stuck' && kill -HUP "$(cat '${kit}/mosquitto.pid')"`,
  };
}

/** Has the server write the files of `kit`, as an administrator would. @returns what the command printed */
export function writeKit(server: Server, kit: string, port: number): Promise<unknown> {
  mkdirSync(join(kit, 'data'), { recursive: true });
  return server.harpJson('mqtt', 'config', '--out', kit, '--listen', String(port), '--data', join(kit, 'data'));
}

/** A Mosquitto for the files in `kit`, not started yet. */
export function mosquittoOf(kit: string, port: number): Mosquitto {
  const logFile = join(kit, 'mosquitto.log');
  let child: ChildProcess | undefined;

  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const ending = child;
    child = undefined;
    if (ending === undefined || ending.exitCode !== null || ending.signalCode !== null) return;
    const ended = once(ending, 'exit');
    ending.kill(signal);
    await ended;
  };

  return {
    async start() {
      if (!existsSync(program)) throw new Error('this needs Mosquitto (Debian, Ubuntu: apt-get install mosquitto)');
      const own = [`pid_file ${kit}/mosquitto.pid`];
      // Started by root it would become another user, who cannot read a temporary folder of root's.
      if (process.getuid?.() === 0) own.push('user root');
      const conf = join(kit, 'test.conf');
      writeFileSync(conf, `${own.join('\n')}\n${readFileSync(join(kit, 'mosquitto.conf'), 'utf8')}`);
      const started = spawn(program, ['-c', conf], { stdio: ['ignore', 'ignore', 'pipe'] });
      child = started;
      living.add(started);
      started.once('exit', () => living.delete(started));
      started.stderr.pipe(createWriteStream(logFile, { flags: 'a' }));
      await until('mosquitto listens', () => {
        if (started.exitCode !== null) throw new Error(`mosquitto ended with ${started.exitCode}: see ${logFile}`);
        return answers(port);
      });
    },
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
  };
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
