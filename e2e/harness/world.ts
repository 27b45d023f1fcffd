/** A cloud, a server and offices, ready for a scenario; one call to take it all down. */
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { EventPage, FolderCoverage, StatusInfo } from '../../console/src/api/schemas.ts';
import { type Cloud, type CloudOptions, startCloud } from './cloud.ts';
import {
  type Agent,
  type AgentOptions,
  applyFleet,
  createToken,
  type Server,
  type ServerOptions,
  startAgent,
  startServer,
} from './fleet.ts';
import { until } from './process.ts';

export interface WorldOptions {
  cloud?: CloudOptions;
  server?: ServerOptions;
  /** Default `north`. */
  offices?: readonly string[];
}

export interface World {
  readonly cloud: Cloud;
  server: Server;
  /** Declares folders (by Nextcloud path, named after it) and the offices that get them; keeps what was declared before. */
  distribute(folder: string, offices: readonly string[]): Promise<void>;
  /** Enrols and runs PCs of an office on loopback. */
  addAgents(office: string, names: readonly string[], options?: Partial<AgentOptions>): Promise<Agent[]>;
  /** Starts an agent again that was stopped or killed (or stops it first), with the same state. */
  restart(agent: Agent): Promise<Agent>;
  status(): Promise<StatusInfo>;
  folderId(name: string): Promise<string>;
  coverage(name: string): Promise<FolderCoverage>;
  events(): Promise<EventPage['events']>;
  /** Waits for an event of this kind that `matches`. */
  event(kind: string, matches?: (event: EventPage['events'][number]) => boolean): Promise<EventPage['events'][number]>;
  /** Waits until the indexer has seen `files` files in a folder. */
  indexed(folder: string, files: number): Promise<void>;
  /** Waits until every agent holds every path of a folder with the bytes the cloud has; checks SHA-256. */
  delivered(agents: readonly Agent[], folder: string, paths: readonly string[], timeoutMs?: number): Promise<void>;
  dispose(): Promise<void>;
}

/** Starts a cloud and a server with empty offices. */
export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const cloud = await startCloud(options.cloud);
  const server = await startServer(options.server).catch(async (error: unknown) => {
    await cloud.stop();
    throw error;
  });
  const offices = options.offices ?? ['north'];
  const folders = new Map<string, readonly string[]>();
  const agents: Agent[] = [];
  const world: World = {
    cloud,
    server,
    async distribute(folder, to) {
      folders.set(folder, to);
      await applyFleet(
        world.server,
        {
          nextclouds: [{ name: 'cloud', url: cloud.url, user: cloud.user, password: { env: 'CLOUD_PASSWORD' } }],
          offices: offices.map((name) => ({ name, subnets: [] })),
          folders: [...folders].map(([name, folderOffices]) => ({
            name,
            nextcloud: 'cloud',
            path: `/${name}`,
            offices: [...folderOffices],
          })),
        },
        { CLOUD_PASSWORD: cloud.password },
      );
    },
    async addAgents(office, names, agentOptions = {}) {
      const token = await createToken(world.server, office, names.length);
      const started = await Promise.all(
        names.map((name) => startAgent({ peerHost: '127.0.0.1', mdns: false, ...agentOptions, name, token })),
      );
      agents.push(...started);
      return started;
    },
    async restart(agent) {
      const restarted = await agent.restart();
      agents.splice(agents.indexOf(agent), 1, restarted);
      return restarted;
    },
    status: async () => StatusInfo.parse(await world.server.api('/status')),
    async folderId(name) {
      const found = (await world.status()).folders.find((folder) => folder.name === name);
      if (found === undefined) throw new Error(`there is no folder ${name}`);
      return found.id;
    },
    coverage: async (name) => FolderCoverage.parse(await world.server.api(`/folders/${await world.folderId(name)}`)),
    events: async () => EventPage.parse(await world.server.api('/events?limit=200')).events,
    event: (kind, matches = () => true) =>
      until(`an event ${kind} is stored`, async () =>
        (await world.events()).find((event) => event.kind === kind && matches(event)),
      ),
    async indexed(folder, files) {
      await until(
        `${folder} is indexed with ${files} files`,
        async () => (await world.status()).folders.find(({ name }) => name === folder)?.fileCount === files,
        60_000,
      );
    },
    async delivered(to, folder, paths, timeoutMs = 90_000) {
      for (const path of paths) {
        const wanted = await cloud.digest(`/${folder}/${path}`);
        for (const agent of to) {
          const place = join(agent.filesDir, folder, path);
          await until(
            `${agent.name} holds ${path}`,
            () => existsSync(place) && sha256Of(place).then((digest) => digest === wanted),
            timeoutMs,
            100,
          );
        }
      }
    },
    async dispose() {
      await Promise.all(agents.map((agent) => agent.process.stop()));
      await world.server.process.stop();
      await cloud.stop();
    },
  };
  return world;
}

/** SHA-256 of a file, hexadecimal; the empty text while it cannot be read. */
export async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    for await (const piece of createReadStream(path)) hash.update(piece);
    return hash.digest('hex');
  } catch {
    return '';
  }
}

/** Size of a file; undefined when it is not there. */
export function sizeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.size;
}
