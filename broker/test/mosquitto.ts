/** A real Mosquitto on a free port of this machine, with a configuration of the test's. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';

export interface Mosquitto extends AsyncDisposable {
  readonly port: number;
}

/** Starts one that takes whoever comes at his word: for what the ACL file alone decides. `dir` holds `acl`. */
export async function startOpenMosquitto(dir: string): Promise<Mosquitto> {
  const program = process.env.HARP_TEST_MOSQUITTO ?? '/usr/sbin/mosquitto';
  if (!existsSync(program)) throw new Error('this test needs Mosquitto (Debian, Ubuntu: apt-get install mosquitto)');
  const port = await freePort();
  const lines = [
    `listener ${port} 127.0.0.1`,
    'allow_anonymous true',
    `acl_file ${join(dir, 'acl')}`,
    'sys_interval 1',
  ];
  // Otherwise it would give up root, and with it the right to read our folder.
  if (process.getuid?.() === 0) lines.push('user root');
  await writeFile(join(dir, 'mosquitto.conf'), `${lines.join('\n')}\n`);
  const child = spawn(program, ['-c', join(dir, 'mosquitto.conf')], { stdio: ['ignore', 'ignore', 'pipe'] });
  const log: string[] = [];
  child.stderr.on('data', (text) => void log.push(String(text)));
  while (!(await answers(port))) {
    if (child.exitCode !== null) throw new Error(`mosquitto ended with ${child.exitCode}: ${log.join('')}`);
  }
  return { port, [Symbol.asyncDispose]: () => stop(child) };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => setTimeout(() => resolve(false), 20));
  });
}
