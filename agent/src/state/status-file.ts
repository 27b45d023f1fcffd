import { rename, writeFile } from 'node:fs/promises';
import { AgentId, FolderId, FolderReport, OfficeId } from '@harp/broker/protocol';
import { z } from 'zod';
import type { Clock, Logger } from '../ports.ts';
import { slept } from '../wake.ts';
import { readFileIfPresent } from './atomic-file.ts';
import { parseJson } from './json.ts';
import type { StateLayout } from './layout.ts';
import { holderOf } from './lock.ts';

const bytes = z.int().min(0);

/** `status.json`: what the running agent says of itself to `harp-agent status` and to scripts. Fields are added, never changed. */
export const AgentStatus = z.object({
  v: z.literal(1),
  pid: z.int(),
  version: z.string(),
  agent: AgentId,
  office: z.object({ id: OfficeId, name: z.string() }),
  startedAtMs: z.int(),
  atMs: z.int(),
  peerPort: z.int(),
  addresses: z.array(z.string()),
  certificateValidToMs: z.int(),
  broker: z.object({ connected: z.boolean(), problem: z.string().exactOptional() }),
  desiredRevision: z.int(),
  /** Agents of the office that answer now, and all of them, this one not counted. */
  peers: z.object({ live: z.int(), known: z.int() }),
  folders: z.array(FolderReport.extend({ id: FolderId, name: z.string() })),
  traffic: z.object({ fromPeers: bytes, fromOrigin: bytes, fromLocal: bytes, served: bytes, wasted: bytes }),
  outbox: z.object({ reports: z.int(), sizeBytes: bytes, droppedEvents: z.int() }),
});
export type AgentStatus = z.infer<typeof AgentStatus>;

/** The status of the agent that runs with this state folder; undefined if none runs. @throws {HarpError} `disk.failed` */
export async function readStatus(
  layout: StateLayout,
): Promise<{ pid: number; status: AgentStatus | undefined } | undefined> {
  const holder = await holderOf(layout.lock);
  if (holder === undefined) return undefined;
  const text = await readFileIfPresent(layout.status);
  const parsed = AgentStatus.safeParse(parseJson(text ?? ''));
  // A file of an earlier run says nothing about this one.
  const status = parsed.success && parsed.data.pid === holder.pid ? parsed.data : undefined;
  return { pid: holder.pid, status };
}

/** What may have changed since the last look; `atMs` is filled in when it has. */
export type StatusFacts = Omit<AgentStatus, 'v' | 'atMs'>;

/** `status` has to be fresh for a person who looks at it, not for a chart. */
const INTERVAL_MS = 2_000;

/** Keeps `status.json` up to date until `signal` aborts. */
export async function keepStatus(
  layout: StateLayout,
  facts: () => StatusFacts,
  clock: Clock,
  log: Logger,
  signal: AbortSignal,
): Promise<void> {
  let written = '';
  do {
    const present = facts();
    const text = JSON.stringify(present);
    if (text === written) continue;
    try {
      const status: AgentStatus = { v: 1, atMs: clock.nowMs(), ...present };
      // Renamed into place but not synced: after a power cut the file is worthless anyway.
      await writeFile(`${layout.status}.new`, `${JSON.stringify(status)}\n`, { mode: 0o600 });
      await rename(`${layout.status}.new`, layout.status);
      written = text;
    } catch (error) {
      log.debug({ error: String(error) }, 'the status file could not be written');
    }
  } while (await slept(clock, INTERVAL_MS, signal));
}
