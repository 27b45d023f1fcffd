/** Identities as their owners have them on disk: of agents that enrolled for real, and of the data centre's services. */
import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AgentId } from '@harp/broker/protocol';
import { openSealing, PKI_KEY, readSealedFile, SIGNING_KEY } from '@harp/broker/protocol/node';
import { connect, type IClientOptions, type MqttClient } from 'mqtt';
import { z } from 'zod';
import { createIssuer } from '../../broker/src/enrolment/certificates.ts';
import { harpAgent, type Server } from './fleet.ts';

/** Key, certificate and CA, in PEM: spread it into any TLS option object. */
export interface TlsIdentity {
  key: string;
  cert: string;
  ca: string;
}

export interface AgentIdentity {
  agent: AgentId;
  tls: TlsIdentity;
  mqttUrl: string;
  gatewayUrl: string;
}

const Enrolment = z.object({ agent: AgentId, mqttUrl: z.string(), gatewayUrl: z.string() });

/** Reads who the agent with this state folder is. */
export function readIdentity(stateDir: string): AgentIdentity {
  const read = (name: string) => readFileSync(join(stateDir, 'identity', name), 'utf8');
  return {
    ...Enrolment.parse(JSON.parse(read('enrolment.json'))),
    tls: { key: read('agent.key'), cert: read('agent.crt'), ca: read('ca.crt') },
  };
}

/** Enrols through the real CLI and returns the identity; no agent runs. */
export async function enrolIdentity(token: string, stateDir: string): Promise<AgentIdentity> {
  const { code, stderr } = await harpAgent('enrol', '--token', token, '--state', stateDir);
  if (code !== 0) throw new Error(`could not enrol: ${stderr}`);
  return readIdentity(stateDir);
}

/** The console's own identity, as whoever can read HARP_DATA has it. */
export async function consoleIdentity(server: Server): Promise<TlsIdentity> {
  const read = (name: string) => readFileSync(join(server.dataDir, 'pki', name), 'utf8');
  const key = await keyOf(server, 'pki/service-console.key', PKI_KEY);
  return { key, cert: read('service-console.crt'), ca: read('ca.crt') };
}

/** A certificate for the key of `identity` as the fleet's own authority would have made it at another time. */
export async function certificateMadeAt(
  server: Server,
  { agent, tls }: AgentIdentity,
  nowMs: number,
): Promise<TlsIdentity> {
  const authority = readFileSync(join(server.dataDir, 'pki', 'issuing.crt'), 'utf8');
  const issuer = await createIssuer({
    key: await keyOf(server, 'pki/issuing.key', PKI_KEY),
    certificate: authority,
  });
  const spki = createPublicKey(tls.key).export({ type: 'spki', format: 'der' });
  const { certificate } = await issuer.forAgent(agent, spki, nowMs);
  return { ...tls, cert: `${certificate}\n${authority}` };
}

/** The key that signs heads and desired states, PEM. */
export function signingKeyOf(server: Server): Promise<string> {
  return keyOf(server, 'keys/signing.pem', SIGNING_KEY);
}

async function keyOf({ dataDir }: Server, file: string, kind: string): Promise<string> {
  const key = await readSealedFile(join(dataDir, file), kind, await openSealing({ dataDir }));
  if (key === undefined) throw new Error(`${file} is missing`);
  return key;
}

/** An MQTT client that does not come back when it is cut off. Errors are for those who wait for `close`. */
export function mqttClient(url: string, tls: Partial<TlsIdentity>, options: IClientOptions): MqttClient {
  const client = connect(url, {
    protocolVersion: 4,
    clean: true,
    keepalive: 30,
    reconnectPeriod: 0,
    connectTimeout: 15_000,
    ...tls,
    ...options,
  });
  client.on('error', () => undefined);
  return client;
}

/** Resolves with the client when it is let in. @throws {Error} when it is not */
export function connected(client: MqttClient): Promise<MqttClient> {
  return new Promise((resolve, reject) => {
    client.once('connect', () => resolve(client));
    client.once('error', reject);
    client.once('close', () => reject(new Error('the connection was closed')));
  });
}
