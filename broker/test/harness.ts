import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPrisma, type PrismaClient } from '@harp/prisma';
import { createTestDatabase, type TestDatabase } from '@harp/prisma/test-db';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { type Broker, startBroker } from '../src/broker.ts';
import type { BrokerEnv } from '../src/env.ts';
import { type Clock, type Logger, systemClock } from '../src/ports.ts';
import { type AgentId, Enrolment, gatewayPaths, PROTOCOL_VERSION } from '../src/protocol/index.ts';
import { createSigner, generateSigningKeyPem } from '../src/protocol/node/index.ts';
import { testKey } from './csr.ts';
import { silentLogger } from './silent-logger.ts';

interface HttpAnswer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
  json(): unknown;
}

/** An agent as a test plays it. */
export interface TestAgent {
  agent: AgentId;
  key: string;
  csr: string;
  certificate: string;
  enrolment: Enrolment;
}

/** A whole broker on free ports of this machine, with a database of its own. */
export interface BrokerHarness extends AsyncDisposable {
  readonly broker: Broker;
  readonly prisma: PrismaClient;
  readonly env: BrokerEnv;
  /** An office with a fresh random id. */
  office(name?: string): Promise<string>;
  /** A folder that these offices have. */
  folder(...offices: string[]): Promise<string>;
  /** A token's secret. */
  token(
    office: string | null,
    options?: {
      uses?: number;
      expiresAt?: Date;
      revokedAt?: Date;
      approval?: 'automatic' | 'manual';
      cidrs?: string[];
      tags?: string[];
    },
  ): Promise<string>;
  enrol(office: string, secret?: string): Promise<TestAgent>;
  fleetChanged(): Promise<void>;
  http(
    path: string,
    options?: {
      method?: string;
      body?: unknown;
      agent?: { key: string; certificate: string };
      headers?: Record<string, string>;
    },
  ): Promise<HttpAnswer>;
  enrolRequest(csr: string, secret: string): object;
  mqtt(as: TestAgent | 'console', options?: IClientOptions): MqttClient;
}

const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';
const randomId = (prefix: string) => `${prefix}-${[...randomBytes(16)].map((byte) => alphabet[byte & 31]).join('')}`;

export async function startHarness(options: { clock?: Clock; logger?: Logger } = {}): Promise<BrokerHarness> {
  const database: TestDatabase = await createTestDatabase();
  const dataDir = await mkdtemp(join(tmpdir(), 'harp-broker-'));
  const prisma = createPrisma(database.url);
  const signer = createSigner(generateSigningKeyPem());
  await prisma.signingKey.create({ data: signer.key });
  const env: BrokerEnv = {
    dataDir,
    publicHost: '127.0.0.1',
    hostName: 'test',
    bindHost: '127.0.0.1',
    gatewayPort: 0,
    mqttPort: 0,
    databaseUrl: database.url,
    logLevel: 'silent',
  };
  const broker = await startBroker(env, {
    clock: options.clock ?? systemClock,
    logger: options.logger ?? silentLogger,
  });
  const clients: MqttClient[] = [];

  const harness: BrokerHarness = {
    broker,
    prisma,
    env,
    async office(name = randomId('office')) {
      const { id } = await prisma.office.create({ data: { id: randomId('off'), name } });
      return id;
    },
    async folder(...offices) {
      const nextcloud = await prisma.nextcloud.create({
        data: {
          id: randomId('nxc'),
          name: randomId('nextcloud'),
          url: 'https://cloud.example',
          userName: 'u',
          passwordSealed: 's',
        },
      });
      const { id } = await prisma.folder.create({
        data: {
          id: randomId('fld'),
          name: randomId('folder'),
          nextcloudId: nextcloud.id,
          path: '/',
          link: '0'.repeat(64),
          offices: { create: offices.map((officeId) => ({ officeId })) },
        },
      });
      await harness.fleetChanged();
      return id;
    },
    async token(officeId, { uses = 100, expiresAt = new Date(Date.now() + 3_600_000), revokedAt, ...rest } = {}) {
      const secret = randomBytes(32).toString('base64url');
      const secretHash = createHash('sha256').update(secret).digest('hex');
      await prisma.enrolmentToken.create({
        data: { id: randomId('tok'), secretHash, officeId, uses, expiresAt, revokedAt: revokedAt ?? null, ...rest },
      });
      return secret;
    },
    async enrol(officeId, secret) {
      const { key, csr } = await testKey();
      const answer = await harness.http(gatewayPaths.enrol, {
        body: harness.enrolRequest(csr, secret ?? (await harness.token(officeId))),
      });
      if (answer.status !== 200) throw new Error(`enrolment failed: ${answer.body.toString()}`);
      const enrolment = Enrolment.parse(answer.json());
      return { agent: enrolment.agent, key, csr, certificate: enrolment.certificate, enrolment };
    },
    async fleetChanged() {
      await prisma.$executeRaw`SELECT pg_notify('harp_fleet', '')`;
    },
    enrolRequest: (csr, secret) => ({
      protocol: PROTOCOL_VERSION,
      secret,
      csr,
      hostname: 'pc-1',
      platform: 'linux',
      version: '0.1.0',
    }),
    http: (path, { method, body, agent, headers } = {}) =>
      new Promise((resolve, reject) => {
        const text = typeof body === 'string' || body === undefined ? body : JSON.stringify(body);
        const outgoing = request(
          {
            host: '127.0.0.1',
            port: broker.gatewayPort,
            path,
            method: method ?? (body === undefined ? 'GET' : 'POST'),
            ca: broker.pki.ca,
            ...(agent === undefined ? {} : { key: agent.key, cert: agent.certificate }),
            agent: false,
            headers: headers ?? {},
          },
          (incoming) => {
            const parts: Buffer[] = [];
            incoming.on('data', (part: Buffer) => parts.push(part));
            incoming.on('error', reject);
            incoming.on('end', () => {
              const received = Buffer.concat(parts);
              resolve({
                status: incoming.statusCode ?? 0,
                headers: incoming.headers,
                body: received,
                json: () => JSON.parse(received.toString()),
              });
            });
          },
        );
        outgoing.on('error', reject);
        outgoing.end(text);
      }),
    mqtt(as, clientOptions = {}) {
      const { key, certificate } = as === 'console' ? broker.pki.service('console') : as;
      const client = mqtt.connect(`mqtts://127.0.0.1:${broker.mqttPort}`, {
        clientId: as === 'console' ? 'console' : as.agent,
        key,
        cert: certificate,
        ca: broker.pki.ca,
        reconnectPeriod: 0,
        ...clientOptions,
      });
      client.on('error', () => undefined);
      clients.push(client);
      return client;
    },
    async [Symbol.asyncDispose]() {
      for (const client of clients) client.end(true);
      await broker.stop();
      await prisma.$disconnect();
      await database.drop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
  return harness;
}
