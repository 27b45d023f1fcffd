/**
 * The runs of one folder that this agent fetches from the origin: a few streams, one request per stretch of neighbouring chunks, small files
 * pipelined. Promises to peers (undertakings) begin when a chunk is queued and end when it is stored or given up.
 */
import { type FolderId, HarpError, isHarpError, type OriginGrant } from '@harp/broker/protocol';
import { connectOrigin, type OriginConnection, PIPELINED } from '../origin/connection.ts';
import { fetchRange } from '../origin/fetch-range.ts';
import type { GrantGates } from '../origin/grant-gates.ts';
import { grantFingerprint } from '../origin/share-request.ts';
import { getOrMake } from '../peer/get-or-make.ts';
import type { Slots } from '../peer/slots.ts';
import type { Undertakings } from '../peer/undertakings.ts';
import type { ChunkStore, Clock, TrafficMeter } from '../ports.ts';
import type { ChunkItem } from './chunk-item.ts';

/** Whole files up to this size share a connection by pipelining: above it the transfer outlasts the round trip it would hide. */
const SMALL_FILE_BYTES = 256 * 1024;
/** How often a stream's progress is looked at. */
const WATCH_MS = 500;

export interface WanQueueDeps {
  folder: FolderId;
  clock: Clock;
  random: () => number;
  version: string;
  grant(): OriginGrant | null;
  gates: GrantGates;
  chunks: ChunkStore;
  undertakings: Undertakings;
  meter: TrafficMeter;
  /** Streams of this folder. */
  streams(): number;
  /** Streams of this agent, over all folders. */
  slots: Slots;
  /** Whether somebody else could take over, and after how long without a byte. */
  stall(): { othersCould: boolean; afterMs: number };
  readsWhole(manifest: string): boolean;
  onStored(item: ChunkItem): void;
  /** These were not fetched; the promise to fetch them is withdrawn. */
  onFailed(items: ChunkItem[], error: HarpError): void;
}

export interface WanQueue {
  /** Promises to fetch `items`, which all belong to `run`. */
  add(run: string, items: readonly ChunkItem[]): void;
  /** Takes an item back, whether it is queued or under way. */
  drop(id: string): void;
  /** Takes back what is queued and not yet begun and satisfies `condition`. */
  takeBack(condition: (item: ChunkItem) => boolean): ChunkItem[];
  /** What is queued and not yet begun. */
  waiting(): ChunkItem[];
  close(): void;
}

interface Run {
  /** Under which it is queued. */
  readonly name: string;
  readonly items: Map<string, ChunkItem>;
  readonly abort: AbortController;
}

/** A connection and the link it uses. */
interface Line {
  readonly connection: OriginConnection;
  readonly fingerprint: string;
}

