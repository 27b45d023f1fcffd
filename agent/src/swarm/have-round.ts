import { type AgentId, type FolderId, type HarpError, isHarpError, limits } from '@harp/broker/protocol';
import type { HaveAnswer, PeerClient } from '../peer/client.ts';
import { fanOutAbort } from '../peer/fan-out.ts';
import type { Clock } from '../ports.ts';

/** A neighbour that has not said within this time what it holds is left out: the WAN must not wait for it. */
const ROUND_MS = 2000;

export interface HaveRoundDeps {
  client: Pick<PeerClient, 'have'>;
  clock: Clock;
  /** A peer refused or did not answer. */
  onFailed(peer: AgentId, error: HarpError): void;
}

/** Asks `peers` at the same time which of `ids` (at most 4096) they hold or fetch. Never rejects but when `signal` aborts. */
export async function haveRound(
  folder: FolderId,
  ids: readonly string[],
  peers: readonly AgentId[],
  { client, clock, onFailed }: HaveRoundDeps,
  signal: AbortSignal,
): Promise<Map<AgentId, HaveAnswer>> {
  const answers = new Map<AgentId, HaveAnswer>();
  if (peers.length === 0 || ids.length === 0) return answers;
  const over = fanOutAbort();
  const forward = () => over.abort(signal.reason);
  if (signal.aborted) forward();
  signal.addEventListener('abort', forward);
  const asked = ids.slice(0, limits.haveMaxIds);
  const all = Promise.all(
    peers.map(async (peer) => {
      try {
        answers.set(peer, await client.have(peer, folder, asked, over.signal));
      } catch (error) {
        if (!over.signal.aborted && isHarpError(error)) onFailed(peer, error);
      }
    }),
  );
  const late = clock.sleep(ROUND_MS, over.signal).catch(() => undefined);
  await Promise.race([all, late]);
  over.abort('over');
  signal.removeEventListener('abort', forward);
  signal.throwIfAborted();
  return answers;
}
