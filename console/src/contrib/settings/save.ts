/** Changes of settings, by way of the draft if there is one. */
import type { SettingsService } from '../../workbench/services.tsx';
import { problemsOf } from './check.ts';
import { changesBetween, type Drafts, rebased, type Scope, withValue } from './drafts.ts';
import { readSettingsText, settingsText } from './json-text.ts';
import { definitionsOf } from './search.ts';

/** What came of it: how many problems are in the way. */
export type Saved = { readonly ok: true } | { readonly ok: false; readonly problems: number };

/** Sets what a draft changed, and nothing when anything in it is wrong. What changed elsewhere meanwhile stays. */
export function saveDraft(settings: SettingsService, drafts: Drafts, scope: Scope): Saved {
  const draft = drafts.get(scope);
  if (draft === undefined) return { ok: true };
  const definitions = definitionsOf(settings.sections, scope);
  const read = readSettingsText(draft.text);
  const problems = problemsOf(read, definitions, draft.base).filter(({ severity }) => severity === 'error');
  if (!read.ok || problems.length > 0) return { ok: false, problems: problems.length };
  const saved = settings.modified(scope);
  const { set, reset } = changesBetween(saved, rebased(draft.base, read.values, saved));
  for (const [key, value] of set) if (definitions.has(key)) settings.set(key, value);
  // Values of features that are not here cannot be reset: they stay.
  for (const key of reset) if (definitions.has(key)) settings.reset(key);
  drafts.discard(scope);
  return { ok: true };
}

/**
 * Sets one value that fits, or takes it away when it is undefined: in the draft if there is one, else at once. A draft that cannot be read stays as it
 * is, and so do the settings: they would contradict each other.
 */
export function changeSetting(
  settings: SettingsService,
  drafts: Drafts,
  scope: Scope,
  key: string,
  value: unknown,
): void {
  const draft = drafts.get(scope);
  if (draft === undefined) {
    if (value === undefined) settings.reset(key);
    else settings.set(key, value);
    return;
  }
  const read = readSettingsText(draft.text);
  if (read.ok) drafts.edit(scope, settingsText(withValue(read.values, key, value)), settings.modified(scope));
}
