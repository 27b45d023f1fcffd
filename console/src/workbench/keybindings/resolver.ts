/** What a pressed key means, given the bindings, what has focus and what was pressed before. Decides only; `dispatcher.ts` acts. */
import type { Binding } from './rules.ts';
import { type Platform, partsOf, strokesOf } from './stroke.ts';

/** Where the keyboard focus is, as far as keys care. */
export interface Focus {
  /** A field that text is typed into: it keeps the keys of typing and editing. */
  readonly editable: boolean;
  /** A list, tree or table: here single letters may be commands. */
  readonly list: boolean;
}

/** What the resolver must know about the moment. */
export interface Moment {
  readonly focus: Focus;
  holds(when: string | undefined): boolean;
  canRun(command: string): boolean;
}

export type Resolution =
  /** Nobody's key: the focused part and the browser get it. */
  | { readonly kind: 'none' }
  /** The first stroke of a chord. */
  | { readonly kind: 'pending'; readonly key: string }
  | { readonly kind: 'run'; readonly binding: Binding }
  /** The key is a command's, which cannot run now. */
  | { readonly kind: 'disabled'; readonly binding: Binding }
  /** A second stroke with which nothing begins. */
  | { readonly kind: 'unknown'; readonly key: string }
  /** Escape after a first stroke. */
  | { readonly kind: 'cancelled' };

export type Resolve = (pending: string | undefined, strokes: readonly string[], moment: Moment) => Resolution;

/** Makes the decision for one set of bindings, weakest first. */
export function createResolver(bindings: readonly Binding[], platform: Platform): Resolve {
  const byFirstStroke = new Map<string, Binding[]>();
  for (const binding of bindings) {
    const first = strokesOf(binding.key)[0] ?? '';
    const others = byFirstStroke.get(first);
    // Strongest first: the last one contributed, and the user's before all.
    if (others === undefined) byFirstStroke.set(first, [binding]);
    else others.unshift(binding);
  }
  return (pending, strokes, moment) => {
    if (strokes.length === 0) return { kind: 'none' };
    if (pending !== undefined) {
      const candidates = byFirstStroke.get(pending) ?? [];
      const completed = strokes.flatMap((stroke) => candidates.filter(({ key }) => key === `${pending} ${stroke}`));
      const chosen = choose(completed, moment);
      if (chosen !== undefined) return chosen;
      return strokes[0] === 'escape' ? { kind: 'cancelled' } : { kind: 'unknown', key: `${pending} ${strokes[0]}` };
    }
    for (const stroke of strokes) {
      if (!mayTake(stroke, moment.focus, platform)) continue;
      const chosen = choose(byFirstStroke.get(stroke) ?? [], moment, stroke);
      if (chosen !== undefined) return chosen;
    }
    return { kind: 'none' };
  };
}

function choose(candidates: readonly Binding[], moment: Moment, stroke?: string): Resolution | undefined {
  let disabled: Binding | undefined;
  for (const binding of candidates) {
    if (!moment.holds(binding.when)) continue;
    if (stroke !== undefined && binding.key !== stroke) return { kind: 'pending', key: stroke };
    if (moment.canRun(binding.command)) return { kind: 'run', binding };
    disabled ??= binding;
  }
  return disabled === undefined ? undefined : { kind: 'disabled', binding: disabled };
}

/** Named keys that move or edit; with nothing or Shift held they belong to whatever has focus. */
const PLAIN_KEYS = new Set([
  ...['enter', 'space', 'backspace', 'delete', 'insert', 'home', 'end', 'pageup', 'pagedown'],
  ...['left', 'right', 'up', 'down'],
]);

/** With Ctrl (⌘), what every text field does itself. */
const EDITING_KEYS = new Set([
  ...['a', 'c', 'v', 'x', 'y', 'z'],
  ...['left', 'right', 'up', 'down', 'home', 'end', 'backspace', 'delete', 'insert'],
]);

/**
 * Whether a key outside a chord may be a command's at all. A field keeps the keys of typing and editing; elsewhere single letters and plain
 * moving keys are taken only in a list; Tab always moves the focus.
 */
export function mayTake(stroke: string, focus: Focus, platform: Platform): boolean {
  const { ctrl, alt, meta, key } = partsOf(stroke);
  if (key === 'tab' && !ctrl && !alt && !meta) return false;
  const isPlain = [...key].length === 1 || PLAIN_KEYS.has(key);
  if (!ctrl && !alt && !meta) {
    if (focus.editable) return !isPlain && key !== 'escape';
    return !isPlain || focus.list;
  }
  if (!focus.editable) return true;
  if (ctrl && !alt && !meta) return !EDITING_KEYS.has(key);
  // On macOS Option types signs and moves by word, and Control edits as in Emacs.
  if (platform === 'mac' && !ctrl) return !isPlain;
  return true;
}
