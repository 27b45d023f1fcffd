import { type AgentEvent, type ErrorCode, type FolderId, isHarpError } from '@harp/broker/protocol';
import type { Clock } from '../ports.ts';
import { backOffMs } from './back-off.ts';

/** What keeps a folder, or single files of it, from being complete; and when to try again. */
export interface Troubles {
  /** A file could not be delivered or removed now. */
  failed(path: string, error: unknown): void;
  /** A file could be delivered: whatever stopped the folder has passed, and this path's trouble. */
  succeeded(path: string): void;
  /** Nothing is pending any more. */
  allDone(): void;
  /** A newer head: what was wrong with single files may not be any more. */
  newHead(): void;
  /** Forgets files that are no longer pending. */
  keepOnly(isPending: (path: string) => boolean): void;
  /** Whether a file may be tried now. */
  mayTry(path: string): boolean;
  /** Files that may be tried at a time: one after a trouble of the whole folder, then twice as many with every success. */
  readonly triesMax: number;
  /** Until something may be tried again, milliseconds; undefined if nothing waits for a time. */
  readonly nextTryMs: number | undefined;
  /** The most important of the troubles there are. */
  readonly reason: ErrorCode | undefined;
}

interface Parked {
  code: ErrorCode;
  detail: string;
  attempts: number;
  /** Monotonic; undefined = not before a newer head. */
  untilMs: number | undefined;
}

/** Only a newer head can help. */
const NEEDS_HEAD: ReadonlySet<ErrorCode> = new Set([
  'origin.changed',
  'origin.not_found',
  'manifest.malformed',
  'name.refused',
]);
/** Expected to pass by themselves and without a person: the indexer hears of the change, too, and a newer head follows. */
const NOT_ANNOUNCED: ReadonlySet<ErrorCode> = new Set(['origin.changed', 'origin.not_found']);
/** So many files in trouble at once are a trouble of the folder; they are not all held in memory. */
const PARKED_MAX = 500;
/** After so many files at a time without trouble there is no limit any more. */
const TRIES_MAX = 128;
/** A disk that is full to the brim takes a small file now and then: only after this long without refusal is the trouble over. */
const CALM_MS = 20_000;
/** Refused names that are reported one by one. */
const REFUSED_MAX = 1000;
/** A trouble other than a full disk is announced when it was there twice: most pass at the second attempt. */
const ANNOUNCE_AFTER = 2;

export interface TroublesDeps {
  folder: FolderId;
  clock: Clock;
  seed: string;
  record: (event: AgentEvent) => Promise<void>;
  onRecordFailed: (error: unknown) => void;
}

export function createTroubles({ folder, clock, seed, record, onRecordFailed }: TroublesDeps): Troubles {
  const parked = new Map<string, Parked>();
  /** Trouble of the folder as a whole. */
  let blocked: (Parked & { untilMs: number }) | undefined;
  /** While it is not known whether the trouble has passed: files that may be tried at a time. */
  let tries = Number.POSITIVE_INFINITY;
  let lastBlockedMs = 0;
  let announced: ErrorCode | undefined;
  /** Refusals that were told: a refused name stays refused, head after head. */
  const refused = new Set<string>();

  const say = (event: AgentEvent) => record(event).catch(onRecordFailed);
  const announce = ({ code, detail, attempts }: Parked) => {
    const now = code === 'disk.full' || attempts >= ANNOUNCE_AFTER;
    if (announced !== undefined || !now || NOT_ANNOUNCED.has(code)) return;
    announced = code;
    void say({ kind: 'folder.blocked', atMs: clock.nowMs(), folder, code, detail: detail.slice(0, 500) });
  };
  const reasonNow = (): ErrorCode | undefined => {
    if (blocked !== undefined) return blocked.code;
    const codes = new Set([...parked.values()].map(({ code }) => code));
    return codes.has('disk.full') ? 'disk.full' : codes.values().next().value;
  };
  const settle = () => {
    if (announced === undefined || blocked !== undefined || clock.monotonicMs() - lastBlockedMs < CALM_MS) return;
    for (const { code } of parked.values()) if (code === announced) return;
    announced = undefined;
    void say({ kind: 'folder.unblocked', atMs: clock.nowMs(), folder });
  };
  const block = (code: ErrorCode, detail: string) => {
    const nowMs = clock.monotonicMs();
    // Files that were under way together fail together: that is one attempt.
    if (blocked !== undefined && blocked.untilMs > nowMs) return;
    const attempts = (blocked?.attempts ?? 0) + 1;
    tries = 1;
    lastBlockedMs = nowMs;
    blocked = { code, detail, attempts, untilMs: nowMs + backOffMs(attempts, `${seed}\n${folder}`) };
    announce(blocked);
  };

  return {
    failed(path, error) {
      const code: ErrorCode = isHarpError(error) ? error.code : 'internal.unexpected';
      const detail = error instanceof Error ? error.message : String(error);
      // A disk without space stops all; a file that is larger than the space left (facts say how much) stops only itself.
      const fitsNot = isHarpError(error) && 'neededBytes' in error.facts;
      if (code === 'disk.full' && !fitsNot) return block(code, detail);
      if (!parked.has(path) && parked.size >= PARKED_MAX) return block(code, detail);
      const attempts = (parked.get(path)?.attempts ?? 0) + 1;
      const untilMs = NEEDS_HEAD.has(code) ? undefined : clock.monotonicMs() + backOffMs(attempts, `${seed}\n${path}`);
      parked.set(path, { code, detail, attempts, untilMs });
      announce({ code, detail, attempts, untilMs });
      if (code === 'name.refused' && !refused.has(path) && refused.size < REFUSED_MAX) {
        refused.add(path);
        const reason = detail.slice(0, 500);
        void say({ kind: 'name.refused', atMs: clock.nowMs(), folder, path: path as never, reason });
      }
    },
    succeeded(path) {
      parked.delete(path);
      blocked = undefined;
      tries = tries >= TRIES_MAX ? Number.POSITIVE_INFINITY : tries * 2;
      settle();
    },
    allDone() {
      lastBlockedMs = Number.NEGATIVE_INFINITY;
      settle();
    },
    newHead() {
      for (const [path, { untilMs }] of parked) if (untilMs === undefined) parked.delete(path);
      settle();
    },
    mayTry(path) {
      const nowMs = clock.monotonicMs();
      if (blocked !== undefined && blocked.untilMs > nowMs) return false;
      const trouble = parked.get(path);
      return trouble === undefined || (trouble.untilMs !== undefined && trouble.untilMs <= nowMs);
    },
    keepOnly(isPending) {
      for (const path of parked.keys()) if (!isPending(path)) parked.delete(path);
      settle();
    },
    get triesMax() {
      return tries;
    },
    get nextTryMs() {
      const nowMs = clock.monotonicMs();
      if (blocked !== undefined) return Math.max(0, blocked.untilMs - nowMs);
      let next: number | undefined;
      for (const { untilMs } of parked.values()) {
        if (untilMs !== undefined) next = Math.min(next ?? Number.POSITIVE_INFINITY, Math.max(0, untilMs - nowMs));
      }
      return next;
    },
    get reason() {
      return reasonNow();
    },
  };
}
