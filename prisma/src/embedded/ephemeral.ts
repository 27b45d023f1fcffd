import { spawn } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { silentLogger } from '../logger.ts';
import { openCluster, setPassword, superuser } from './cluster.ts';
import type { ServerFacts } from './facts.ts';
import { ensureServer } from './server.ts';

/** Twice as fast, and nothing would be left to recover. */
const settings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };

/**
 * A server of this process's own in a temporary folder, for tests and for trying migrations.
 *
 * Server and folder go when the process ends, however it ends, and do not keep it alive.
 */
export async function startEphemeralServer(): Promise<ServerFacts> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'harp-postgres-'));
  const cluster = await openCluster(dataDir, silentLogger);
  const password = cluster.newPassword ?? (await setPassword(cluster));
  const { pid, port } = await ensureServer(cluster, { settings, logger: silentLogger });
  cleanUpAfterThisProcess(pid, dataDir);
  return { port, user: superuser, password, database: 'postgres' };
}

/** A shell waits for the end of its standard input, which the kernel closes even after SIGKILL, and then clears up. */
function cleanUpAfterThisProcess(serverPid: number, dataDir: string): void {
  const script = `cat >/dev/null; kill -QUIT "$1"
    for i in $(seq 100); do test -e "$2/postgres/postmaster.pid" || break; sleep 0.1; done
    rm -rf "$2"`;
  const shell = spawn('/bin/sh', ['-c', script, 'sh', String(serverPid), dataDir], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  shell.unref();
  // Node gives a child a socket for a pipe.
  (shell.stdin as unknown as Socket).unref();
}
