/**
 * The chunks of one folder on their way here. Every chunk goes round one loop until it is stored or given up: ask everybody who holds or fetches it,
 * then get it from a holder, wait for the agent that fetches it, or fetch it ourselves if it is our turn. Whatever fails sends it round again, with
 * one candidate less.
 */
import { type AgentId, type Candidate, type FolderId, HarpError, isHarpError, limits } from '@harp/broker/protocol';
import type { HaveAnswer } from '../peer/client.ts';
import { fanOutAbort } from '../peer/fan-out.ts';
import { getOrMake } from '../peer/get-or-make.ts';
import type { ChunkWanted } from '../ports.ts';
import { holderFor, type Office, officeOf, ownerOf } from './assignment.ts';
import { type Call, type ChunkItem, canonicalPlace, newItem, runOf } from './chunk-item.ts';
import { haveRound } from './have-round.ts';
import { createPeerLine, type Lane, type PeerLine } from './peer-line.ts';
import type { SwarmDeps } from './swarm.ts';
import { createWanQueue } from './wan-queue.ts';

/** Bytes of held chunks under way from one peer: half a second of a gigabit line would be 60 MB, the memory of a small PC sets the limit. */
const WINDOW_BYTES = 16 * 1024 * 1024;
/** Neighbours that did not fetch a chunk before it is our turn, whatever the rank says. */
const FAILOVERS_MAX = 3;
/** A connection may break once in a while; a peer with which it always does is as good as gone. */
const BREAKS_MAX = 3;
/** An owner that knows nothing of a chunk may be a little behind: it is asked again for this long before the next in rank is. */
const ABSENT_PATIENCE_MS = 3000;
const ABSENT_RETRY_MS = 250;
/** An owner that promises and brings nothing loses its runs after so many stalls: with 8 s each that is a 4 MiB chunk at 210 kbit/s. */
const PROMISE_STALLS = 20;
/** A peer that refuses does not know of the folder yet. */
const REFUSED_MS = 10_000;
/** A peer that was of use this lately is not blamed for one chunk. */
const USEFUL_LATELY_MS = 5000;
const BUSY_RETRY_MS = 500;

export interface FolderChunks {
  fetch(
    wanted: readonly ChunkWanted[],
    onChunk: (wanted: ChunkWanted, source: 'peer' | 'origin') => void,
    signal: AbortSignal,
  ): Promise<void>;
  /** Peers came or went, or the roster changed. */
  peersChanged(): void;
  close(): void;
}

