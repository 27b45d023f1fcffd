import { type ChunkId, type FileRecord, type FolderId, HarpError, isHarpError } from '@harp/broker/protocol';
import { asDiskError } from '../files/disk.ts';
import type { ChunkWanted, Swarm } from '../ports.ts';
import type { PlacedChunkStore } from '../store/chunk-store.ts';
import type { PartialFile } from '../store/partial-files.ts';

/**
 * The chunks of one folder that are asked of the swarm now: enough to keep every line busy across files, bounded so that memory is. Files are asked for
 * in the order of their calls, so that the windows of an office's agents line up.
 */
export interface FetchWindow {
  /** Gets the chunks that `partial` lacks. Rejects with what prevents it now; what has arrived stays. */
  fill(partial: PartialFile, record: FileRecord, signal: AbortSignal): Promise<void>;
  /** Resolves when every call that was aborted by `stop` has been dealt with. */
  idle(): Promise<void>;
}

/** Chunks asked for at a time. 2000 × 1 MiB keep a gigabit line busy for 16 s, and cost about 1 MB of memory. */
const CHUNKS_MAX = 2000;
/** Chunks per call: below the 256 ids of one want. */
const CALL_CHUNKS = 250;
/** The swarm says that a chunk is here and the store cannot read it: asked again this often. */
const LOST_MAX = 3;

interface Request {
  partial: PartialFile;
  record: FileRecord;
  /** Chunk numbers still to be asked for. */
  queue: number[];
  /** Asked for without other files, to learn whose failure it is. */
  alone: boolean;
  lost: number;
  ended: boolean;
  fail: (error: unknown) => void;
}

interface Item {
  request: Request;
  position: number;
  wanted: ChunkWanted;
}

export interface FetchWindowDeps {
  folder: FolderId;
  swarm: Pick<Swarm, 'fetchChunks'>;
  chunks: PlacedChunkStore;
  stop: AbortSignal;
  /** There is room for more files. */
  onRoom: () => void;
}