/** An empty queue without connections. */
export function createWanQueue(deps: WanQueueDeps): WanQueue {
  const { folder, clock, gates, chunks, undertakings, meter } = deps;
  const queued = new Map<string, Run>();
  const underWay = new Set<Run>();
  const idle: Line[] = [];
  let workers = 0;

  const startWorkers = () => {
    while (workers < Math.min(deps.streams(), queued.size)) {
      workers++;
      work().finally(() => {
        workers--;
      });
    }
  };

  /** One stream: takes runs until there are none. */
  const work = async () => {
    const small = new Set<Promise<void>>();
    const release = await deps.slots.take(new AbortController().signal);
    let line: Line | undefined;
    try {
      for (let run = nextRun(); run !== undefined || small.size > 0; run = nextRun()) {
        const mustWait = run !== undefined && (isSmall(run) && !isOld(line) ? small.size >= PIPELINED : small.size > 0);
        if (run === undefined || mustWait) {
          await Promise.race(small);
          continue;
        }
        take(run);
        line = renewed(line);
        const running = perform(run, line);
        if (isSmall(run)) {
          const tracked: Promise<void> = running.finally(() => small.delete(tracked));
          small.add(tracked);
        } else await running;
      }
    } finally {
      if (line !== undefined) idle.push(line);
      release();
    }
  };
  const linkNow = (): string | undefined => {
    const grant = deps.grant();
    return grant === null ? undefined : grantFingerprint(grant);
  };
  /** Whether another link has taken the place of the line's. While there is none, the old one serves as long as it does. */
  const isOld = (line: Line | undefined): boolean => {
    const link = linkNow();
    return line !== undefined && link !== undefined && link !== line.fingerprint;
  };
  /** The line, or one with the link of now. */
  const renewed = (line: Line | undefined): Line | undefined => {
    if (line !== undefined && !isOld(line)) return line;
    line?.connection.close();
    const grant = deps.grant();
    return grant === null ? undefined : borrow(grant);
  };
  const borrow = (grant: OriginGrant): Line => {
    const fingerprint = grantFingerprint(grant);
    for (let line = idle.pop(); line !== undefined; line = idle.pop()) {
      if (line.fingerprint === fingerprint) return line;
      line.connection.close();
    }
    return { connection: connectOrigin(grant, deps), fingerprint };
  };
  const nextRun = (): Run | undefined => queued.values().next().value;
  const take = (run: Run) => {
    for (const [name, candidate] of queued) if (candidate === run) queued.delete(name);
    underWay.add(run);
  };

  /** Gets a run's chunks, or reports them failed, or queues what is left once more for a newer link. Never rejects. */
  const perform = async (run: Run, line: Line | undefined) => {
    const { items, abort } = run;
    let progressMs = clock.monotonicMs();
    const watch = async () => {
      for (;;) {
        await clock.sleep(WATCH_MS, abort.signal);
        const { othersCould, afterMs } = deps.stall();
        if (!othersCould || clock.monotonicMs() - progressMs < afterMs) continue;
        // Those who wait for us pass the run on at this moment: two agents must not fetch it.
        abort.abort(new HarpError('origin.unreachable', 'Nextcloud sends nothing'));
      }
    };
    watch().catch(() => undefined);
    try {
      if (line === undefined) throw new HarpError('chunk.absent', 'the office has no share link for this folder');
      for (const stretch of stretchesOf([...items.values()], deps.readsWhole)) {
        await fetchRange(
          stretch,
          {
            connection: line.connection,
            clock,
            random: deps.random,
            checkGate: () => gates.check(folder),
            onBytes(bytes) {
              progressMs = clock.monotonicMs();
              undertakings.advance(folder, bytes);
            },
            onWasted: (bytes) => meter.add(folder, 'wasted', bytes),
            async put(wanted, bytes) {
              const size = bytes.length;
              await chunks.put(wanted.id, bytes, 'origin').catch((error: unknown) => {
                meter.add(folder, 'wasted', size);
                throw error;
              });
              meter.add(folder, 'fromOrigin', size);
              progressMs = clock.monotonicMs();
              undertakings.release(folder, [wanted.id]);
              const item = items.get(wanted.id);
              items.delete(wanted.id);
              if (item !== undefined) deps.onStored(item);
            },
          },
          abort.signal,
        );
      }
    } catch (error) {
      const failure = isHarpError(error)
        ? error
        : new HarpError('internal.unexpected', 'a fetch failed', { cause: error });
      if (line !== undefined) gates.failed(folder, line.fingerprint, failure);
      if (failure.code === 'origin.unauthorised' && isOld(line)) putBack(run);
      else giveUp([...items.values()], failure);
    } finally {
      // A reason given saves making an error for it, a thousand times for a thousand small files.
      abort.abort('ended');
      underWay.delete(run);
    }
  };
  const putBack = ({ name, items }: Run) => {
    for (const [id, item] of items) queuedRun(name).items.set(id, item);
  };
  const queuedRun = (name: string): Run =>
    getOrMake(queued, name, () => ({ name, items: new Map(), abort: new AbortController() }));
  const giveUp = (items: ChunkItem[], error: HarpError) => {
    undertakings.release(
      folder,
      items.map(({ id }) => id),
    );
    if (items.length > 0) deps.onFailed(items, error);
  };

  return {
    add(name, items) {
      const run = queuedRun(name);
      for (const item of items) run.items.set(item.id, item);
      undertakings.undertake(
        folder,
        items.map(({ id }) => id),
      );
      startWorkers();
    },
    drop(id) {
      for (const run of [...queued.values(), ...underWay]) {
        if (!run.items.delete(id)) continue;
        undertakings.release(folder, [id]);
        if (run.items.size === 0) run.abort.abort(new HarpError('origin.unreachable', 'not wanted any more'));
      }
      for (const [name, run] of queued) if (run.items.size === 0) queued.delete(name);
    },
    takeBack(condition) {
      const taken: ChunkItem[] = [];
      for (const [name, run] of queued) {
        for (const item of run.items.values()) {
          if (!condition(item)) continue;
          run.items.delete(item.id);
          taken.push(item);
        }
        if (run.items.size === 0) queued.delete(name);
      }
      undertakings.release(
        folder,
        taken.map(({ id }) => id),
      );
      return taken;
    },
    waiting: () => [...queued.values()].flatMap(({ items }) => [...items.values()]),
    close() {
      for (const run of [...queued.values(), ...underWay])
        run.abort.abort(new HarpError('origin.unreachable', 'this agent stops'));
      queued.clear();
      for (const { connection } of idle.splice(0)) connection.close();
    },
  };
}

/** A file of one chunk that is small enough to be pipelined: asked for as a whole, without a Range. */
function isSmall({ items }: Run): boolean {
  if (items.size !== 1) return false;
  const [item] = items.values();
  const { size, fileSize } = item!.wanted;
  return size === fileSize && size <= SMALL_FILE_BYTES;
}

/** Stretches of neighbouring chunks, each one request. */
function stretchesOf(
  items: readonly ChunkItem[],
  readsWhole: (manifest: string) => boolean,
): { chunks: ChunkItem['wanted'][]; whole: boolean }[] {
  const sorted = items.map(({ wanted }) => wanted).sort((a, b) => a.offset - b.offset);
  const stretches: { chunks: ChunkItem['wanted'][]; whole: boolean }[] = [];
  for (const wanted of sorted) {
    const current = stretches.at(-1);
    const last = current?.chunks.at(-1);
    const follows = last !== undefined && last.offset + last.size === wanted.offset;
    if (current !== undefined && (current.whole || follows)) current.chunks.push(wanted);
    else stretches.push({ chunks: [wanted], whole: readsWhole(wanted.manifest) || wanted.size === wanted.fileSize });
  }
  return stretches;
}
