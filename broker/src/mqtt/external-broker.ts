/**
 * A broker that others run, chosen by HARP_MQTT_URL. The server is its client; who may do what is in the file that rights-keeper.ts keeps, if there is a
 * folder for it. It tells us topics and not TLS sessions: that a message on an agent's topic is the agent's is the broker's word.
 */
import { exec } from 'node:child_process';
import { chmod, mkdir, readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { type ConnectionOptions, connect } from 'node:tls';
import { promisify } from 'node:util';
import mqtt, { type IStream } from 'mqtt';
import { RIGHTS_SERVICE, RIGHTS_TOPIC } from '../acl/acl-file.ts';
import type { KeyPair } from '../enrolment/certificates.ts';
import type { Pki } from '../enrolment/pki.ts';
import { oncePer } from '../once-per.ts';
import { type Clock, type Logger, shortId } from '../ports.ts';
import type { AgentId } from '../protocol/index.ts';
import { commonNameFor, mqttFailureInWords, mqttFailureOf, writeFileAtomic } from '../protocol/node/index.ts';
import type { FleetBroker } from './fleet-broker.ts';
import { createRightsKeeper, type RightsKeeper, type RightsKeeperPorts } from './rights-keeper.ts';

const RECONNECT_MS = 1_000;
/** Connections in agents' places at one time, and how long each may take. */
const SUBSTITUTES = 20;
const SUBSTITUTE_MS = 3_000;
const RELOAD_MS = 20_000;
/** Between two questions whether the broker goes by new rights. */
const ASK_EVERY_MS = 100;

/** Names of the files in HARP_MQTT_DIR that the server keeps; the others are written once, by `harp mqtt config`. */
const keptFiles = { acl: 'acl', ca: 'ca.crt' } as const;

export interface ExternalBrokerOptions {
  /** `mqtts://host:port` */
  url: string;
  /** Folder of the files that the broker reads; undefined: its rights are somebody else's business. */
  dir?: string | undefined;
  /** Shell command that makes the broker read them; undefined: something watches them. */
  reload?: string | undefined;
  rights: RightsKeeperPorts['rights'];
  pki: Pick<Pki, 'service' | 'substitute' | 'ca'>;
  clock: Clock;
  logger: Logger;
}

/** Joins the broker at `url`. It need not be there: everything is tried again until it is. */
export async function openExternalBroker(options: ExternalBrokerOptions): Promise<FleetBroker> {
  const { url, dir, reload, pki, clock, logger } = options;
  const host = new URL(url).hostname.replace(/^\[|\]$/g, '');
  const port = Number(new URL(url).port);
  const mayLog = oncePer(60_000, clock);

  /** Resolves to whether the file changed. */
  const writeRoots = async (): Promise<boolean> => {
    if (dir === undefined) return false;
    const path = join(dir, keptFiles.ca);
    if ((await readFile(path, 'utf8').catch(() => undefined)) === pki.ca) return false;
    await writeForBroker(path, pki.ca);
    return true;
  };
  if (dir !== undefined) await mkdir(dir, { recursive: true, mode: 0o755 });
  await writeRoots();

  const tlsOf = ({ key, certificate }: KeyPair): ConnectionOptions => ({
    host,
    port,
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ca: pki.ca,
    key,
    cert: certificate,
    minVersion: 'TLSv1.3',
  });
  const complain = (who: string) => (error: Error) => {
    const failure = mqttFailureOf(error);
    if (mayLog(`${who} ${failure}`))
      logger.warn(
        { client: who, url, failure, error: error.message },
        `no MQTT broker: ${mqttFailureInWords[failure]}`,
      );
  };

  /** Ends the agent's connection by being the agent: one client id has one connection (MQTT 3.1.1, 3.1.4). */
  const substituteFor = async (agent: AgentId): Promise<void> => {
    const tls = tlsOf(await pki.substitute(agent));
    const client = new mqtt.MqttClient(() => connect(tls) as IStream, {
      clientId: agent,
      clean: true,
      keepalive: 0,
      protocolVersion: 4,
      reconnectPeriod: 0,
      connectTimeout: SUBSTITUTE_MS,
    });
    await new Promise<void>((resolve) => {
      client.once('connect', () => resolve());
      client.once('close', () => resolve());
      client.once('error', (error) => {
        logger.debug({ agent: shortId(agent), error: error.message }, 'an agent was not cut off at the broker');
        resolve();
      });
    });
    await client.endAsync(!client.connected);
  };
  const cutOff = async (agents: readonly AgentId[]): Promise<void> => {
    const left = [...agents];
    const work = async (): Promise<void> => {
      for (let agent = left.pop(); agent !== undefined; agent = left.pop()) await substituteFor(agent);
    };
    await Promise.all(Array.from({ length: Math.min(SUBSTITUTES, left.length) }, work));
  };

  /** Hears itself on a topic that only the newest rights let it use. */
  const probe = new mqtt.MqttClient(() => connect(tlsOf(pki.service(RIGHTS_SERVICE))) as IStream, {
    clientId: commonNameFor.service(RIGHTS_SERVICE),
    clean: true,
    keepalive: 30,
    protocolVersion: 4,
    reconnectPeriod: RECONNECT_MS,
    connectTimeout: 10_000,
    queueQoSZero: false,
    resubscribe: false,
  });
  const heard = new Set<(topic: string) => void>();
  probe.on('message', (topic) => {
    for (const listener of heard) listener(topic);
  });
  probe.on('error', complain(commonNameFor.service(RIGHTS_SERVICE)));

  const goesBy = async (digest: string, withinMs: number): Promise<boolean> => {
    if (!probe.connected) throw new Error('the broker cannot be reached');
    const own = RIGHTS_TOPIC.replace('{digest}', digest);
    const endsAtMs = clock.nowMs() + withinMs;
    return new Promise((resolve) => {
      let cancel = () => {};
      const finish = (isHeard: boolean): void => {
        heard.delete(listener);
        cancel();
        resolve(isHeard);
      };
      const listener = (topic: string): void => {
        if (topic === own) finish(true);
      };
      const ask = (): void => {
        if (clock.nowMs() >= endsAtMs) {
          finish(false);
          return;
        }
        if (probe.connected) probe.publish(own, '', { qos: 0 });
        cancel = clock.after(ASK_EVERY_MS, ask);
      };
      heard.add(listener);
      ask();
    });
  };

  const keeper: RightsKeeper | undefined =
    dir === undefined
      ? undefined
      : createRightsKeeper({
          rights: options.rights,
          read: () => readFile(join(dir, keptFiles.acl), 'utf8').catch(() => undefined),
          write: (text) => writeForBroker(join(dir, keptFiles.acl), text),
          reload: () => runReload(reload),
          goesBy,
          cutOff,
          clock,
          logger,
        });
  probe.on('connect', () => {
    logger.info({ url }, 'connected to the external broker');
    probe.subscribe(RIGHTS_TOPIC.replace('{digest}', '+'), { qos: 0 }, () => keeper?.doubt());
  });

  return {
    url,
    port,
    isOurs: false,
    get state() {
      const rightsBehind = keeper?.behind;
      return { kind: 'external' as const, url, ...(rightsBehind === undefined ? {} : { rightsBehind }) };
    },
    openStream: () => connect(tlsOf(pki.service('ingest'))),
    shutOut(agents) {
      if (keeper !== undefined) keeper.changed(agents);
      else void cutOff(agents);
    },
    fleetRead: () => keeper?.changed(),
    rightsKnown: () => keeper?.settled() ?? Promise.resolve(),
    certificatesChanged() {
      writeRoots()
        .then((isNew) => (isNew ? runReload(reload) : undefined))
        .catch((error: unknown) => logger.error({ err: error, dir }, 'the broker was not given the new roots'));
    },
    async close() {
      keeper?.stop();
      await probe.endAsync(true);
    },
  };
}

/** Neither is secret, and the broker is another user: no umask of ours may keep it from reading. */
async function writeForBroker(path: string, text: string): Promise<void> {
  await writeFileAtomic(path, text, 0o644);
  await chmod(path, 0o644);
}

async function runReload(command: string | undefined): Promise<void> {
  if (command === undefined) return;
  try {
    await promisify(exec)(command, { timeout: RELOAD_MS });
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim().slice(0, 300) : '';
    throw new Error(`HARP_MQTT_RELOAD failed: ${said || String(error)}`, { cause: error });
  }
}