export function createFetchWindow({ folder, swarm, chunks, stop, onRoom }: FetchWindowDeps): FetchWindow {
  /** Requests with chunks still to be asked for, in order. */
  const hungry = new Set<Request>();
  const ending = new Set<Promise<void>>();
  const calls = new Map<AbortController, Item[]>();
  /** Chunks in a call, with others who want them too. */
  const underWay = new Map<ChunkId, { request: Request; position: number }[]>();

  const nextItems = (): Item[] => {
    const items: Item[] = [];
    for (const request of hungry) {
      if (request.alone && items.length > 0) return items;
      while (request.queue.length > 0) {
        if (items.length === CALL_CHUNKS || underWay.size >= CHUNKS_MAX) return items;
        const position = request.queue.shift()!;
        const { partial, record } = request;
        if (partial.has(position)) continue;
        const { id, size } = partial.spec.manifest.chunks[position]!;
        chunks.expect(partial, position);
        const others = underWay.get(id);
        if (others !== undefined) {
          others.push({ request, position });
          continue;
        }
        underWay.set(id, []);
        const { path, etag, manifest } = record;
        const offset = partial.offsets[position]!;
        items.push({ request, position, wanted: { id, size, offset, manifest, path, etag, fileSize: record.size } });
      }
      hungry.delete(request);
      if (request.alone && items.length > 0) return items;
    }
    return items;
  };

  let pumping = false;
  /** In the next turn, so that files that become ready in this one share a call. */
  const pump = () => {
    if (pumping) return;
    pumping = true;
    setImmediate(() => {
      pumping = false;
      if (!stop.aborted) ask();
    });
  };
  const enqueue = (request: Request, positions: readonly number[]) => {
    if (request.ended || positions.length === 0) return;
    request.queue.unshift(...positions);
    hungry.add(request);
  };
  const ask = () => {
    for (let items = nextItems(); items.length > 0; items = nextItems()) {
      const controller = new AbortController();
      calls.set(controller, items);
      const signal = AbortSignal.any([controller.signal, stop]);
      const ended = swarm
        .fetchChunks(
          folder,
          items.map(({ wanted }) => wanted),
          ({ id }) => arrived(id),
          signal,
        )
        .then(
          () => settle(controller, items, undefined),
          (error: unknown) => settle(controller, items, error),
        )
        .catch((error: unknown) => {
          for (const { request } of items) request.fail(error);
        })
        .finally(() => ending.delete(ended));
      ending.add(ended);
    }
    onRoom();
  };
  /** Keeps the window topped up: the next chunk is asked for as soon as one is here, not when its call ends. */
  const arrived = (id: ChunkId) => {
    const others = underWay.get(id);
    if (others === undefined) return;
    underWay.delete(id);
    for (const { request, position } of others) if (!request.partial.has(position)) enqueue(request, [position]);
    if (underWay.size <= CHUNKS_MAX - CALL_CHUNKS) pump();
  };

  const settle = async (controller: AbortController, items: Item[], error: unknown) => {
    calls.delete(controller);
    const missing: Item[] = [];
    for (const item of items) {
      arrived(item.wanted.id);
      if (!item.request.ended && !item.request.partial.has(item.position) && !(await copied(item))) missing.push(item);
    }
    const affected = new Set(missing.map(({ request }) => request));
    for (const request of affected) {
      const queue = missing.filter((item) => item.request === request).map(({ position }) => position);
      if (error === undefined) {
        // The store had it when the swarm looked, and has lost it since.
        if (++request.lost > LOST_MAX) request.fail(new HarpError('chunk.absent', 'a chunk cannot be read again'));
        else enqueue(request, queue);
      } else if (affected.size > 1 && isOfOneFile(error)) {
        request.alone = true;
        enqueue(request, queue);
      } else request.fail(error);
    }
    pump();
  };
  const copied = async ({ request, position }: Item) => {
    try {
      return await chunks.copy(request.partial, position);
    } catch (error) {
      request.fail(asDiskError(error, request.partial.spec.hiddenPath));
      return true;
    }
  };
  /** A call that nobody waits for any more is not worth the line. */
  const dropIdleCalls = () => {
    for (const [controller, items] of calls) {
      if (items.some(({ request }) => !request.ended)) continue;
      if (items.some(({ wanted }) => (underWay.get(wanted.id)?.length ?? 0) > 0)) continue;
      controller.abort(new Error('nobody waits for these chunks'));
    }
  };

  return {
    fill: (partial, record, signal) =>
      new Promise<void>((resolve, reject) => {
        if (partial.missingCount === 0) return resolve();
        const end = (settle: () => void) => {
          if (request.ended) return;
          request.ended = true;
          hungry.delete(request);
          signal.removeEventListener('abort', aborted);
          partial.watch(undefined);
          settle();
        };
        const request: Request = {
          partial,
          record,
          queue: partial.spec.manifest.chunks.flatMap((_, position) => (partial.has(position) ? [] : [position])),
          alone: false,
          lost: 0,
          ended: false,
          fail: (error) => end(() => reject(error)),
        };
        const aborted = () => {
          end(() => reject(signal.reason));
          dropIdleCalls();
        };
        signal.addEventListener('abort', aborted, { once: true });
        partial.watch((error) => {
          if (error !== undefined) request.fail(error);
          else if (partial.missingCount === 0) end(resolve);
        });
        hungry.add(request);
        pump();
      }),
    async idle() {
      while (ending.size > 0) await Promise.all(ending);
    },
  };
}

/** Whether the failure says something about one file only, so that others of the same call may be had. */
function isOfOneFile(error: unknown): boolean {
  if (!isHarpError(error)) return false;
  const { code } = error;
  return (
    code === 'origin.changed' ||
    code === 'origin.not_found' ||
    code === 'origin.range_ignored' ||
    code === 'origin.short_body' ||
    code === 'origin.unexpected' ||
    code === 'chunk.absent' ||
    code === 'chunk.digest_mismatch' ||
    code === 'disk.failed'
  );
}
