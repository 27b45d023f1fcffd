import { createHash } from 'node:crypto';
import {
  type BlobId,
  type ErrorCode,
  type FolderId,
  HarpError,
  type Head,
  type HeadPlan,
  isHarpError,
  type SignedText,
  type SigningKey,
} from '@harp/broker/protocol';
import { blobsOf, checkSnapshot, openHead, planFrom, verifySegments } from '../chain/follow.ts';
import type { Clock, Logger, Outbox, Swarm } from '../ports.ts';
import type { OwnedBlobStore } from '../store/blob-store.ts';
import type { Folders } from '../store/folders.ts';
import type { State } from '../store/state.ts';
import { createWake } from '../wake.ts';
import { backOffMs } from './back-off.ts';

/** What a verified head leads to. The receiver applies it. */
export type Verified = {
  head: Head;
  plan: Exclude<HeadPlan, { kind: 'current' }>;
  verify: ReturnType<typeof verifySegments>;
};

/** Follows the heads of one folder's chain: the newest offer is opened, its blobs are fetched, all links verified, then it is applied. */
export interface HeadFollower {
  offer(signed: SignedText): void;
  /** Follows until the folder is stopped. */
  run(): Promise<void>;
  /** Why the newest offer is not followed yet, if it is not. */
  readonly reason: ErrorCode | undefined;
  /** A head was followed, or the newest offer says nothing new. */
  readonly upToDate: boolean;
}

export interface HeadFollowerDeps {
  folder: { id: FolderId; number: number };
  state: State;
  folders: Folders;
  blobs: OwnedBlobStore;
  swarm: Pick<Swarm, 'fetchBlobs'>;
  keys: () => readonly SigningKey[];
  record: Outbox['record'];
  clock: Clock;
  log: Logger;
  stop: AbortSignal;
  apply: (verified: Verified) => Promise<void>;
  onDidChange: () => void;
}

/** Rejected heads remembered, so that a retained message is not reported at every start. */
const REMEMBERED = 32;
const DETAIL_MAX = 500;

export function createHeadFollower(deps: HeadFollowerDeps): HeadFollower {
  const { folder, folders, blobs, swarm, keys, clock, log, stop } = deps;
  const rejectedHeads = deps.state.table<string[], number>('chain.rejected', { keyEncoding: 'uint32' });
  const wake = createWake(clock);
  let offered: SignedText | undefined;
  let reason: ErrorCode | undefined;
  let upToDate = false;

  const row = () => folders.get(folder.id)!;

  const rejected = async (signed: SignedText, error: HarpError) => {
    const name = createHash('sha256').update(`${signed.text}\n${signed.key}\n${signed.signature}`).digest('hex');
    const known = rejectedHeads.get(folder.number) ?? [];
    if (known.includes(name)) return;
    log.warn({ folder: folder.id, code: error.code, facts: error.facts }, 'a head was rejected');
    await deps.record({
      kind: 'chain.rejected',
      atMs: clock.nowMs(),
      folder: folder.id,
      code: error.code,
      detail: error.message.slice(0, DETAIL_MAX),
      seq: seqOf(error, signed),
    });
    await rejectedHeads.put(folder.number, [...known, name].slice(-REMEMBERED));
  };

  const fetchBlobs = async (plan: HeadPlan) => {
    const missing = blobsOf(plan).filter((id) => !blobs.has(id));
    if (missing.length > 0) await swarm.fetchBlobs(folder.id, missing, stop);
  };
  /** What the head names may be served from now on; what the last but one named is not needed any more. */
  const claimBlobs = async (head: Head) => {
    const named = [...(head.snapshot === null ? [] : [head.snapshot.blob]), ...head.segments.map(({ blob }) => blob)];
    const { headBlobs, previousHeadBlobs } = row();
    if (sameIds(named, headBlobs)) return;
    await Promise.all(named.map((id) => blobs.claim(id, folder.number, 0)));
    await folders.update(folder.id, { headBlobs: named, previousHeadBlobs: headBlobs });
    const kept = new Set([...named, ...headBlobs]);
    for (const id of previousHeadBlobs) if (!kept.has(id)) await blobs.release(id, folder.number, 0);
  };

  const follow = async (signed: SignedText) => {
    const head = openHead(folder.id, signed, keys());
    const { position, floor } = row();
    const plan = planFrom(position, floor, head);
    await claimBlobs(head);
    if (plan.kind === 'current') return;
    if (plan.kind === 'snapshot') checkSnapshot(folder.id, plan.snapshot, keys());
    await fetchBlobs(plan);
    const start = plan.kind === 'snapshot' ? plan.snapshot : position;
    const verify = verifySegments(folder.id, start, plan.segments, blobs.get);
    if (verify.end.seq !== head.seq || verify.end.link !== head.link)
      throw new HarpError('chain.link_mismatch', `entry ${head.seq} does not lead to the signed link`, {
        facts: { seq: head.seq },
      });
    await deps.apply({ head, plan, verify });
  };

  /** Follows the newest offer; how long to wait before it is tried again, if that may help. */
  const attempt = async (attempts: number): Promise<number | undefined> => {
    const signed = offered;
    if (signed === undefined) return undefined;
    try {
      await follow(signed);
      if (offered === signed) offered = undefined;
      reason = undefined;
      upToDate = true;
      return undefined;
    } catch (error) {
      if (stop.aborted) return undefined;
      const problem = isHarpError(error)
        ? error
        : new HarpError('internal.unexpected', `a head was not followed: ${String(error)}`, { cause: error });
      reason = problem.code;
      if (isVerdict(problem)) {
        await rejected(signed, problem);
        // The blob may be served right elsewhere or later; everything else is signed as it is.
        if (problem.code !== 'blob.digest_mismatch') {
          if (offered === signed) offered = undefined;
          return undefined;
        }
      }
      log.info({ folder: folder.id, code: problem.code }, 'a head cannot be followed yet');
      return backOffMs(attempts, `${folder.id}\nhead`);
    } finally {
      deps.onDidChange();
    }
  };

  return {
    offer(signed) {
      offered = signed;
      wake.notify();
    },
    async run() {
      let attempts = 0;
      let last: SignedText | undefined;
      let pauseMs: number | undefined = 0;
      while (await wake.wait(pauseMs ?? Number.POSITIVE_INFINITY, stop)) {
        attempts = offered === last ? attempts + 1 : 1;
        last = offered;
        pauseMs = await attempt(attempts);
      }
    },
    get reason() {
      return reason;
    },
    get upToDate() {
      return upToDate;
    },
  };
}

/** Whether the error says that the head is bad, and not that something cannot be reached. */
function isVerdict({ code }: HarpError): boolean {
  return code.startsWith('chain.') || code === 'protocol.invalid_message' || code === 'blob.digest_mismatch';
}

/** The entry in question: what the error names, else what the head claims, else 0. */
function seqOf({ facts }: HarpError, signed: SignedText): number {
  for (const name of ['seq', 'from'] as const) {
    const fact = facts[name];
    if (typeof fact === 'number') return fact;
  }
  try {
    const claimed: unknown = JSON.parse(signed.text);
    const seq = typeof claimed === 'object' && claimed !== null && 'seq' in claimed ? claimed.seq : 0;
    return typeof seq === 'number' && Number.isSafeInteger(seq) && seq >= 0 ? seq : 0;
  } catch {
    // Not JSON, so it names no entry.
    return 0;
  }
}

function sameIds(a: readonly BlobId[], b: readonly BlobId[]): boolean {
  return a.length === b.length && a.every((id, index) => id === b[index]);
}
