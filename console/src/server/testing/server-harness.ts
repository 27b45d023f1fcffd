/** The API over a real test database, with a clock that tests move and no sockets. */
import { HarpError } from '@harp/broker/protocol';
import { createPrisma, type PrismaClient } from '@harp/prisma';
import { createTestDatabase } from '@harp/prisma/test-db';
import { createApi } from '../api/app.ts';
import type { FolderServices } from '../api/ports.ts';
import { findAgents } from '../api/queries/agents.ts';
import type { ApiApp } from '../api/route.ts';
import { type Auth, createAuth } from '../auth/auth.ts';
import { createPasswordHasher } from '../auth/passwords.ts';
import { deleteFolder, detachOffice } from '../content/removal.ts';
import { createFleet, type Fleet } from '../fleet/apply.ts';
import { createJobs, type Jobs } from '../jobs/jobs.ts';
import { createSecrets } from '../keys/secrets.ts';
import { createLiveHub, type LiveHub } from '../live/hub.ts';
import { createLogs } from '../logs/channels.ts';
import { silentLogger, systemRandom } from '../ports.ts';
import { type FakeClock, fakeClock } from './fake-clock.ts';

/** Cheap enough for hundreds of tests; real servers use 2^16. */
const TEST_SCRYPT_LOG2N = 10;

export interface ServerHarness extends AsyncDisposable {
  database: PrismaClient;
  databaseUrl: string;
  clock: FakeClock;
  auth: Auth;
  fleet: Fleet;
  hub: LiveHub;
  jobs: Jobs;
  api: ApiApp;
  /** Folders that were told to index. */
  reindexed: string[];
  /** Calls the API with an API key. */
  call(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }>;
}

/** Builds everything anew on a fresh database. `folders` replaces parts of the folders' side. */
export async function serverHarness(folders: Partial<FolderServices> = {}): Promise<ServerHarness> {
  const testDatabase = await createTestDatabase();
  const database = createPrisma(testDatabase.url, { poolSize: 4 });
  const clock = fakeClock();
  const randomBytes = systemRandom;
  const auth = createAuth({
    database,
    clock,
    randomBytes,
    hasher: createPasswordHasher(randomBytes, TEST_SCRYPT_LOG2N),
  });
  const fleet = createFleet({
    database,
    clock,
    randomBytes,
    secrets: createSecrets(randomBytes(32), randomBytes),
    removal: { detachOffice, deleteFolder },
  });
  const logger = silentLogger;
  const hub = createLiveHub({ clock, life: 'test', readAgents: (ids) => findAgents(database, ids), logger });
  const jobs = createJobs({ clock, randomBytes, logger, onChange: () => hub.changed(['jobs']) });
  const reindexed: string[] = [];
  const api = createApi({
    database,
    auth,
    fleet,
    hub,
    jobs,
    logs: createLogs({ clock, randomBytes }),
    clock,
    randomBytes,
    logger,
    version: '0.0.0-test',
    folders: {
      reindex: (folder) => void reindexed.push(folder),
      verify: () => Promise.reject(new HarpError('internal.unexpected', 'not part of this test')),
      exportChain: () => Promise.reject(new HarpError('internal.unexpected', 'not part of this test')),
      signingKeys: () => [],
      brokerConnected: () => true,
      ...folders,
    },
    enrolment: { gatewayUrl: 'https://harp.example:8421', caFingerprint: async () => 'c'.repeat(64) },
  });
  const key = await auth.keys.create('test');
  return {
    database,
    databaseUrl: testDatabase.url,
    clock,
    auth,
    fleet,
    hub,
    jobs,
    api,
    reindexed,
    async call(method, path, body) {
      const text = body === undefined ? undefined : JSON.stringify(body);
      const headers = { authorization: `Bearer ${key}` };
      const response = await api.request(
        `/api/v1${path}`,
        text === undefined
          ? { method, headers }
          : {
              method,
              body: text,
              headers: {
                ...headers,
                'content-type': 'application/json',
                'content-length': String(Buffer.byteLength(text)),
              },
            },
      );
      return { status: response.status, body: await response.json() };
    },
    async [Symbol.asyncDispose]() {
      await jobs.stop();
      await database.$disconnect();
      await testDatabase.drop();
    },
  };
}