/** Nothing wanted yet. */
export function createFolderChunks(folder: FolderId, deps: SwarmDeps): FolderChunks {
  const { self, clock, chunks, client, links, roster, health, gates, meter } = deps;
  const items = new Map<string, ChunkItem>();
  /** Wanted and with nobody asked for it. */
  const fresh = new Set<ChunkItem>();
  /** Held by these, asked of none yet because all of them owe us enough. */
  const held = new Map<ChunkItem, readonly AgentId[]>();
  const lines = new Map<AgentId, PeerLine<ChunkItem>>();
  const wholeFiles = new Set<string>();
  const usefulMs = new Map<AgentId, number>();
  const stopped = fanOutAbort();
  let surveying = false;
  let present: ReadonlySet<AgentId> = new Set();

  const stallMs = () => roster.policy().stallMs;
  const usablePeers = (): AgentId[] =>
    links
      .live()
      .map(({ agent }) => agent)
      .filter((agent) => agent !== self.agent && roster.shares(agent, folder) && health.usable(agent, folder));
  const office = (): Office => {
    const agents = usablePeers().filter((agent) => health.mayOwn(agent, folder));
    if (roster.grant(folder) !== null) agents.push(self.agent);
    const candidates: Candidate[] = agents.map((agent) => ({ agent, weight: roster.member(agent)?.wanWeight ?? 1 }));
    return officeOf(folder, candidates, roster.policy().wanStreams);
  };

  const settle = (item: ChunkItem, outcome: 'peer' | 'origin' | 'held' | HarpError) => {
    if (items.get(item.id) !== item) return;
    items.delete(item.id);
    fresh.delete(item);
    held.delete(item);
    for (const call of item.calls) {
      if (outcome instanceof HarpError) call.firstError ??= outcome;
      else if (outcome !== 'held') call.onChunk(item.wanted, outcome);
      call.pending.delete(item.id);
      if (call.pending.size === 0) call.done();
    }
  };
  const again = (some: Iterable<ChunkItem>) => {
    for (const item of some) if (items.get(item.id) === item) fresh.add(item);
    if (!surveying) void survey();
  };
  const later = (item: ChunkItem, delayMs: number) => {
    clock.sleep(delayMs, stopped.signal).then(
      () => again([item]),
      () => undefined,
    );
  };
  const passOn = (item: ChunkItem, from: AgentId, error: HarpError) => {
    item.failed.add(from);
    item.failovers++;
    item.absentSinceMs = undefined;
    item.absences = 0;
    item.lastError = error;
  };

  // Asking everybody, then assigning.

  const survey = async () => {
    surveying = true;
    try {
      // Calls made in the same turn go round together.
      await Promise.resolve();
      while (fresh.size > 0 && !stopped.signal.aborted) {
        const batch = [...fresh].slice(0, limits.haveMaxIds);
        for (const item of batch) fresh.delete(item);
        const open = batch.filter((item) => !settledByStore(item));
        const ids = open.map(({ id }) => id);
        const onFailed = (peer: AgentId, error: HarpError) => {
          if (isRefusal(error)) health.refused(peer, folder, REFUSED_MS);
        };
        const answers = await haveRound(folder, ids, usablePeers(), { client, clock, onFailed }, stopped.signal);
        for (const { originHint } of answers.values()) if (originHint !== undefined) gates.learn(folder, originHint);
        assign(open, answers);
      }
    } catch (error) {
      if (!stopped.signal.aborted) deps.logger.error({ error }, 'a round of questions failed');
    } finally {
      surveying = false;
    }
  };
  const settledByStore = (item: ChunkItem): boolean => {
    if (items.get(item.id) !== item) return true;
    if (!chunks.has(item.wanted.id)) return false;
    settle(item, 'held');
    return true;
  };

  const assign = (open: readonly ChunkItem[], answers: ReadonlyMap<AgentId, HaveAnswer>) => {
    const now = office();
    const closed = closedGate();
    const owed = new Map<AgentId, ChunkItem[]>();
    const mine = new Map<string, ChunkItem[]>();
    open.forEach((item, index) => {
      if (settledByStore(item)) return;
      const holders = [...answers].filter(([peer, answer]) => answer.holds(index) && !item.denied.has(peer));
      if (holders.length > 0) {
        held.set(
          item,
          holders.map(([peer]) => peer),
        );
        return;
      }
      const run = runOf(item, wholeFiles);
      // Who fetches it now goes on, whatever the rank says; but nobody can fetch a part of a file that comes as a whole only.
      const fetching = wholeFiles.has(item.wanted.manifest)
        ? []
        : [...answers].filter(([peer, answer]) => answer.fetches(index) && !item.failed.has(peer));
      const owner = fetching[0]?.[0] ?? (closed === undefined ? turnOf(item, run, now) : undefined);
      // The grant is the office's: what keeps us from the origin keeps everybody.
      if (closed !== undefined && owner === undefined) settle(item, closed);
      else if (owner === undefined) settle(item, item.lastError ?? nobodyHasIt(roster.grant(folder) === null));
      else if (owner === self.agent) getOrMake(mine, run, () => []).push(item);
      else getOrMake(owed, owner, () => []).push(item);
    });
    for (const [peer, list] of owed) lineTo(peer).ask(list, 'owed');
    for (const [run, list] of mine) queue.add(run, list);
    askHolders();
  };
  const closedGate = (): HarpError | undefined => {
    try {
      gates.check(folder);
      return undefined;
    } catch (error) {
      return error as HarpError;
    }
  };
  const turnOf = (item: ChunkItem, run: string, now: Office): AgentId | undefined => {
    const ourTurn = item.failovers >= FAILOVERS_MAX && roster.grant(folder) !== null && !item.failed.has(self.agent);
    if (ourTurn) return self.agent;
    return item.failovers > FAILOVERS_MAX ? undefined : ownerOf(run, now, item.failed);
  };
  const askHolders = () => {
    if (held.size === 0) return;
    const room = new Map<AgentId, number>();
    for (const peer of usablePeers()) {
      const bytes = lines.get(peer)?.outstandingBytes ?? 0;
      // A want for every chunk that arrives would be a request per chunk: a peer is asked again when half of what it owes is here.
      if (bytes <= WINDOW_BYTES / 2) room.set(peer, bytes);
    }
    const asks = new Map<AgentId, ChunkItem[]>();
    for (const [item, holders] of held) {
      if (room.size === 0) break;
      const withRoom = holders.filter((holder) => room.has(holder));
      const peer = holderFor(item.id, withRoom, (holder) => room.get(holder)!);
      if (peer === undefined) continue;
      held.delete(item);
      getOrMake(asks, peer, () => []).push(item);
      const bytes = room.get(peer)! + item.sizeBytes;
      if (bytes < WINDOW_BYTES) room.set(peer, bytes);
      else room.delete(peer);
    }
    for (const [peer, list] of asks) lineTo(peer).ask(list, 'held');
  };
  /** Held chunks whose holders are all gone go round again. */
  const dropLostHolders = () => {
    const usable = new Set(usablePeers());
    for (const [item, holders] of [...held]) {
      if (holders.some((holder) => usable.has(holder))) continue;
      held.delete(item);
      again([item]);
    }
  };

  // What comes of it.

  const queue = createWanQueue({
    ...deps,
    folder,
    grant: () => roster.grant(folder),
    streams: () => {
      const { agents, streamsEach } = office().fetchers;
      return agents.includes(self.agent) ? streamsEach : 1;
    },
    stall: () => ({ othersCould: usablePeers().length > 0, afterMs: stallMs() }),
    readsWhole: (manifest) => wholeFiles.has(manifest),
    onStored: (item) => settle(item, 'origin'),
    onFailed(failed, error) {
      if (error.code === 'origin.range_ignored') return readWhole(failed);
      for (const item of failed) {
        if (items.get(item.id) !== item) continue;
        if (!isOurTrouble(error)) settle(item, error);
        else passOn(item, self.agent, error);
      }
      again(failed);
    },
  });
  /**
   * The server ignores ranges of these files: one agent reads each as a whole, the owner of its first run. What is wanted of them goes round again
   * together, whoever was to get it before, or the owner would read the file once for every piece it is asked for.
   */
  const readWhole = (failed: readonly ChunkItem[]) => {
    const manifests = new Set<string>(failed.map(({ wanted }) => wanted.manifest));
    for (const manifest of manifests) wholeFiles.add(manifest);
    const affected = [...items.values()].filter(({ wanted }) => manifests.has(wanted.manifest));
    for (const { id } of affected) {
      for (const line of lines.values()) line.drop(id);
      queue.drop(id);
    }
    again(affected);
  };

  const lineTo = (peer: AgentId): PeerLine<ChunkItem> => {
    let line = lines.get(peer);
    if (line !== undefined) return line;
    line = createPeerLine<ChunkItem>({
      peer,
      folder,
      kind: 'chunks',
      client,
      clock,
      stallMs,
      promiseMs: () => stallMs() * PROMISE_STALLS,
      waitMs: limits.wantMaxWaitMs,
      async receive(item, bytes) {
        const size = bytes.length;
        try {
          await chunks.put(item.wanted.id, bytes, 'peer');
        } catch (error) {
          meter.add(folder, 'wasted', size);
          if (!isHarpError(error) || error.code === 'chunk.digest_mismatch') {
            health.distrust(peer, folder, item.wanted.id);
            throw error;
          }
          settle(item, error);
          return;
        }
        meter.add(folder, 'fromPeers', size);
        usefulMs.set(peer, clock.monotonicMs());
        settle(item, 'peer');
        askHolders();
      },
      onUnwanted: (bytes) => meter.add(folder, 'wasted', bytes),
      onAbsent: (item, lane, promised) => absent(peer, item, lane, promised),
      onBroken: (broken, lane, error) => void brokenOff(peer, broken, lane, error),
      onAlive() {
        usefulMs.set(peer, clock.monotonicMs());
        links.noteAlive(peer);
      },
    });
    lines.set(peer, line);
    return line;
  };
  const absent = (peer: AgentId, item: ChunkItem, lane: Lane, promised: boolean) => {
    const nowMs = clock.monotonicMs();
    if (lane === 'held') {
      item.denied.add(peer);
      return again([item]);
    }
    if (promised) return later(item, ABSENT_RETRY_MS);
    item.absentSinceMs ??= nowMs;
    if (nowMs - item.absentSinceMs < ABSENT_PATIENCE_MS) return later(item, ABSENT_RETRY_MS * 2 ** item.absences++);
    passOn(item, peer, new HarpError('chunk.absent', 'the neighbour whose turn it is does not fetch this chunk'));
    const usefulLately = nowMs - (usefulMs.get(peer) ?? Number.NEGATIVE_INFINITY) < USEFUL_LATELY_MS;
    if (!usefulLately) health.failed(peer, folder, 'owner');
    again([item]);
  };
  const brokenOff = async (peer: AgentId, broken: readonly ChunkItem[], lane: Lane, error: HarpError) => {
    if (error.code === 'peer.busy') {
      for (const item of broken) later(item, BUSY_RETRY_MS);
      return;
    }
    const isGone = error.code === 'peer.unreachable' && !(await links.recheck(peer));
    if (error.code === 'peer.stalled') void links.recheck(peer);
    if (isRefusal(error)) health.refused(peer, folder, REFUSED_MS);
    else if (error.code !== 'peer.unreachable' && !health.distrusted(peer)) {
      health.failed(peer, folder, lane === 'owed' ? 'owner' : 'holder');
    }
    // What else it owes would only wait to fail in the same way.
    if (error.code !== 'peer.unreachable') lines.get(peer)?.close(error);
    for (const item of broken) {
      item.breaks++;
      if (error.code === 'peer.unreachable' && !isGone && item.breaks < BREAKS_MAX) continue;
      if (lane === 'held') item.denied.add(peer);
      else passOn(item, peer, error);
    }
    again(broken);
  };
  /** A peer came that may hold what we are about to fetch over the WAN. */
  const askNewcomers = async (peers: readonly AgentId[]) => {
    const waiting = queue.waiting().slice(0, limits.haveMaxIds);
    const ids = waiting.map(({ id }) => id);
    const answers = await haveRound(folder, ids, peers, { client, clock, onFailed: () => undefined }, stopped.signal);
    const holdersOf = new Map<ChunkItem, AgentId[]>();
    waiting.forEach((item, index) => {
      const holders = [...answers].filter(([, answer]) => answer.holds(index)).map(([peer]) => peer);
      if (holders.length > 0) holdersOf.set(item, holders);
    });
    for (const item of queue.takeBack((candidate) => holdersOf.has(candidate))) held.set(item, holdersOf.get(item)!);
    askHolders();
  };

  const cancel = (item: ChunkItem) => {
    items.delete(item.id);
    fresh.delete(item);
    held.delete(item);
    for (const line of lines.values()) line.drop(item.id);
    queue.drop(item.id);
  };

  return {
    fetch: (wanted, onChunk, signal) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason);
        const aborted = () => {
          for (const id of call.pending) {
            const item = items.get(id);
            item?.calls.delete(call);
            if (item?.calls.size === 0) cancel(item);
          }
          reject(signal.reason);
        };
        const done = () => {
          signal.removeEventListener('abort', aborted);
          if (call.firstError === undefined) resolve();
          else reject(call.firstError);
        };
        const call: Call = { onChunk, pending: new Set(), firstError: undefined, done };
        const places = new Map<string, ChunkWanted>();
        for (const place of wanted) {
          if (chunks.has(place.id)) continue;
          const other = places.get(place.id);
          places.set(place.id, other === undefined ? place : canonicalPlace(other, place));
        }
        if (places.size === 0) return resolve();
        signal.addEventListener('abort', aborted, { once: true });
        for (const place of places.values()) {
          const item = getOrMake(items, place.id, () => {
            const made = newItem(place);
            fresh.add(made);
            return made;
          });
          item.calls.add(call);
          call.pending.add(place.id);
        }
        again([]);
      }),
    peersChanged() {
      for (const [peer, line] of lines) {
        if (links.addressOf(peer) !== undefined && roster.shares(peer, folder)) continue;
        lines.delete(peer);
        line.close(new HarpError('peer.unreachable', 'the neighbour is gone'));
      }
      dropLostHolders();
      const now = new Set(usablePeers());
      const newcomers = [...now].filter((peer) => !present.has(peer));
      present = now;
      if (newcomers.length > 0) askNewcomers(newcomers).catch(() => undefined);
    },
    close() {
      stopped.abort();
      queue.close();
      const error = new HarpError('peer.unreachable', 'this agent stops');
      for (const line of lines.values()) line.close(error);
      for (const item of [...items.values()]) settle(item, error);
    },
  };
}

/** The peer does not let us have the folder (yet). */
function isRefusal({ code }: HarpError): boolean {
  return code === 'peer.not_in_roster' || code === 'peer.folder_not_shared' || code === 'identity.revoked';
}

/** Whether another agent may have more luck with the origin than this one. */
function isOurTrouble({ code }: HarpError): boolean {
  return code === 'origin.unreachable' || code === 'origin.short_body' || code === 'origin.unexpected';
}

function nobodyHasIt(withoutGrant: boolean): HarpError {
  return withoutGrant
    ? new HarpError('chunk.absent', 'no neighbour has this chunk and the office has no share link')
    : new HarpError('peer.unreachable', 'nobody could fetch this chunk');
}
