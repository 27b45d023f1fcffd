/**
 * What a user's workbench keeps, in this browser and on the server. The browser's copy is there before the first paint; the server's follows the user to
 * other machines. While the server is away, or does not know of this yet, the browser's copy is all there is.
 */
import type { StateKey, StatePort } from '../workbench/state-port.ts';

export interface UserStateOptions {
  /** The user's copies in this browser are apart from those of others. */
  userName: string;
  /** Where copies are kept; `undefined` where the browser forbids it. */
  storage: Pick<Storage, 'getItem' | 'setItem'> | undefined;
  /** What the server has; null when it has nothing. */
  ask(key: StateKey): Promise<unknown>;
  store(key: StateKey, value: unknown): Promise<unknown>;
  /** Chooses among the copies of the browser and of the server when both are there. */
  choose(key: StateKey, local: unknown, remote: unknown): unknown;
  /** Runs something later; what it returns takes it back. */
  after(ms: number, run: () => void): () => void;
}

const KEYS: readonly StateKey[] = ['layout', 'settings', 'keybindings', 'filters'];
/** Longer, and the page is painted with what this browser remembers. */
const WAIT_MS = 300;
/** Changes that follow each other quickly are sent once. */
const SEND_AFTER_MS = 500;
const UNSENT = 'yes';

/** Opens the state. Ready at once where this browser has copies of the settings; else it gives the server a moment to answer. */
export async function openUserState(options: UserStateOptions): Promise<StatePort> {
  const { userName, storage, after } = options;
  const nameOf = (key: StateKey) => `harp.state.${userName}.${key}`;
  const known = new Map<StateKey, unknown>(KEYS.map((key) => [key, parse(read(storage, nameOf(key)))]));
  const pending = new Map<StateKey, () => void>();
  const saved = new Set<StateKey>();
  const unsentNameOf = (key: StateKey) => `harp.unsent.${userName}.${key}`;
  // A page that ends soon after a change, or without its server, leaves a change that the server does not know of.
  const unsent = new Set(
    KEYS.filter((key) => read(storage, unsentNameOf(key)) === UNSENT && known.get(key) !== undefined),
  );
  const mark = (key: StateKey, value: string) => {
    try {
      storage?.setItem(unsentNameOf(key), value);
    } catch {
      // Without a mark the server's copy wins, as before.
    }
  };
  const send = (key: StateKey, value: unknown) => {
    options.store(key, value).then(
      () => {
        if (!pending.has(key)) mark(key, '');
      },
      // The copy here and its mark are kept; the next change or page tries again.
      () => undefined,
    );
  };

  const keep = (key: StateKey, value: unknown) => {
    known.set(key, value);
    try {
      storage?.setItem(nameOf(key), JSON.stringify(value));
    } catch {
      // A full or forbidden storage costs the copy, not the session.
    }
  };
  const answers = new Map(
    KEYS.map((key) => [
      key,
      options.ask(key).then(
        (remote) => {
          // What was changed here meanwhile is newer than any answer.
          if (remote !== null && !saved.has(key)) {
            const local = known.get(key);
            keep(key, local === undefined ? remote : unsent.has(key) ? local : options.choose(key, local, remote));
          }
          if (unsent.has(key) && !saved.has(key)) send(key, known.get(key));
          return known.get(key);
        },
        () => known.get(key),
      ),
    ]),
  );
  await Promise.race([Promise.all(answers.values()), new Promise<void>((resolve) => void after(WAIT_MS, resolve))]);

  return {
    read: (key) => known.get(key),
    later: async (key) => answers.get(key),
    save(key, value) {
      saved.add(key);
      keep(key, value);
      mark(key, UNSENT);
      pending.get(key)?.();
      pending.set(
        key,
        after(SEND_AFTER_MS, () => {
          pending.delete(key);
          send(key, value);
        }),
      );
    },
  };
}

function read(storage: UserStateOptions['storage'], name: string): string | null {
  try {
    return storage?.getItem(name) ?? null;
  } catch {
    return null;
  }
}

function parse(text: string | null): unknown {
  if (text === null) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
