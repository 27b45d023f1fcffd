/**
 * Texts of settings that were edited and not saved, by scope. Form, JSON and commands all look at the same one, in however many editors. A draft knows
 * what it began with, so that somebody else's change in the meantime is not undone.
 */
import type { SettingContribution } from '../../workbench/model.ts';
import { sameValue } from './check.ts';
import { settingsText } from './json-text.ts';

export type Scope = SettingContribution['scope'];
type Values = Readonly<Record<string, unknown>>;

export interface Draft {
  readonly text: string;
  /** What was set when editing began. */
  readonly base: Values;
}

export interface Drafts {
  get(scope: Scope): Draft | undefined;
  /** Keeps an edited text; one that says what is set already is no draft. `saved` is what is set now. */
  edit(scope: Scope, text: string, saved: Values): void;
  /** Puts a draft in another's place, as after a conflict. */
  replace(scope: Scope, draft: Draft): void;
  discard(scope: Scope): void;
  onDidChange(listener: () => void): () => void;
}

/** Makes an empty set of drafts. */
export function createDrafts(): Drafts {
  const drafts = new Map<Scope, Draft>();
  const listeners = new Set<() => void>();
  const publish = () => {
    for (const listener of [...listeners]) listener();
  };
  return {
    get: (scope) => drafts.get(scope),
    edit(scope, text, saved) {
      const base = drafts.get(scope)?.base ?? saved;
      if (text === settingsText(base) && sameValue(base, saved)) drafts.delete(scope);
      else drafts.set(scope, { text, base });
      publish();
    },
    replace(scope, draft) {
      drafts.set(scope, draft);
      publish();
    },
    discard(scope) {
      if (drafts.delete(scope)) publish();
    },
    onDidChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

/** The page's drafts: they outlive the editor being closed by mistake. */
export const pageDrafts = createDrafts();

/** What is to be set and to be reset to get from one set of values to another. */
export function changesBetween(
  before: Values,
  after: Values,
): { set: readonly [string, unknown][]; reset: readonly string[] } {
  return {
    set: Object.entries(after).filter(([key, value]) => !Object.hasOwn(before, key) || !sameValue(before[key], value)),
    reset: Object.keys(before).filter((key) => !Object.hasOwn(after, key)),
  };
}

/** What a person changed since `base`, put over what is set now. */
export function rebased(base: Values, mine: Values, theirs: Values): Values {
  const { set, reset } = changesBetween(base, mine);
  const kept = Object.entries(theirs).filter(([key]) => !reset.includes(key));
  return Object.fromEntries([...kept, ...set]);
}

/** The values with one of them set, or taken away when `value` is undefined. */
export function withValue(values: Values, key: string, value: unknown): Values {
  if (value !== undefined) return { ...values, [key]: value };
  return Object.fromEntries(Object.entries(values).filter(([each]) => each !== key));
}
