/**
 * The blobs of one folder on their way here. The same scheme as for chunks with the gateway as the source, but built for few small items at the start
 * of a sync: no round of questions, short waits, and everybody else is asked before giving up, so that an office goes on without the gateway.
 */
import { type AgentId, type BlobId, type FolderId, HarpError, isHarpError, limits, rank } from '@harp/broker/protocol';
import { sha256 } from '@harp/broker/protocol/node';
import { fanOutAbort } from '../peer/fan-out.ts';
import { createPeerLine } from './peer-line.ts';
import type { SwarmDeps } from './swarm.ts';

/** Without a sign of progress a blob is asked of the next in rank: peers say `waiting` every second, so this is one sign missed. */
const STALL_MS = 2500;
/** What is ours to fetch is worth a glance at a neighbour, not a wait: a LAN round trip takes a few milliseconds. */
const GLANCE_MS = 400;
/** A peer that refuses does not know of the folder yet. */
const REFUSED_MS = 10_000;
/** An owner that has not heard of a blob after its own grace of 1.5 s is passed over. */
const WAIT_MS = 20_000;
/** A blob is small: whoever promises it for longer does not get it. */
const PROMISE_MS = 15_000;
/** Owners tried before we ask the gateway ourselves. */
const OWNERS_MAX = 2;

export interface FolderBlobs {
  /** Gets blobs into the store. @throws {HarpError} see Swarm.fetchBlobs */
  fetch(ids: readonly BlobId[], signal: AbortSignal): Promise<void>;
  close(): void;
}

