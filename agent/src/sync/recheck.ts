import { setImmediate } from 'node:timers/promises';
import type { FileRecord } from '@harp/broker/protocol';
import { forEachBounded } from '../concurrency.ts';
import type { HeldFile } from '../files/journal.ts';
import type { FolderContext } from './context.ts';

/** How much a folder holds by its chain. */
export interface Totals {
  files: number;
  bytes: number;
}

const PAGE = 500;
/** lstats at a time: as many as libuv has threads, and a few waiting. */
const CHECKS_MAX = 16;

/**
 * Compares chain and journal, path by path, and makes `pending` exactly their difference. Also counts. Holds the folder's lock. Memory does not grow
 * with the folder.
 */
export function reconcile(context: FolderContext): Promise<Totals> {
  const { number, store, wanted, pending, stop } = context;
  const { journal } = store;
  return context.lock.run(async () => {
    const totals = { files: 0, bytes: 0 };
    await pending.reset();
    await inPages(
      (after) => wanted.page(number, after, PAGE),
      stop,
      async (records) => {
        const marks: Promise<unknown>[] = [];
        for (const record of records) {
          totals.files++;
          totals.bytes += record.size;
          const held = journal.get(number, record.path);
          if (differs(context, record, held)) marks.push(pending.mark(record.path, record.size));
        }
        await Promise.all(marks);
      },
    );
    await inPages(
      (after) => journal.page(number, after, PAGE),
      stop,
      async (held) => {
        const unwanted = held.filter(({ path }) => wanted.get(number, path) === undefined);
        await Promise.all(unwanted.map(({ path }) => pending.mark(path, undefined)));
      },
    );
    return totals;
  });
}

/** Looks at every delivered file on disk and marks those that are gone or changed as pending. */
export async function audit(context: FolderContext): Promise<void> {
  const { number, store, wanted, pending, local, lock, log, stop } = context;
  await inPages(
    (after) => store.journal.page(number, after, PAGE),
    stop,
    (page) =>
      lock.run(async () => {
        await forEachBounded(page, CHECKS_MAX, async ({ path, seq }) => {
          // What happened since the page was read is newer.
          const held = store.journal.get(number, path);
          const record = wanted.get(number, path);
          if (held?.seq !== seq || record === undefined || pending.has(path)) return;
          try {
            if ((await local.check(held)) !== 'same') await pending.mark(path, record.size);
          } catch (error) {
            log.warn({ error: String(error), path }, 'a delivered file cannot be looked at');
          }
        });
        // The directories looked at are forgotten, so that the next look is a real one.
        await context.tree.sync();
      }),
  );
}

/** Whether something has to be done for what is on disk to be `record`. */
export function differs(
  { names, number, tree }: FolderContext,
  record: FileRecord,
  held: HeldFile | undefined,
): boolean {
  if (held === undefined || held.seq !== record.seq || held.manifest !== record.manifest) return true;
  const mapped = names.map(number, tree.root, record.path);
  return 'stored' in mapped && mapped.stored !== held.row.path;
}

async function inPages<T extends { path: string }>(
  next: (after: string | undefined) => T[],
  stop: AbortSignal,
  action: (page: T[]) => Promise<void>,
): Promise<void> {
  let after: string | undefined;
  for (let page = next(after); page.length > 0; page = next(after)) {
    stop.throwIfAborted();
    await action(page);
    after = page.at(-1)!.path;
    await setImmediate();
  }
}
