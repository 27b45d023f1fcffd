/** PostgreSQL kept running: opened, migrated, and opened again whenever it ends. */
import { type Database, DatabaseError } from '@harp/prisma';
import type { Clock, Logger } from '../ports.ts';
import { partTimes } from './part.ts';

/** How long a database that does not answer yet is waited for at the first start. */
const FIRST_ANSWER_WITHIN_MS = 60_000;
const RETRY_MS = 1000;

export interface DatabasePartOptions {
  open(): Promise<Database>;
  migrate(url: string): Promise<unknown>;
  /** The database is back at another address: whoever holds the old one has to start anew. */
  onMoved(url: string): void;
  clock: Clock;
  logger: Logger;
}

export interface DatabasePart {
  /** Opens and migrates; resolves to the URL. Failures of the first start are the caller's. */
  start(): Promise<string>;
  /** Stops what was started. */
  stop(): Promise<void>;
}

export function createDatabasePart({ open, migrate, onMoved, clock, logger }: DatabasePartOptions): DatabasePart {
  let database: Database | undefined;
  let stopping = false;
  let starting: Promise<unknown> | undefined;
  let reopening: Promise<void> | undefined;
  let wake: (() => void) | undefined;

  const pause = (ms: number) =>
    new Promise<void>((resolve) => {
      const cancel = clock.after(ms, resolve);
      wake = () => {
        cancel();
        resolve();
      };
    });

  const adopt = (opened: Database) => {
    const isMoved = database !== undefined && database.url !== opened.url;
    database = opened;
    opened.onExit(() => {
      if (!stopping) reopening = reopen();
    });
    if (isMoved) onMoved(opened.url);
  };

  const reopen = async () => {
    for (let failures = 0; !stopping; failures++) {
      try {
        const opened = await open();
        await migrate(opened.url);
        adopt(opened);
        logger.info({}, 'the database is back');
        return;
      } catch (error) {
        const waitMs = Math.min(partTimes.backOffCapMs, partTimes.backOffMs * 2 ** failures);
        logger.warn(
          { waitMs, error: error instanceof Error ? error.message : String(error) },
          'the database does not start',
        );
        await pause(waitMs);
      }
    }
  };

  const openAtStart = async (): Promise<Database> => {
    const deadlineMs = clock.nowMs() + FIRST_ANSWER_WITHIN_MS;
    for (;;) {
      try {
        return await open();
      } catch (error) {
        if (stopping || clock.nowMs() >= deadlineMs || !mayAnswerLater(error)) throw error;
        await pause(RETRY_MS);
      }
    }
  };

  const start = async (): Promise<string> => {
    const opened = await openAtStart();
    try {
      await migrate(opened.url);
    } catch (error) {
      await opened.stop();
      throw error;
    }
    adopt(opened);
    return opened.url;
  };

  return {
    start: () => {
      const url = start();
      starting = url.catch(() => undefined);
      return url;
    },
    async stop() {
      stopping = true;
      wake?.();
      // What is being opened at this moment has to be stopped as well.
      await starting;
      await reopening;
      await database?.stop();
    },
  };
}

/** The first start of a machine's services has no order: a database of one's own may answer a little later. */
function mayAnswerLater(error: unknown): boolean {
  return error instanceof DatabaseError && error.code === 'database.unreachable';
}
