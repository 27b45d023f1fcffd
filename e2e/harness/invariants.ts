/**
 * The promise that no test may see broken: a file that shows in a folder on a PC is whole and right. A watcher looks at the folders the whole time
 * and hashes whatever has changed; at the end every content it ever saw must be one that the cloud held at that path.
 */
import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { Cloud } from './cloud.ts';
import type { Agent } from './fleet.ts';

export interface FileWatch {
  /** What the cloud has at these paths now may show from now on, or since before: judged at the end. */
  allow(...paths: string[]): Promise<void>;
  /** `path` may show with any content: a file that somebody at the PC made. */
  ignore(path: string): void;
  /** Whether this agent was ever seen holding what the cloud has at `path` now. */
  saw(agent: Agent, path: string): Promise<boolean>;
  /** Stops looking. @throws {Error} that names every file that showed with other content */
  stop(): Promise<void>;
}

/** Partial files and what an agent keeps for itself beside the files. */
const hidden = /(^|\/)\.harp-/;
/** Renames are atomic, so a look every 25 ms sees nearly every state a file goes through. */
const LOOK_EVERY_MS = 25;

/** Watches the folder `folder` on these PCs. */
export function watchFiles(cloud: Pick<Cloud, 'digest'>, agents: readonly Agent[], folder: string): FileWatch {
  const allowed = new Map<string, Set<string>>();
  const ignored = new Set<string>();
  /** Every content that showed: agent, path, digest. */
  const seen = new Map<string, { agent: string; path: string; digest: string }>();
  const looks = agents.map((agent) => createLook(join(agent.filesDir, folder)));
  let stopped = false;

  const lookOnce = async () => {
    await Promise.all(
      looks.map(async (look, index) => {
        const agent = agents[index]?.name ?? '';
        for (const { path, digest } of await look()) seen.set(`${agent}\n${path}\n${digest}`, { agent, path, digest });
      }),
    );
  };
  const watching = (async () => {
    while (!stopped) {
      await lookOnce();
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
    await lookOnce();
  })();
  watching.catch(() => undefined);

  return {
    async allow(...paths) {
      for (const path of paths) {
        const digests = allowed.get(path) ?? new Set();
        digests.add(await cloud.digest(`/${folder}/${path}`));
        allowed.set(path, digests);
      }
    },
    ignore: (path) => void ignored.add(path),
    async saw(agent, path) {
      return seen.has(`${agent.name}\n${path}\n${await cloud.digest(`/${folder}/${path}`)}`);
    },
    async stop() {
      stopped = true;
      await watching;
      const wrong = [...seen.values()].filter(
        ({ path, digest }) => !ignored.has(path) && !allowed.get(path)?.has(digest),
      );
      if (wrong.length === 0) return;
      const list = wrong.map(({ agent, path, digest }) => `${agent}: ${path} (${digest.slice(0, 12)})`);
      throw new Error(`files showed that are not what the cloud held:\n${list.join('\n')}`);
    },
  };
}

/** Looks at a folder; each call returns what has changed since the last one. */
function createLook(directory: string): () => Promise<{ path: string; digest: string }[]> {
  const known = new Map<string, string>();
  return async () => {
    const changed: { path: string; digest: string }[] = [];
    for (const path of await filesBelow(directory)) {
      const place = join(directory, path);
      const look = await hashIfChanged(place, known.get(path));
      if (look === undefined) continue;
      known.set(path, look.stamp);
      if (look.digest !== undefined) changed.push({ path, digest: look.digest });
    }
    return changed;
  };
}

async function filesBelow(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)))
    .filter((path) => !hidden.test(path));
}

/** Hashes a file unless it is as it was. One open file is one version, whatever is renamed over its name meanwhile. */
async function hashIfChanged(
  place: string,
  before: string | undefined,
): Promise<{ stamp: string; digest?: string } | undefined> {
  // Gone between the listing and now: not an observation.
  const file = await open(place, 'r').catch(() => undefined);
  if (file === undefined) return undefined;
  try {
    const stamp = stampOf(await file.stat({ bigint: true }));
    if (stamp === before) return { stamp };
    const hash = createHash('sha256');
    for await (const piece of file.createReadStream({ autoClose: false })) hash.update(piece as Buffer);
    return { stamp: stampOf(await file.stat({ bigint: true })), digest: hash.digest('hex') };
  } finally {
    await file.close();
  }
}

function stampOf({ ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [ino, size, mtimeNs, ctimeNs].join('/');
}
