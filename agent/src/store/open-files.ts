import type { DiskFile } from '../files/disk.ts';

/** Files kept open between writes, so that a large file in assembly is not opened for every chunk, and thousands of small ones are not all open. */
export interface OpenFiles {
  /** Runs `action` with the file at `path`, opened by `open` unless it still is. The file is not closed while an action runs. */
  use<T>(path: string, open: () => Promise<DiskFile>, action: (file: DiskFile) => Promise<T>): Promise<T>;
  /** Closes the file at `path` when the actions under way have ended. */
  close(path: string): Promise<void>;
  closeAll(): Promise<void>;
}

/** Well below the 256 descriptors that macOS grants a process by default. */
const OPEN_MAX = 96;

interface Slot {
  opening: Promise<DiskFile>;
  users: number;
  idle: (() => void) | undefined;
}

export function createOpenFiles(maxOpen = OPEN_MAX): OpenFiles {
  const slots = new Map<string, Slot>();

  const close = async (path: string) => {
    const slot = slots.get(path);
    if (slot === undefined) return;
    slots.delete(path);
    if (slot.users > 0) await new Promise<void>((resolve) => (slot.idle = resolve));
    await slot.opening.then(
      (file) => file.close(),
      () => undefined,
    );
  };
  const makeRoom = async () => {
    for (const [path, { users }] of slots) {
      if (slots.size <= maxOpen) return;
      if (users === 0) await close(path);
    }
  };

  return {
    async use(path, open, action) {
      let slot = slots.get(path);
      if (slot === undefined) slot = { opening: open(), users: 0, idle: undefined };
      // Moved to the end: the front is the least recently used.
      slots.delete(path);
      slots.set(path, slot);
      slot.users++;
      try {
        return await action(await slot.opening);
      } catch (error) {
        // A file that could not be opened must not be remembered.
        if (slots.get(path) === slot) await slot.opening.catch(() => slots.delete(path));
        throw error;
      } finally {
        slot.users--;
        if (slot.users === 0) slot.idle?.();
        if (slots.size > maxOpen) await makeRoom();
      }
    },
    close,
    async closeAll() {
      await Promise.all([...slots.keys()].map(close));
    },
  };
}
