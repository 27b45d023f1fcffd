/** The broker's process: reads the environment, starts the parts, says so in one line on standard output, and stops them on SIGTERM or when its parent dies. */
import pino from 'pino';
import { startBroker } from './broker.ts';
import { readEnv } from './env.ts';
import { type LogParent, withCopies } from './log-relay.ts';
import { systemClock } from './ports.ts';

/** A stop that takes longer than this is cut short, so that the supervisor need not. */
const STOP_TIMEOUT_MS = 15_000;

const env = readEnv(process.env);
const printed = pino.destination({ dest: 2, sync: true });
const logger = pino(
  {
    level: env.logLevel,
    base: { process: 'broker' },
    // As JSON an error is {}.
    serializers: { error: (error: unknown) => (error instanceof Error ? String(error) : error) },
  },
  process.send === undefined ? printed : withCopies(printed, process as LogParent),
);

const die = (error: unknown): void => {
  logger.fatal({ err: error }, 'broker failed');
  process.exit(1);
};
process.on('uncaughtException', die);
process.on('unhandledRejection', die);

const starting = startBroker(env, { clock: systemClock, logger });

let isStopping = false;
const stop = async (why: string): Promise<void> => {
  if (isStopping) return;
  isStopping = true;
  logger.info({ why }, 'stopping');
  systemClock.after(STOP_TIMEOUT_MS, () => die(new Error('stopping took too long')));
  const broker = await starting;
  await broker.stop();
  process.exit(0);
};
process.on('SIGTERM', () => void stop('SIGTERM'));
process.on('SIGINT', () => void stop('SIGINT'));
// The supervisor died without a word: nobody else would ever stop us.
process.on('disconnect', () => void stop('the supervisor has gone'));

const { mqttPort, gatewayPort } = await starting;
logger.info({ mqttPort, gatewayPort }, 'listening');
process.stdout.write(`${JSON.stringify({ ready: true, mqttPort, gatewayPort })}\n`);
