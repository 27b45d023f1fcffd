/** Reads a chain from the server and has it checked: one page is fetched while the one before is computed. */
import type { Checker } from './checker.ts';
import type { FileClaim, RawEntry, Verdict } from './finding.ts';

/** A page of a chain, as `readChainEntries` gives it. */
export interface ChainPage {
  entries: readonly RawEntry[];
  nextFrom: number | null;
  head: unknown;
  keys: unknown;
}

export interface VerifyOptions {
  folder: string;
  /** A file whose description is compared with the chain at the end. */
  claim?: FileClaim | undefined;
  checker: Checker;
  read(from: number, signal: AbortSignal): Promise<ChainPage>;
  onProgress(done: number, total: number): void;
  now(): number;
  signal: AbortSignal;
}

/**
 * Checks a folder's chain from entry 1 to the head that is signed now.
 *
 * @throws the reader's error when a page cannot be read, and the signal's reason when it is aborted. What is wrong with the chain is no error: it
 * stands in the verdict.
 */
export async function verifyChain(options: VerifyOptions): Promise<Verdict> {
  const { checker, read, onProgress, now, signal } = options;
  const startedAtMs = now();
  const conclude = async (): Promise<Verdict> => {
    signal.throwIfAborted();
    return { ...(await checker.end(options.claim)), tookMs: now() - startedAtMs };
  };
  let page = await read(1, signal);
  const { headSeq, finding } = await checker.begin({ folder: options.folder, signed: page.head, keys: page.keys });
  if (finding !== undefined) return conclude();
  onProgress(0, headSeq);
  for (;;) {
    signal.throwIfAborted();
    const { nextFrom } = page;
    const last = page.entries.at(-1);
    const wanted = nextFrom !== null && last !== undefined && last.seq < headSeq;
    const next = wanted ? read(nextFrom, signal) : undefined;
    // Its failure is awaited below; until then nobody else must hear of it.
    next?.catch(() => undefined);
    const step = await checker.take(page.entries);
    onProgress(step.entries, headSeq);
    if (step.finding !== undefined || next === undefined) return conclude();
    page = await next;
    // A server that answers pages without entries would keep us here for ever.
    if (page.entries.length === 0) return conclude();
  }
}
