'use client';
/** Says things to people who do not see the page: politely, and not more often than one can listen to. */
import { useSyncExternalStore } from 'react';

export interface Announcer {
  /** Says a sentence soon; sentences that come faster are said together. */
  announce(sentence: string): void;
  readonly said: string;
  onDidSay(listener: () => void): () => void;
}

/** One announcement in this time at most. */
const PAUSE_MS = 5000;

export function createAnnouncer(): Announcer {
  const listeners = new Set<() => void>();
  let said = '';
  let waiting: string[] = [];
  let isPausing = false;
  const say = () => {
    if (waiting.length === 0) {
      isPausing = false;
      return;
    }
    isPausing = true;
    // The same sentence twice is news both times; a changed text is what a screen reader hears.
    const next = waiting.join(' ');
    said = next === said ? `${next}\u00a0` : next;
    waiting = [];
    for (const listener of [...listeners]) listener();
    setTimeout(say, PAUSE_MS);
  };
  return {
    announce(sentence) {
      if (!waiting.includes(sentence)) waiting.push(sentence);
      if (!isPausing) say();
    },
    get said() {
      return said;
    },
    onDidSay(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

/** Where it is said; once on the page. */
export function Announcements({ announcer }: { announcer: Announcer }) {
  const read = () => announcer.said;
  const said = useSyncExternalStore(announcer.onDidSay, read, read);
  return (
    <div className="visually-hidden" role="status">
      {said}
    </div>
  );
}