/** Nothing wanted yet. */
export function createFolderBlobs(folder: FolderId, deps: SwarmDeps): FolderBlobs {
  const { self, blobs, client, clock, links, roster, health, gateway, undertakings } = deps;
  const stopped = fanOutAbort();
  /** A blob wanted twice is fetched once. */
  const underWay = new Map<BlobId, Promise<void>>();

  const peers = (): AgentId[] =>
    links
      .live()
      .map(({ agent }) => agent)
      .filter((agent) => agent !== self.agent && roster.shares(agent, folder) && health.usable(agent, folder));
  const missing = (ids: readonly BlobId[]) => ids.filter((id) => !blobs.has(id));

  /** Asks one peer; resolves when it has answered for every id, or failed. Failures are not told: the store knows what came. */
  const askPeer = (peer: AgentId, ids: readonly BlobId[], waitMs: number): Promise<void> =>
    new Promise((resolve) => {
      let open = ids.length;
      const answered = (count: number) => {
        open -= count;
        if (open > 0) return;
        stopped.signal.removeEventListener('abort', stop);
        resolve();
      };
      const stop = () => line.close(new HarpError('peer.unreachable', 'this agent stops'));
      const line = createPeerLine<{ id: string; sizeBytes: number }>({
        peer,
        folder,
        kind: 'blobs',
        client,
        clock,
        stallMs: () => (waitMs === 0 ? GLANCE_MS : STALL_MS),
        promiseMs: () => PROMISE_MS,
        waitMs,
        async receive({ id }, bytes) {
          try {
            await blobs.put(id as BlobId, bytes);
          } catch (error) {
            if (isHarpError(error, 'blob.digest_mismatch')) health.distrust(peer, folder, id as BlobId);
            throw error;
          }
          answered(1);
        },
        onUnwanted: () => undefined,
        onAbsent: () => answered(1),
        onBroken(items, _lane, error) {
          if (error.code === 'peer.folder_not_shared') health.refused(peer, folder, REFUSED_MS);
          if (error.code === 'peer.unreachable' || error.code === 'peer.stalled') void links.recheck(peer);
          answered(items.length);
        },
        onAlive: () => links.noteAlive(peer),
      });
      line.ask(
        ids.map((id) => ({ id, sizeBytes: 0 })),
        waitMs === 0 ? 'held' : 'owed',
      );
      stopped.signal.addEventListener('abort', stop);
    });

  /** By rank of every blob: who gets it from the gateway for all. */
  const orders = (ids: readonly BlobId[]): Map<BlobId, AgentId[]> => {
    const candidates = [...peers(), self.agent].map((agent) => ({
      agent,
      weight: roster.member(agent)?.wanWeight ?? 1,
    }));
    return new Map(ids.map((id) => [id, rank(`blob/${id}`, candidates, sha256)]));
  };

  const fromGateway = async (ids: readonly BlobId[]) => {
    undertakings.undertake(folder, ids);
    try {
      await gateway.fetchBlobs(
        folder,
        ids,
        {
          async onBlob(id, bytes) {
            await blobs.put(id, bytes);
            undertakings.release(folder, [id]);
          },
          onBytes: (bytes) => undertakings.advance(folder, bytes),
        },
        stopped.signal,
      );
    } finally {
      undertakings.release(folder, ids);
    }
  };

  /** What is ours to get: perhaps a neighbour has it already, from before we came. The runner-up was its owner then. */
  const getOurselves = async (ids: readonly BlobId[], order: ReadonlyMap<BlobId, AgentId[]>) => {
    await askEach(ids, (id) => order.get(id)?.find((agent) => agent !== self.agent), 0);
    let failure: HarpError | undefined;
    const rest = missing(ids);
    if (rest.length > 0) {
      await fromGateway(rest).catch((error: unknown) => {
        failure = isHarpError(error)
          ? error
          : new HarpError('gateway.unreachable', 'the gateway failed', { cause: error });
      });
    }
    for (const peer of peers()) {
      const left = missing(ids);
      if (left.length === 0) return;
      await askPeer(peer, left, 0);
    }
    if (missing(ids).length > 0)
      throw failure ?? new HarpError('blob.absent', 'neither a neighbour nor the gateway has it');
  };

  const askEach = async (ids: readonly BlobId[], whom: (id: BlobId) => AgentId | undefined, waitMs: number) => {
    const byPeer = new Map<AgentId, BlobId[]>();
    for (const id of missing(ids)) {
      const peer = whom(id);
      if (peer === undefined) continue;
      const list = byPeer.get(peer) ?? [];
      byPeer.set(peer, [...list, id]);
    }
    await Promise.all([...byPeer].map(([peer, list]) => askPeer(peer, list, waitMs)));
  };

  const get = async (ids: readonly BlobId[]): Promise<void> => {
    const order = orders(ids);
    const ours = new Set<BlobId>();
    for (let turn = 0; turn < OWNERS_MAX; turn++) {
      const others = missing(ids).filter((id) => !ours.has(id));
      for (const id of others) if (order.get(id)?.[turn] === self.agent) ours.add(id);
      if (others.length === 0) break;
      const getting = turn === 0 ? getOurselves([...ours], order) : Promise.resolve();
      getting.catch(() => undefined);
      await askEach(
        others.filter((id) => !ours.has(id)),
        (id) => order.get(id)?.[turn],
        Math.min(WAIT_MS, limits.wantMaxWaitMs),
      );
      await getting;
    }
    const rest = missing(ids);
    if (rest.length > 0) await getOurselves(rest, order);
  };

  return {
    async fetch(ids, signal) {
      signal.throwIfAborted();
      const wanted = [...new Set(missing(ids))];
      const news = wanted.filter((id) => !underWay.has(id));
      if (news.length > 0) {
        const getting = get(news).finally(() => {
          for (const id of news) underWay.delete(id);
        });
        getting.catch(() => undefined);
        for (const id of news) underWay.set(id, getting);
      }
      const all = Promise.allSettled(wanted.map((id) => underWay.get(id)));
      const outcomes = await new Promise<Awaited<typeof all>>((resolve, reject) => {
        const aborted = () => reject(signal.reason);
        signal.addEventListener('abort', aborted, { once: true });
        all.then(resolve).finally(() => signal.removeEventListener('abort', aborted));
      });
      // A group fails as a whole; this call cares for its own blobs only.
      const left = missing(wanted);
      if (left.length === 0) return;
      const failure = outcomes.find((outcome) => outcome.status === 'rejected');
      throw (
        failure?.reason ?? new HarpError('blob.absent', 'a blob could not be had', { facts: { count: left.length } })
      );
    },
    close: () => stopped.abort(new HarpError('peer.unreachable', 'this agent stops')),
  };
}
