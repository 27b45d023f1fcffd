'use client';
/** A verification in the browser as state of a component: start, progress, cancel, verdict. Leaving the editor ends it. */
import { useCallback, useEffect, useRef, useState } from 'react';
import { readChainEntries } from '../../../api/queries.ts';
import type { FileClaim, Verdict } from './finding.ts';
import { startChecker } from './start-checker.ts';
import { verifyChain } from './verify-chain.ts';

/** Entries of a page: some hundred kilobytes, and a few hundred milliseconds to check. */
const PAGE_ENTRIES = 1000;
/** The bar moves this often at most. */
const PROGRESS_EVERY_MS = 100;

export type Verification =
  | { kind: 'idle' }
  | { kind: 'running'; done: number; total: number | undefined }
  | { kind: 'cancelled' }
  | { kind: 'failed'; error: unknown }
  | { kind: 'done'; verdict: Verdict };

export interface VerificationControl {
  state: Verification;
  start(): void;
  cancel(): void;
}

/** Verifies the chain of a folder and, if `claim` is given, that a file is what the chain says. */
export function useVerification(folderId: string, claim: FileClaim | undefined): VerificationControl {
  const [state, setState] = useState<Verification>({ kind: 'idle' });
  const running = useRef<AbortController>(undefined);
  const latestClaim = useRef(claim);
  useEffect(() => {
    latestClaim.current = claim;
  }, [claim]);
  const end = useCallback(() => {
    running.current?.abort();
    running.current = undefined;
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another folder is another chain; what runs for the old one ends
  useEffect(() => {
    setState({ kind: 'idle' });
    return end;
  }, [folderId, end]);
  const start = useCallback(() => {
    end();
    const control = new AbortController();
    running.current = control;
    setState({ kind: 'running', done: 0, total: undefined });
    void run(folderId, latestClaim.current, control.signal, (next) => {
      if (running.current === control) setState(next);
    });
  }, [folderId, end]);
  const cancel = useCallback(() => {
    end();
    setState({ kind: 'cancelled' });
  }, [end]);
  return { state, start, cancel };
}

async function run(
  folder: string,
  claim: FileClaim | undefined,
  signal: AbortSignal,
  show: (state: Verification) => void,
): Promise<void> {
  const checker = await startChecker(signal);
  const stop = () => checker.dispose();
  signal.addEventListener('abort', stop);
  let shownAtMs = 0;
  try {
    const verdict = await verifyChain({
      folder,
      claim,
      checker,
      signal,
      now: () => performance.now(),
      read: (from, pageSignal) => readChainEntries(folder, { from, limit: PAGE_ENTRIES }, pageSignal),
      onProgress(done, total) {
        const nowMs = performance.now();
        if (nowMs - shownAtMs < PROGRESS_EVERY_MS && done > 0) return;
        shownAtMs = nowMs;
        show({ kind: 'running', done, total });
      },
    });
    show({ kind: 'done', verdict });
  } catch (error) {
    show(signal.aborted ? { kind: 'cancelled' } : { kind: 'failed', error });
  } finally {
    signal.removeEventListener('abort', stop);
    checker.dispose();
  }
}
