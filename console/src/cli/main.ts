/** `harp`: joins the command line to the real world. */
import { hostname, userInfo } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { HARP_VERSION } from '../server/version.ts';
import { runCli } from './program.ts';

// `harp … | head` closes the pipe early: that is an end, not a failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

/** Undefined where the user has no entry, as in some containers. */
function operator(): string | undefined {
  try {
    return `${userInfo().username}@${hostname()}`;
  } catch {
    return undefined;
  }
}

process.exitCode = await runCli(process.argv.slice(2), HARP_VERSION, {
  env: process.env,
  cwd: process.cwd(),
  operator: operator(),
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  isTerminal: process.stdout.isTTY === true,
  nowMs: () => Date.now(),
  sleep: async (ms) => {
    await sleep(ms);
  },
});
