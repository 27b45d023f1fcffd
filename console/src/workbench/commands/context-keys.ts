'use client';
/** The facts that `when` conditions look at: what has focus, what is open. The parts that know a fact set it here; nobody asks the DOM. */
import { useSyncExternalStore } from 'react';
import { compiledWhen, evaluateWhen } from './when.ts';

/** An observable set of facts by name. */
export interface ContextKeys {
  get(key: string): unknown;
  /** Sets a fact and tells listeners; setting the same value again tells nobody. `undefined` forgets it. */
  set(key: string, value: unknown): void;
  /** Sets several facts with one notice. */
  update(values: Readonly<Record<string, unknown>>): void;
  /** Whether a `when` text holds now; an absent one always does. */
  holds(when: string | undefined): boolean;
  /** Calls `listener` with the names that changed, until the returned function is called. */
  onDidChange(listener: (changed: ReadonlySet<string>) => void): () => void;
}

/** Makes an empty set of facts. */
export function createContextKeys(initial: Readonly<Record<string, unknown>> = {}): ContextKeys {
  const values = new Map<string, unknown>(Object.entries(initial));
  const listeners = new Set<(changed: ReadonlySet<string>) => void>();
  const update = (next: Readonly<Record<string, unknown>>) => {
    const changed = new Set<string>();
    for (const [key, value] of Object.entries(next)) {
      if (Object.is(values.get(key), value)) continue;
      if (value === undefined) values.delete(key);
      else values.set(key, value);
      changed.add(key);
    }
    if (changed.size === 0) return;
    for (const listener of [...listeners]) listener(changed);
  };
  const get = (key: string) => values.get(key);
  return {
    get,
    set: (key, value) => update({ [key]: value }),
    update,
    holds: (when) => when === undefined || evaluateWhen(compiledWhen(when), get),
    onDidChange: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

/** Whether a condition holds, and a new rendering whenever that changes. */
export function useWhen(context: ContextKeys, when: string | undefined): boolean {
  return useSyncExternalStore(
    context.onDidChange,
    () => context.holds(when),
    () => context.holds(when),
  );
}
