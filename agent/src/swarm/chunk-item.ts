import { type AgentId, type HarpError, runKey } from '@harp/broker/protocol';
import type { ChunkWanted } from '../ports.ts';
import type { LineItem } from './peer-line.ts';

/** One `fetchChunks` under way. */
export interface Call {
  readonly onChunk: (wanted: ChunkWanted, source: 'peer' | 'origin') => void;
  /** Chunks of this call that are neither here nor given up. */
  readonly pending: Set<string>;
  firstError: HarpError | undefined;
  /** Called when `pending` is empty. */
  readonly done: () => void;
}

/** A chunk on its way, shared by every call that wants it. */
export interface ChunkItem extends LineItem {
  readonly wanted: ChunkWanted;
  readonly calls: Set<Call>;
  /** Whose turn it was, ourselves perhaps, and who did not get it from the origin. */
  readonly failed: Set<AgentId>;
  /** Who said it held the chunk and did not give it. */
  readonly denied: Set<AgentId>;
  /** How often it was passed to the next in rank. */
  failovers: number;
  /** How often a want for it broke although the peer was still there. */
  breaks: number;
  /** Since when its owner knows nothing of it (monotonic, milliseconds), and how often it was asked since. */
  absentSinceMs: number | undefined;
  absences: number;
  lastError: HarpError | undefined;
}

/** An item nobody has tried yet. */
export function newItem(wanted: ChunkWanted): ChunkItem {
  return {
    id: wanted.id,
    sizeBytes: wanted.size,
    wanted,
    calls: new Set(),
    failed: new Set(),
    denied: new Set(),
    failovers: 0,
    breaks: 0,
    absentSinceMs: undefined,
    absences: 0,
    lastError: undefined,
  };
}

/** The run a chunk belongs to; in a file that can only be read as a whole, there is one. */
export function runOf({ wanted }: ChunkItem, wholeFiles: ReadonlySet<string>): string {
  return runKey(wanted.manifest, wholeFiles.has(wanted.manifest) ? 0 : wanted.offset);
}

/**
 * Of two places where the same chunk occurs, the one every agent picks: who fetches a chunk follows from its place, so agents that know both
 * places must agree on one.
 */
export function canonicalPlace(a: ChunkWanted, b: ChunkWanted): ChunkWanted {
  if (a.manifest !== b.manifest) return a.manifest < b.manifest ? a : b;
  return a.offset <= b.offset ? a : b;
}
