/** What pressing keys in a recorder gives: one stroke, then a second, then a first again. */
import {
  type Platform,
  type PressedKey,
  partsOf,
  strokesFromEvent,
  strokesOf,
} from '../../workbench/keybindings/stroke.ts';

/** The keys that lead in and out of a recorder; alone they cannot be recorded. */
const LEADING = new Set(['enter', 'escape', 'tab', 'shift+tab']);

export type Recorded =
  /** The key so far. */
  | { readonly kind: 'key'; readonly key: string }
  /** One of Enter, Escape and Tab, alone: it is for the recorder's owner. */
  | { readonly kind: 'leading'; readonly stroke: string }
  /** A lone modifier or a key without a name. */
  | { readonly kind: 'nothing' };

/** Adds what was pressed to what was recorded before. */
export function record(before: string | undefined, event: PressedKey, platform: Platform): Recorded {
  const stroke = strokesFromEvent(event, platform)[0];
  if (stroke === undefined) return { kind: 'nothing' };
  if (LEADING.has(stroke)) return { kind: 'leading', stroke };
  const isSecond = before !== undefined && strokesOf(before).length === 1;
  return { kind: 'key', key: isSecond ? `${before} ${stroke}` : stroke };
}

/** Whether a key works only in lists: its first stroke has no modifier but Shift and is a letter, a sign or a moving key. */
export function needsList(key: string): boolean {
  const { ctrl, alt, meta, key: name } = partsOf(strokesOf(key)[0] ?? '');
  return !ctrl && !alt && !meta && !/^f\d+$/.test(name) && name !== 'escape';
}
