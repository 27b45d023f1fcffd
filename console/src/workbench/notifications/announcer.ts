/** Says things to people who do not see the page: politely, and not more often than they can listen. */
import type { Timers } from '../keybindings/dispatcher.ts';

/** No more than one announcement within this time; what comes meanwhile is said together. */
export const QUIET_MS = 5_000;

export interface Announcer {
  announce(sentence: string): void;
  /** What the live region holds now. */
  readonly spoken: string;
  onDidChange(listener: () => void): () => void;
}

/** Makes an announcer. `summarise` joins several sentences that waited into one. */
export function createAnnouncer(timers: Timers, summarise: (sentences: readonly string[]) => string): Announcer {
  const listeners = new Set<() => void>();
  let spoken = '';
  let waiting: string[] = [];
  let isQuiet = false;
  const speak = (sentence: string) => {
    // The same text again would not be read: a live region speaks of changes.
    spoken = sentence === spoken ? `${sentence}\u00a0` : sentence;
    isQuiet = true;
    timers.set(() => {
      isQuiet = false;
      const missed = waiting;
      waiting = [];
      if (missed.length > 0) speak(missed.length === 1 ? missed[0]! : summarise(missed));
    }, QUIET_MS);
    for (const listener of [...listeners]) listener();
  };
  return {
    announce: (sentence) => {
      if (!isQuiet) speak(sentence);
      else if (!waiting.includes(sentence)) waiting.push(sentence);
    },
    get spoken() {
      return spoken;
    },
    onDidChange: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
