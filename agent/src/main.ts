/** The process `harp-agent`: hands the outside world to the commands and turns their outcome into an exit code. Nothing imports this file. */
import { hostname } from 'node:os';
import { text } from 'node:stream/consumers';
import { type EnrolWorld, enrolCommand } from './cli/enrol-command.ts';
import { exitCode } from './cli/explain.ts';
import { runProgram, type Terminal } from './cli/program.ts';
import { runCommand } from './cli/run-command.ts';
import { statusCommand } from './cli/status-command.ts';
import { verifyCommand } from './cli/verify-command.ts';
import { readEnvironment } from './env.ts';
import { collectGarbage, createLogger, systemClock } from './system.ts';
import { createLogRing } from './telemetry/log-ring.ts';

const environment = readEnvironment(process.env);
const name = environment.hostname ?? (hostname().slice(0, 255) || 'unknown');
const recentLog = createLogRing(systemClock.nowMs);
const log = createLogger(environment.logLevel, recentLog);
const terminal: Terminal = {
  out: (line) => void process.stdout.write(line),
  error: (line) => void process.stderr.write(line),
  debug: environment.logLevel === 'debug',
};

process.on('uncaughtException', (error) => {
  log.error({ error: error.stack ?? String(error) }, 'unexpected error; the process ends');
  process.exit(exitCode.unexpected);
});

/** A stopping agent that hangs is worth less than one that is killed: nothing on disk depends on a clean end. */
const STOP_MAX_MS = 5_000;
const stopAsked = new Promise<string>((resolve) => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      resolve(signal);
      setTimeout(() => process.exit(exitCode.unexpected), STOP_MAX_MS).unref();
    });
  }
});

const ending = new AbortController();
stopAsked.then(() => ending.abort());
const enrolment: EnrolWorld = {
  clock: systemClock,
  log,
  hostname: name,
  environmentToken: environment.token,
  hardware: environment.hardware,
  dns: environment.dns,
  readStdin: () => text(process.stdin),
  ending: ending.signal,
};

const code = await runProgram(
  process.argv.slice(2),
  {
    enrol: enrolCommand(terminal, enrolment),
    run: runCommand(
      terminal,
      { clock: systemClock, log, recentLog, random: Math.random, hostname: name, collectGarbage },
      enrolment,
      stopAsked,
    ),
    status: statusCommand(terminal),
    verify: verifyCommand(terminal, log),
  },
  terminal,
);
// Output into a pipe may still be on its way.
process.stdout.write('', () => process.exit(code));
