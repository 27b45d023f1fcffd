/** The API over a real test database, with a clock that tests move and no sockets. */
import { HarpError } from '@harp/broker/protocol';
import { createSigner, generateSigningKeyPem } from '@harp/broker/protocol/node';
import { createPrisma, type PrismaClient } from '@harp/prisma';
import { createTestDatabase } from '@harp/prisma/test-db';
import type { Role } from '../../api/access-rules.ts';
import type { StoredScope } from '../access/grants.ts';
import { createApi } from '../api/app.ts';
import type { FolderServices } from '../api/ports.ts';
import { findAgents } from '../api/queries/agents.ts';
import type { ApiApp } from '../api/route.ts';
import { memoryAnchor } from '../audit/head-anchor.ts';
import { type Changes, requestAudit } from '../audit/request-audit.ts';
import { type AuditTrail, createAuditTrail, systemOrigin } from '../audit/trail.ts';
import { verifyAudit } from '../audit/verify.ts';
import { type Auth, createAuth } from '../auth/auth.ts';
import { consoleAddress } from '../auth/console-address.ts';
import { createPasswordHasher } from '../auth/passwords.ts';
import { newId } from '../auth/secrets.ts';
import { deleteFolder, detachOffice } from '../content/removal.ts';
import { createFleet, type Fleet } from '../fleet/apply.ts';
import { createJobs, type Jobs } from '../jobs/jobs.ts';
import { createSecrets } from '../keys/secrets.ts';
import { createLiveHub, type LiveHub } from '../live/hub.ts';
import { createLogs } from '../logs/channels.ts';
import { silentLogger, systemRandom } from '../ports.ts';
import { type Accounts, createAccounts } from '../sign-in/accounts.ts';
import { createProviders, type Providers } from '../sign-in/providers.ts';
import { type FakeClock, fakeClock } from './fake-clock.ts';

/** Cheap enough for hundreds of tests; real servers use 2^16. */
const TEST_SCRYPT_LOG2N = 10;

export interface ServerHarness extends AsyncDisposable {
  database: PrismaClient;
  databaseUrl: string;
  clock: FakeClock;
  auth: Auth;
  providers: Providers;
  accounts: Accounts;
  fleet: Fleet;
  trail: AuditTrail;
  /** Changes in the name of the server itself, of which the live stream does not speak. */
  changes: Changes;
  hub: LiveHub;
  jobs: Jobs;
  api: ApiApp;
  /** Folders that were told to index. */
  reindexed: string[];
  /** Calls the API with an API key that may do everything. */
  call(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }>;
  /** Makes a person with these roles and signs them in. */
  person(name: string, grants: readonly TestGrant[]): Promise<Person>;
}

/** A role; without a scope it holds everywhere. */
export type TestGrant = { role: Role } & Partial<StoredScope>;

/** Somebody who is signed in. */
export interface Person {
  id: string;
  session: string;
  /** Asks as their browser does. */
  fetch(method: string, path: string, body?: unknown): Promise<Response>;
  /** The same, with the answer as JSON. */
  call(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }>;
}

const HOST = 'console.example:8420';
/** The proxy with TLS in front of it. */
export const PROXY = '10.200.0.1';
/** Where people reach it, through that proxy. */
export const CONSOLE_URL = 'https://console.example';

/** Builds everything anew on a fresh database. `folders` replaces parts of the folders' side. */
export async function serverHarness(folders: Partial<FolderServices> = {}): Promise<ServerHarness> {
  const testDatabase = await createTestDatabase();
  const database = createPrisma(testDatabase.url, { poolSize: 4 });
  const clock = fakeClock();
  const randomBytes = systemRandom;
  const secrets = createSecrets(randomBytes(32), randomBytes);
  const address = consoleAddress(CONSOLE_URL);
  const consoleOrigin = address.origin;
  const providers = createProviders(database, { secrets, consoleOrigin, clock });
  const accounts = createAccounts(database, { providers, consoleOrigin, clock, randomBytes });
  const auth = createAuth({
    secrets,
    address,
    database,
    clock,
    randomBytes,
    hasher: createPasswordHasher(randomBytes, TEST_SCRYPT_LOG2N),
  });
  const fleet = createFleet({
    clock,
    randomBytes,
    secrets,
    removal: { detachOffice, deleteFolder },
  });
  const logger = silentLogger;
  const hub = createLiveHub({
    clock,
    life: 'test',
    readAgents: (ids) => findAgents(database, ids, 'everywhere'),
    logger,
  });
  const jobs = createJobs({ clock, randomBytes, logger, onChange: () => hub.changed(['jobs']) });
  const signer = createSigner(generateSigningKeyPem());
  const anchor = memoryAnchor();
  const onEntries = () => hub.changed(['audit']);
  const trail = createAuditTrail({ database, signer, anchor, clock, logger, onEntries });
  const reindexed: string[] = [];
  const api = createApi({
    database,
    audit: { trail, verify: (signal) => verifyAudit({ database, keys: [signer.key], anchor }, signal) },
    auth,
    providers,
    accounts,
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
      signingKeys: () => [signer.key],
      broker: () =>
        Promise.resolve({
          connected: true,
          kind: 'embedded',
          url: 'mqtts://harp.example:8422',
          failure: undefined,
          rightsBehind: null,
        }),
      ...folders,
    },
    enrolment: {
      gatewayUrl: 'https://harp.example:8421',
      mqttUrl: 'mqtts://harp.example:8422',
      caFingerprint: async () => 'c'.repeat(64),
    },
    trustedProxies: [`${PROXY}/32`],
  });
  // What a test prepares is no news to the pages it looks at.
  const silent = createAuditTrail({ database, signer, anchor, clock, logger, onEntries: () => undefined });
  const changes = requestAudit(silent, systemOrigin);
  const key = await auth.keys.create('test', changes);
  return {
    database,
    databaseUrl: testDatabase.url,
    clock,
    auth,
    providers,
    accounts,
    fleet,
    trail,
    changes,
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
    async person(name, grants) {
      const { id } = await database.user.create({
        data: {
          id: newId('usr-', randomBytes),
          name,
          passwordHash: 'none',
          grants: {
            create: grants.map(({ role, everywhere, regions = [], officeIds = [] }) => ({
              id: newId('grt-', randomBytes),
              role,
              everywhere: everywhere ?? (regions.length === 0 && officeIds.length === 0),
              regions: [...regions],
              officeIds: [...officeIds],
            })),
          },
        },
      });
      const session = await auth.sessions.open(id);
      const fetch = async (method: string, path: string, body?: unknown) => {
        const text = body === undefined ? undefined : JSON.stringify(body);
        return api.request(`http://${HOST}/api/v1${path}`, {
          method,
          headers: {
            host: HOST,
            origin: `http://${HOST}`,
            cookie: `harp_session=${session}`,
            ...(text === undefined
              ? {}
              : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(text)) }),
          },
          ...(text === undefined ? {} : { body: text }),
        });
      };
      return {
        id,
        session,
        fetch,
        async call(method, path, body) {
          const response = await fetch(method, path, body);
          return { status: response.status, body: await response.json() };
        },
      };
    },
    async [Symbol.asyncDispose]() {
      await jobs.stop();
      await database.$disconnect();
      await testDatabase.drop();
    },
  };
}
