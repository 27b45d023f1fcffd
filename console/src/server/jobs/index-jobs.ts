/** Indexing runs as jobs: the indexer says what it does, people see it beside what they started themselves. */
import type { Jobs } from './jobs.ts';

interface Outcome {
  problems: number;
  complete: boolean;
}

/** A walk through a folder, as the indexer tells it. Exactly one of the endings is called. */
export interface WalkWatcher {
  /** So many changes were appended to the chain. */
  appended(changes: number): void;
  ended(outcome: Outcome): void;
  failed(error: unknown): void;
}

/** Called when a walk begins. */
export type WatchWalk = (folder: { id: string; name: string }) => WalkWatcher;

/** Shows every walk as a job that nobody can cancel: the next poll would begin it again. */
export function watchWalks(jobs: Pick<Jobs, 'start'>): WatchWalk {
  return ({ id, name }) => {
    let end = (_outcome: Outcome): void => {};
    let fail = (_error: unknown): void => {};
    const ending = new Promise<Outcome>((resolve, reject) => {
      end = resolve;
      fail = reject;
    });
    // A walk that fails before anybody waits for it is no unhandled rejection.
    ending.catch(() => {});
    let changes = 0;
    let report = (_done: number): void => {};
    jobs.start({
      kind: 'index-folder',
      subject: { kind: 'folder', id, name },
      startedBy: null,
      cancellable: false,
      async run({ progress, log }) {
        report = (done) => progress(done, null);
        report(changes);
        const { problems, complete } = await ending;
        log(problems > 0 ? 'warn' : 'info', 'walked the folder', { changes, problems, complete });
        return { changes, problems, complete };
      },
    });
    return {
      appended(count) {
        changes += count;
        report(changes);
      },
      ended: (outcome) => end(outcome),
      failed: (error) => fail(error),
    };
  };
}
