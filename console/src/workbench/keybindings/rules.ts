/**
 * Which keys run which commands: what contributions brought, changed by what the user said. The user's rules are a list that is applied to the
 * defaults, so that a new version's defaults still reach people who changed one key.
 */
import { z } from 'zod';
import type { KeybindingContribution } from '../commands/model.ts';
import { parseWhen } from '../commands/when.ts';
import { mayOverlap } from './overlap.ts';
import { normaliseKey, strokesOf } from './stroke.ts';

/** One rule of the user. A command with a minus before it takes this key away from that command. */
export interface UserRule {
  readonly key: string;
  readonly command: string;
  readonly when?: string;
  readonly argument?: unknown;
}

/** A key that runs a command. */
export interface Binding {
  readonly command: string;
  /** Canonical: see `normaliseKey`. */
  readonly key: string;
  readonly when: string | undefined;
  readonly argument: unknown;
  readonly source: 'default' | 'user';
}

/** More rules than anybody writes by hand; it keeps the stored document small. */
const MAX_RULES = 1_000;

const StoredRule = z.object({
  key: z
    .string()
    .max(64)
    .refine((text) => canBeRead(normaliseKey, text))
    .transform((text) => normaliseKey(text)),
  command: z.string().min(1).max(200),
  when: z
    .string()
    .max(500)
    .refine((text) => canBeRead(parseWhen, text))
    .optional(),
  argument: z.json().optional(),
});

/** Whether a text is what `read` takes: it throws for what it cannot read. */
function canBeRead(read: (text: string) => unknown, text: string): boolean {
  try {
    read(text);
    return true;
  } catch {
    return false;
  }
}

/** The rules of a stored document. A rule that cannot be read is left out and counted; the others still apply. */
export function readUserRules(stored: unknown): { readonly rules: readonly UserRule[]; readonly refused: number } {
  if (stored === null || stored === undefined) return { rules: [], refused: 0 };
  if (!Array.isArray(stored)) return { rules: [], refused: 1 };
  const rules: UserRule[] = [];
  let refused = Math.max(0, stored.length - MAX_RULES);
  for (const entry of stored.slice(0, MAX_RULES)) {
    const read = StoredRule.safeParse(entry);
    if (read.success) rules.push(ruleOf(read.data));
    else refused += 1;
  }
  return { rules, refused };
}

interface LooseRule {
  readonly key: string;
  readonly command: string;
  readonly when?: string | undefined;
  readonly argument?: unknown;
}

/** A rule without keys that say nothing, as it is stored. */
function ruleOf({ key, command, when, argument }: LooseRule): UserRule {
  return { key, command, ...(when === undefined ? {} : { when }), ...(argument === undefined ? {} : { argument }) };
}

/**
 * The keys as they are now, weakest first: of several that apply, the last one wins.
 *
 * @throws {KeySyntaxError} when a contribution's key is no key
 */
export function effectiveBindings(
  defaults: readonly KeybindingContribution[],
  rules: readonly UserRule[],
): readonly Binding[] {
  const removed = new Set(
    rules.flatMap(({ key, command }) => (command.startsWith('-') ? [`${command.slice(1)} ${key}`] : [])),
  );
  const kept = defaults.flatMap(({ command, key: text, when, argument }): Binding[] => {
    const key = normaliseKey(text);
    return removed.has(`${command} ${key}`) ? [] : [{ command, key, when, argument, source: 'default' }];
  });
  const added = rules.flatMap(({ command, key, when, argument }): Binding[] =>
    command.startsWith('-') ? [] : [{ command, key, when, argument, source: 'user' }],
  );
  return [...kept, ...added];
}

/** The rules with one more key for a command. A default that had been taken away comes back instead of being doubled. */
export function withKeyAdded(rules: readonly UserRule[], added: LooseRule): readonly UserRule[] {
  const key = normaliseKey(added.key);
  const removal = rules.find((rule) => rule.command === `-${added.command}` && rule.key === key);
  if (removal !== undefined) return rules.filter((rule) => rule !== removal);
  if (rules.some((rule) => rule.command === added.command && rule.key === key && rule.when === added.when))
    return rules;
  return [...rules, ruleOf({ ...added, key })];
}

/** The rules so that this binding is gone. */
export function withBindingRemoved(rules: readonly UserRule[], binding: Binding): readonly UserRule[] {
  if (binding.source === 'default') return [...rules, { key: binding.key, command: `-${binding.command}` }];
  return rules.filter(
    ({ command, key, when }) => command !== binding.command || key !== binding.key || when !== binding.when,
  );
}

/** The rules so that this binding has another key, under the same condition. */
export function withKeyChanged(rules: readonly UserRule[], binding: Binding, key: string): readonly UserRule[] {
  if (normaliseKey(key) === binding.key) return rules;
  return withKeyAdded(withBindingRemoved(rules, binding), { ...binding, key });
}

/** The rules without any about this command: its default keys are back. */
export function withCommandReset(rules: readonly UserRule[], command: string): readonly UserRule[] {
  return rules.filter((rule) => rule.command !== command && rule.command !== `-${command}`);
}

/** Whether a user's rule is about this command. */
export function isCommandModified(rules: readonly UserRule[], command: string): boolean {
  return rules.some((rule) => rule.command === command || rule.command === `-${command}`);
}

/**
 * The bindings of other commands that a key would fight with: the same key, or one that begins the other, under conditions that may hold
 * together. Two bindings of one command never conflict.
 */
export function conflictsWith(
  bindings: readonly Binding[],
  candidate: Pick<Binding, 'command' | 'key' | 'when'>,
): readonly Binding[] {
  const strokes = strokesOf(candidate.key);
  return bindings.filter((other) => {
    if (other.command === candidate.command) return false;
    const otherStrokes = strokesOf(other.key);
    const shared = Math.min(strokes.length, otherStrokes.length);
    return (
      strokes.slice(0, shared).every((stroke, index) => stroke === otherStrokes[index]) &&
      mayOverlap(other.when, candidate.when)
    );
  });
}

/** Keys that a browser keeps for itself in a tab; pages get them only in an installed app or full screen. */
const KEPT_BY_BROWSERS: ReadonlySet<string> = new Set([
  ...['ctrl+w', 'ctrl+t', 'ctrl+n', 'ctrl+shift+w', 'ctrl+shift+t', 'ctrl+shift+n'],
  ...['ctrl+tab', 'ctrl+shift+tab', 'ctrl+pageup', 'ctrl+pagedown'],
]);

/** Whether a browser tab never lets a page have this key. */
export function isKeptByBrowsers(key: string): boolean {
  return KEPT_BY_BROWSERS.has(strokesOf(key)[0] ?? '');
}
