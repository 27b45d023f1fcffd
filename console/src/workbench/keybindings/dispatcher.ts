/** Turns key events into commands: keeps the pending chord and its time limit, and what the status bar says about it. */
import type { Focus, Resolve } from './resolver.ts';
import type { Binding } from './rules.ts';
import { type Platform, type PressedKey, strokesFromEvent } from './stroke.ts';

/** What the status bar shows about keys. */
export type ChordState =
  | { readonly kind: 'idle' }
  /** The first stroke was pressed, the second is awaited. */
  | { readonly kind: 'pending'; readonly key: string }
  /** The chord is no command. */
  | { readonly kind: 'unknown'; readonly key: string }
  /** The second stroke did not come in time. */
  | { readonly kind: 'expired'; readonly key: string }
  /** The key's command cannot run now. */
  | { readonly kind: 'disabled'; readonly key: string; readonly command: string };

/** A key event, as far as it is looked at. A DOM `KeyboardEvent` is one. */
export interface KeyPress extends PressedKey {
  readonly repeat?: boolean;
  preventDefault(): void;
  stopPropagation(): void;
}

/** Timers, so that tests own the time. */
export interface Timers {
  set(run: () => void, delayMs: number): unknown;
  clear(timer: unknown): void;
}

export interface DispatcherPorts {
  readonly platform: Platform;
  readonly timers: Timers;
  /** Decides by the bindings as they are at that moment. */
  readonly resolve: Resolve;
  holds(when: string | undefined): boolean;
  canRun(command: string): boolean;
  run(binding: Binding): void;
}

/** Keys in, commands out. */
export interface Dispatcher {
  /** Takes the key if it is a command's; leaves it to what has focus otherwise. */
  handle(press: KeyPress, focus: Focus): void;
  /** Forgets a pending chord: the window or the focus went elsewhere. */
  cancel(): void;
  readonly state: ChordState;
  onDidChange(listener: () => void): () => void;
}

/** How long the second stroke of a chord is awaited. */
export const CHORD_TIMEOUT_MS = 1_000;
/** How long the status bar keeps saying that a chord is unknown or came too late: long enough to read it. */
export const NOTICE_MS = 4_000;

const IDLE: ChordState = { kind: 'idle' };

/** Makes a dispatcher with nothing pending. */
export function createDispatcher({ platform, timers, resolve, holds, canRun, run }: DispatcherPorts): Dispatcher {
  const listeners = new Set<() => void>();
  let state: ChordState = IDLE;
  let timer: unknown;
  const enter = (next: ChordState) => {
    if (timer !== undefined) timers.clear(timer);
    timer = undefined;
    if (next.kind === 'pending') timer = timers.set(() => enter({ kind: 'expired', key: next.key }), CHORD_TIMEOUT_MS);
    else if (next.kind !== 'idle') timer = timers.set(() => enter(IDLE), NOTICE_MS);
    if (next === state) return;
    state = next;
    for (const listener of [...listeners]) listener();
  };
  return {
    get state() {
      return state;
    },
    handle: (press, focus) => {
      const strokes = strokesFromEvent(press, platform);
      if (strokes.length === 0) return;
      const pending = state.kind === 'pending' ? state.key : undefined;
      const take = () => {
        press.preventDefault();
        press.stopPropagation();
      };
      // A held first stroke repeats; it is not the second one.
      if (pending !== undefined && press.repeat === true && strokes.includes(pending)) return take();
      const resolution = resolve(pending, strokes, { focus, holds, canRun });
      if (resolution.kind === 'none') return;
      take();
      switch (resolution.kind) {
        case 'pending':
        case 'unknown':
          return enter(resolution);
        case 'cancelled':
          return enter(IDLE);
        case 'disabled':
          return enter({ kind: 'disabled', key: resolution.binding.key, command: resolution.binding.command });
        case 'run':
          enter(IDLE);
          return run(resolution.binding);
      }
    },
    cancel: () => {
      if (state.kind === 'pending') enter(IDLE);
    },
    onDidChange: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
