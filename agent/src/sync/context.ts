import type { AgentEvent, FileRecord, FolderId } from '@harp/broker/protocol';
import type { WantedFiles } from '../chain/wanted.ts';
import type { Lock } from '../concurrency.ts';
import type { FolderTree } from '../files/folder-tree.ts';
import type { LocalFiles } from '../files/local-files.ts';
import type { NameIndex } from '../files/name-index.ts';
import type { NamePlatform } from '../files/names.ts';
import type { Clock, Logger, Swarm, TrafficMeter } from '../ports.ts';
import type { FileStore } from '../store/index.ts';
import type { Deliveries } from './deliveries.ts';
import type { Pending } from './pending.ts';

/** Everything the parts of one folder's synchronisation share. */
export interface FolderContext {
  id: FolderId;
  number: number;
  store: FileStore;
  wanted: WantedFiles;
  names: NameIndex;
  pending: Pending;
  tree: FolderTree;
  local: LocalFiles;
  deliveries: Deliveries;
  swarm: Pick<Swarm, 'fetchChunks' | 'fetchBlobs'>;
  meter: TrafficMeter;
  clock: Clock;
  log: Logger;
  hostname: string;
  platform: NamePlatform;
  record: (event: AgentEvent) => Promise<void>;
  /** Whoever changes names on disk, the journal, the wanted state or `pending` holds this. */
  lock: Lock;
  /** The folder is stopped. */
  stop: AbortSignal;
}

/** Whether `record` is still what the chain wants at its path. */
export function isCurrent({ wanted, number }: FolderContext, record: FileRecord): boolean {
  const now = wanted.get(number, record.path);
  return now !== undefined && now.seq === record.seq && now.manifest === record.manifest;
}

/** What names a version's content, without absent members. */
export function contentOf({ size, manifest, chunk }: FileRecord) {
  return { sizeBytes: size, manifest, ...(chunk === undefined ? {} : { chunk }) };
}
