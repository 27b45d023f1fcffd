/** `harp mqtt config` and `harp ca issue-broker`: what a broker that others run is given, written as files. On the server's own machine. */

import { X509Certificate } from 'node:crypto';
import { chmod, mkdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { MqttKit, MqttKitRequest } from '@harp/broker/protocol';
import { writeFileAtomic } from '@harp/broker/protocol/node';
import type { AuthorityClient } from '../authority-client.ts';
import { CliFailure } from '../failure.ts';
import type { CliPorts } from '../ports.ts';
import { instantInWords } from '../quantities.ts';

const DAY_MS = 86_400_000;

export interface BrokerCertificateOptions {
  out: string;
  /** Host names and addresses; none: the host in HARP_MQTT_URL. */
  names: readonly string[];
  /** Leave a certificate alone that has more than this left. */
  renewBeforeDays: number | undefined;
  json: boolean;
}

/** Writes key, certificate and roots. */
export async function issueBrokerCertificate(
  client: AuthorityClient,
  { out, names, renewBeforeDays, json }: BrokerCertificateOptions,
  ports: CliPorts,
): Promise<void> {
  const folder = resolve(ports.cwd, out);
  if (renewBeforeDays !== undefined) {
    const endsAtMs = await endOf(join(folder, 'server.crt'));
    if (endsAtMs !== undefined && endsAtMs - ports.nowMs() > renewBeforeDays * DAY_MS) {
      if (json) ports.out(`${JSON.stringify({ folder, files: [], endsAtMs })}\n`);
      else ports.err(`The certificate in ${folder} is good until ${instantInWords(endsAtMs)} UTC; nothing was done.\n`);
      return;
    }
  }
  await writeKit(await client.mqttKit({ names: [...names], mosquitto: null }), folder, json, ports);
}

export interface MosquittoOptions {
  out: string;
  names: readonly string[];
  listen: number;
  /** Where the broker finds the files, if not in `out`. */
  place: string | undefined;
  data: string;
  json: boolean;
}

/** Writes everything a Mosquitto needs. */
export async function configureMosquitto(
  client: AuthorityClient,
  { out, names, listen, place, data, json }: MosquittoOptions,
  ports: CliPorts,
): Promise<void> {
  const folder = resolve(ports.cwd, out);
  const mosquitto: MqttKitRequest['mosquitto'] = { listen, place: place ?? folder, data };
  await writeKit(await client.mqttKit({ names: [...names], mosquitto }), folder, json, ports);
}

async function writeKit(
  { names, files }: MqttKit,
  folder: string,
  json: boolean,
  { out, err }: CliPorts,
): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o755 });
    for (const { name, text, isSecret } of files) {
      const mode = isSecret ? 0o600 : 0o644;
      await writeFileAtomic(join(folder, name), text, mode);
      // Whatever the umask is: the broker is another user, and reads all but the key.
      await chmod(join(folder, name), mode);
    }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CliFailure('disk.failed', [`the files cannot be written: ${reason}`], { cause });
  }
  const written = files.map(({ name }) => name);
  const endsAtMs = (await endOf(join(folder, 'server.crt'))) ?? 0;
  if (json) {
    out(`${JSON.stringify({ folder, files: written, names, endsAtMs })}\n`);
    return;
  }
  err(`Written to ${folder}: ${written.join(', ')}.\n`);
  err(`The certificate is for ${names.join(', ')}, until ${instantInWords(endsAtMs)} UTC.\n`);
  err('server.key is readable by its owner alone: give it to the user that the broker runs as.\n');
}

/** When the certificate in a file ends; undefined if there is none. */
async function endOf(path: string): Promise<number | undefined> {
  const pem = await readFile(path, 'utf8').catch(() => undefined);
  return pem === undefined ? undefined : Date.parse(new X509Certificate(pem).validTo);
}
