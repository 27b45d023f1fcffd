/** `npm start`: the process that keeps all others. Ends 0 after an orderly stop, 1 when something does not start. */
import { fileURLToPath } from 'node:url';
import { isHarpError } from '@harp/broker/protocol';
import { applyMigrations, openDatabase } from '@harp/prisma';
import pino from 'pino';
import { readEnv } from '../env.ts';
import { copiedLines } from '../logs/copied-lines.ts';
import { createLogRelay, type RelayChannel } from '../logs/relay.ts';
import { systemClock } from '../ports.ts';
import { HARP_VERSION } from '../version.ts';
import { launchScript, type PartChannel } from './child-process.ts';
import { systemProcesses } from './process-identity.ts';
import { createSupervisor, type ReadyLine } from './supervise.ts';

const say = (line: string) => process.stderr.write(`harp: ${line}\n`);
const fail = (error: unknown): never => {
  say(error instanceof Error ? error.message : String(error));
  process.exit(1);
};

const env = (() => {
  try {
    return readEnv(process.env);
  } catch (error) {
    return fail(error);
  }
})();
const relay = createLogRelay();
const logger = pino(
  { level: env.logLevel, base: { process: 'supervisor' } },
  copiedLines(pino.destination({ dest: 2, sync: true }), relay.own),
);

const scripts = {
  broker: new URL('../../broker/dist/main.js', import.meta.url),
  'console server': new URL('./server.js', import.meta.url),
};

/** What becomes of a part's channel: the broker's lines go to the console server. */
const channels = {
  broker: (channel: PartChannel) => void channel.on('message', relay.fromBroker),
  'console server': (channel: PartChannel) => relay.use(channel as RelayChannel),
};

const announce = (line: ReadyLine) => {
  say(`Harp ${HARP_VERSION} is up. Console: ${line.url} · agents: ports ${line.gatewayPort} and ${line.mqttPort}`);
  if (line.setupCode !== null) say(`Open ${line.url} and enter the code ${line.setupCode}`);
  process.stdout.write(`${JSON.stringify(line)}\n`);
};

const supervisor = createSupervisor({
  env,
  inherited: process.env,
  pid: process.pid,
  processes: systemProcesses,
  openDatabase: () => openDatabase({ dataDir: env.dataDir, databaseUrl: env.databaseUrl, logger }),
  migrate: (url) => applyMigrations(url, logger),
  launch: (part, childEnv) => launchScript(part, fileURLToPath(scripts[part]), childEnv, channels[part]),
  clock: systemClock,
  logger,
  random: Math.random,
  say,
  onReady: announce,
});

const stop = (signal: NodeJS.Signals) => {
  logger.info({ signal }, 'stopping');
  supervisor.stop().then(() => process.exit(0), fail);
};
process.on('SIGTERM', stop);
process.on('SIGINT', stop);
// A closed terminal: stop in order instead of leaving PostgreSQL behind.
process.on('SIGHUP', stop);

// Timers of parts do not keep the process alive; this does, until exit.
setInterval(() => undefined, 2 ** 30);

try {
  await supervisor.start();
} catch (error) {
  if (!isHarpError(error)) logger.error({ err: error }, 'Harp does not start');
  fail(error);
}
