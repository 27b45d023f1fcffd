/** The console server's process: started by the supervisor, says that it is ready in one line, ends when it is told to or its parent dies. */
import { fileURLToPath } from 'node:url';
import pino from 'pino';
import { startConsoleServer } from './console-server.ts';
import { readEnv } from './env.ts';
import { createLogs } from './logs/channels.ts';
import { copiedLines } from './logs/copied-lines.ts';
import { systemClock, systemRandom } from './ports.ts';

/** A stop that takes longer than this is cut short, so that the supervisor need not. */
const STOP_WITHIN_MS = 15_000;

process.env.NEXT_TELEMETRY_DISABLED = '1';
const env = readEnv(process.env);
const logs = createLogs({ clock: systemClock, randomBytes: systemRandom });
const logger = pino(
  {
    level: env.logLevel,
    base: { process: 'console' },
    // As JSON an error is {}.
    serializers: { error: (error: unknown) => (error instanceof Error ? String(error) : error) },
  },
  copiedLines(pino.destination({ dest: 2, sync: true }), logs.printed),
);
logs.logTo(logger);
process.on('message', logs.fromSupervisor);

const die = (error: unknown): void => {
  logger.fatal({ err: error }, 'console server failed');
  process.exit(1);
};
process.on('uncaughtException', die);
process.on('unhandledRejection', die);
if (env.databaseUrl === undefined) {
  die(new Error('DATABASE_URL is not set: start Harp with npm start, whose supervisor sets it'));
  throw new Error('unreachable');
}

const starting = startConsoleServer(env, {
  databaseUrl: env.databaseUrl,
  workerEntry: new URL('./index-worker.js', import.meta.url),
  consoleDir: fileURLToPath(new URL('..', import.meta.url)),
  clock: systemClock,
  randomBytes: systemRandom,
  logger,
  logs,
});

let isStopping = false;
const stop = async (why: string): Promise<void> => {
  if (isStopping) return;
  isStopping = true;
  logger.info({ why }, 'stopping');
  systemClock.after(STOP_WITHIN_MS, () => die(new Error('stopping took too long')));
  const server = await starting;
  await server.stop();
  process.exit(0);
};
process.on('SIGTERM', () => void stop('SIGTERM'));
process.on('SIGINT', () => void stop('SIGINT'));
// The supervisor died without a word: nobody would ever stop us.
process.on('disconnect', () => void stop('the supervisor has gone'));

const { port, setupCode } = await starting;
if (setupCode !== null)
  logger.info({ setupCode }, 'there is no administrator yet: open the console and enter this code');
process.stdout.write(`${JSON.stringify({ ready: true, port, setupCode })}\n`);
