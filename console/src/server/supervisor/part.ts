/** One part of Harp kept running: started, waited for until it says it is ready, started again with back-off whenever it ends. */
import { HarpError } from '@harp/broker/protocol';
import type { Clock, Logger } from '../ports.ts';

/** A part that was started. */
export interface RunningPart {
  readonly pid: number;
  /** What it said when it was ready. Rejects if it ends before, or says nonsense. */
  readonly ready: Promise<unknown>;
  /** Resolves when it has ended, in words for a person (`exit code 1`, `killed by SIGKILL`). Never rejects. */
  readonly ended: Promise<string>;
  /** Asks it to stop. */
  terminate(): void;
  /** Ends it and all it has started. */
  kill(): void;
}

export interface PartOptions {
  name: string;
  launch(): RunningPart;
  /** Called at every start that succeeds: the first one and each after a failure. */
  onReady(ready: unknown): void;
  /** Called when the running process changed. */
  onProcess(pid: number | undefined): void;
  clock: Clock;
  logger: Logger;
  /** [0, 1): spreads restarts. */
  random(): number;
}

export interface Part {
  /** Resolves at the first start that succeeds, or when it was stopped meanwhile. @throws {HarpError} `supervisor.part_failed` when the first three failed */
  start(): Promise<void>;
  /** Starts it anew, with whatever `launch` now gives. */
  restart(): void;
  /** Asks it to stop, and forces it after a while. Resolves when it has ended. */
  stop(): Promise<void>;
}

export const partTimes = {
  /** A part that is not ready by then is stuck: a cold start of the slowest one takes 10 s on a small machine. */
  readyWithinMs: 120_000,
  /** Longer than a part's own limit for an orderly stop (15 s). */
  stopWithinMs: 20_000,
  /** First wait before a restart; each further failure doubles it. */
  backOffMs: 500,
  backOffCapMs: 30_000,
  /** A part that ran this long was healthy: its next failure is a first one. */
  healthyAfterMs: 60_000,
} as const;

/** Somebody waits at the first start: a part that fails three times will fail the fourth time too. */
const MAX_FIRST_ATTEMPTS = 3;

export function createPart({ name, launch, onReady, onProcess, clock, logger, random }: PartOptions): Part {
  let running: RunningPart | undefined;
  let stopping = false;
  let finished: Promise<void> | undefined;
  let wake: (() => void) | undefined;

  const pause = (ms: number) =>
    new Promise<void>((resolve) => {
      const cancel = clock.after(ms, resolve);
      wake = () => {
        cancel();
        resolve();
      };
    });

  /** One life: resolves to how it ended and whether it had been ready. */
  const live = async (): Promise<{ why: string; readyAtMs: number | undefined }> => {
    const part = launch();
    running = part;
    onProcess(part.pid);
    let readyAtMs: number | undefined;
    const cancelLimit = clock.after(partTimes.readyWithinMs, () => {
      logger.error({ part: name, limitMs: partTimes.readyWithinMs }, 'a part does not get ready');
      part.kill();
    });
    await part.ready
      .then((said) => {
        cancelLimit();
        if (!stopping) onReady(said);
        readyAtMs = clock.nowMs();
      })
      // Ended before it was ready, or said what nobody understands.
      .catch(() => part.kill());
    const why = await part.ended;
    cancelLimit();
    running = undefined;
    onProcess(undefined);
    return { why, readyAtMs };
  };

  return {
    start() {
      return new Promise((resolve, reject) => {
        let started = false;
        let failures = 0;
        const noteReady = onReady;
        onReady = (said) => {
          noteReady(said);
          started = true;
          resolve();
        };
        finished = (async () => {
          while (!stopping) {
            const { why, readyAtMs } = await live();
            if (stopping) break;
            const healthy = readyAtMs !== undefined && clock.nowMs() - readyAtMs >= partTimes.healthyAfterMs;
            failures = healthy ? 1 : failures + 1;
            if (!started && failures >= MAX_FIRST_ATTEMPTS) {
              reject(
                new HarpError('supervisor.part_failed', `${name} does not start (${why}); its messages stand above`, {
                  facts: { part: name },
                }),
              );
              return;
            }
            const doubled = partTimes.backOffMs * 2 ** (failures - 1);
            const waitMs = Math.round(Math.min(partTimes.backOffCapMs, doubled) * (0.75 + random() / 2));
            logger.warn({ part: name, why, waitMs }, 'a part ended; it is started again');
            await pause(waitMs);
          }
          resolve();
        })();
      });
    },
    restart() {
      if (running === undefined) wake?.();
      else running.terminate();
    },
    async stop() {
      stopping = true;
      wake?.();
      const part = running;
      if (part !== undefined) {
        part.terminate();
        const cancel = clock.after(partTimes.stopWithinMs, () => {
          logger.warn({ part: name }, 'a part does not stop when asked; it is forced to');
          part.kill();
        });
        await part.ended;
        cancel();
        // Whatever it started and left behind.
        part.kill();
      }
      await finished;
    },
  };
}
