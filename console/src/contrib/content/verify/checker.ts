/** The part of a check that computes. It can run in a worker or, where there is none, in the page in small pieces. */
import { portableSha3 } from '@harp/broker/protocol';
import type { ProveSignature } from '../../../api/signature.ts';
import type { FileClaim, Finding, RawEntry, Verdict } from './finding.ts';
import { openHead } from './open-head.ts';
import { createReplay, type Replay } from './replay.ts';

/** What the first answer of the server says. */
export interface CheckStart {
  folder: string;
  signed: unknown;
  keys: unknown;
}

/** How the check stands after some entries. */
export interface CheckStep {
  entries: number;
  finding: Finding | undefined;
}

/** Begins, takes all entries in order, ends. Every answer is plain data. */
export interface Checker {
  /** @returns the head's seq: how many entries will be wanted; or what is wrong with the head */
  begin(start: CheckStart): Promise<{ headSeq: number; finding: Finding | undefined }>;
  take(entries: readonly RawEntry[]): Promise<CheckStep>;
  end(claim?: FileClaim): Promise<Omit<Verdict, 'tookMs'>>;
  /** Gives back what it holds; answers nothing any more. */
  dispose(): void;
}

export interface CheckerOptions {
  prove: ProveSignature;
  snapshotMaxFiles: number;
  /** Entries after which `pause` is waited for. */
  pauseEvery: number;
  /** Lets others have their turn. */
  pause(): Promise<void>;
}

/** A checker that computes where it is called. */
export function createChecker({ prove, snapshotMaxFiles, pauseEvery, pause }: CheckerOptions): Checker {
  let replay: Replay | undefined;
  let disposed = false;
  const verdict: Omit<Verdict, 'tookMs'> = {
    finding: undefined,
    headSeq: 0,
    headAtMs: undefined,
    entries: 0,
    headSignature: 'none',
    key: undefined,
    segments: 0,
    snapshotSignature: 'none',
    snapshot: 'none',
    file: 'none',
    manifest: 'none',
  };
  return {
    async begin({ folder, signed, keys }) {
      if (signed === null) return { headSeq: 0, finding: undefined };
      const opened = await openHead({ folder, signed, keys }, prove);
      if (opened.finding !== undefined) {
        verdict.finding = opened.finding;
        return { headSeq: 0, finding: opened.finding };
      }
      const { head, key, headSignature, snapshotSignature } = opened;
      Object.assign(verdict, { headSeq: head.seq, headAtMs: head.atMs, key, headSignature, snapshotSignature });
      replay = createReplay({ head, sha3: portableSha3, snapshotMaxFiles });
      return { headSeq: head.seq, finding: undefined };
    },
    async take(entries) {
      if (replay === undefined) {
        // Without a head nothing was published; entries then are nobody's word.
        const [first] = entries;
        if (first !== undefined && verdict.finding === undefined) {
          verdict.finding = { what: 'unsigned', code: 'chain.signature_invalid', seq: first.seq };
        }
        return { entries: 0, finding: verdict.finding };
      }
      let count = 0;
      for (const raw of entries) {
        verdict.finding = replay.take(raw);
        if (verdict.finding !== undefined || disposed) break;
        count += 1;
        if (count % pauseEvery === 0) await pause();
      }
      return { entries: replay.entries, finding: verdict.finding };
    },
    async end(claim) {
      if (replay === undefined || verdict.finding !== undefined) {
        return { ...verdict, entries: replay?.entries ?? 0, segments: replay?.segments ?? 0 };
      }
      return { ...verdict, ...replay.end(claim), entries: replay.entries, segments: replay.segments };
    },
    dispose() {
      disposed = true;
      replay = undefined;
    },
  };
}
