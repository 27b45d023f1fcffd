import { type FileHandle, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AgentEvent, ReportId } from '@harp/broker/protocol';
import { diskError, syncFolder, systemCodeOf, writeFileAtomic } from '../state/atomic-file.ts';

const OPEN_NAME = 'open.jsonl';
const SUFFIX = '.jsonl';

/**
 * The outbox on disk: one event per line. Lines are appended to `open.jsonl`; sealing renames it to `<report id>.jsonl`, so the same events can
 * never get a second id. Not safe for two calls at a time: the outbox makes them one after the other.
 */
export interface OutboxFiles {
  /** Sealed reports, oldest first, and the events that were still open. A last line that a crash cut short is dropped. */
  load(): Promise<{ sealed: { id: ReportId; sizeBytes: number }[]; open: AgentEvent[] }>;
  /** On disk when it returns. @throws {HarpError} `disk.full`, `disk.failed` */
  append(lines: readonly string[]): Promise<void>;
  /** Gives the open lines their id. @throws {HarpError} `disk.failed` */
  seal(id: ReportId): Promise<void>;
  /** Writes a report whole, in place of what there was. @throws {HarpError} `disk.full`, `disk.failed` */
  write(id: ReportId, lines: readonly string[]): Promise<void>;
  /** The events of a sealed report; empty if it is gone. @throws {HarpError} `disk.failed` */
  read(id: ReportId): Promise<AgentEvent[]>;
  remove(id: ReportId): Promise<void>;
  /** Forgets open lines that were not appended whole. */
  discardOpen(): Promise<void>;
  close(): Promise<void>;
}

/** The outbox in `folder`, which is made if absent. */
export function createOutboxFiles(folder: string): OutboxFiles {
  const openPath = join(folder, OPEN_NAME);
  const pathOf = (id: ReportId) => join(folder, id + SUFFIX);
  let handle: FileHandle | undefined;

  const closeOpen = async () => {
    const closing = handle;
    handle = undefined;
    await closing?.close();
  };
  /** Runs a disk operation; its failures become ours. */
  const onDisk = async <T>(path: string, operation: () => Promise<T>): Promise<T> => {
    try {
      return await operation();
    } catch (error) {
      throw diskError(error, path);
    }
  };

  return {
    load: () =>
      onDisk(folder, async () => {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        const ids = (await readdir(folder))
          .map((name) => ReportId.safeParse(name.endsWith(SUFFIX) ? name.slice(0, -SUFFIX.length) : undefined))
          .flatMap(({ data }) => (data === undefined ? [] : [data]))
          .sort();
        const sealed = await Promise.all(ids.map(async (id) => ({ id, sizeBytes: (await stat(pathOf(id))).size })));
        const text = await readFile(openPath, 'utf8').catch((error: unknown) => {
          if (systemCodeOf(error) === 'ENOENT') return '';
          throw error;
        });
        const events = eventsOf(text);
        // A torn last line must not have the next line appended to it.
        if (text !== '' && !text.endsWith('\n')) await writeFileAtomic(openPath, linesOf(events).join(''));
        return { sealed, open: events };
      }),
    append: (lines) =>
      onDisk(openPath, async () => {
        handle ??= await open(openPath, 'a', 0o600);
        await handle.appendFile(lines.join(''));
        await handle.datasync();
      }),
    seal: (id) =>
      onDisk(openPath, async () => {
        await closeOpen();
        await rename(openPath, pathOf(id));
        await syncFolder(folder);
      }),
    write: (id, lines) => writeFileAtomic(pathOf(id), lines.join('')),
    read: (id) =>
      onDisk(pathOf(id), async () => {
        try {
          return eventsOf(await readFile(pathOf(id), 'utf8'));
        } catch (error) {
          if (systemCodeOf(error) === 'ENOENT') return [];
          throw error;
        }
      }),
    remove: (id) => onDisk(pathOf(id), () => rm(pathOf(id), { force: true })),
    discardOpen: () =>
      onDisk(openPath, async () => {
        await closeOpen();
        await rm(openPath, { force: true });
      }),
    close: () => onDisk(openPath, closeOpen),
  };
}

/** Events as the lines of an outbox file. */
export function linesOf(events: readonly AgentEvent[]): string[] {
  return events.map((event) => `${JSON.stringify(event)}\n`);
}

/** Lines that are no event (cut short by a crash, or of a later version) are left out. */
function eventsOf(text: string): AgentEvent[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .flatMap((line) => {
      try {
        return [AgentEvent.parse(JSON.parse(line))];
      } catch {
        return [];
      }
    });
}
