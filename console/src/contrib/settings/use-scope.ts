'use client';
import { useCallback, useMemo, useSyncExternalStore } from 'react';
import { useWorkbench } from '../../workbench/services.tsx';
import { problemsOf, sameValue, type TextProblem } from './check.ts';
import { type Draft, pageDrafts, rebased, type Scope } from './drafts.ts';
import { type ReadText, readSettingsText, settingsText } from './json-text.ts';
import { changeSetting } from './save.ts';
import { definitionsOf } from './search.ts';

/** One scope as form and text both see it: the draft if there is one, else what is set. */
export interface ScopeView {
  readonly text: string;
  readonly read: ReadText;
  readonly problems: readonly TextProblem[];
  readonly draft: Draft | undefined;
  /** Somebody else changed the settings while the draft was edited. */
  readonly isConflict: boolean;
  /** What is set: of the text if it can be read, else of what was saved. */
  readonly values: Readonly<Record<string, unknown>>;
  edit(text: string): void;
  /** Sets one value, or takes it away; in the draft if there is one, else at once. The value must fit. */
  change(key: string, value: unknown): void;
  discard(): void;
  /** Puts what was changed here over what was changed elsewhere. */
  rebase(): void;
}

/** A scope's settings, drawn again whenever the draft or the settings change. */
export function useScope(scope: Scope): ScopeView {
  const { settings } = useWorkbench();
  const readSaved = useCallback(() => settings.modified(scope), [settings, scope]);
  const saved = useSyncExternalStore(settings.onDidChange, readSaved, readSaved);
  const readDraft = useCallback(() => pageDrafts.get(scope), [scope]);
  const draft = useSyncExternalStore(pageDrafts.onDidChange, readDraft, readDraft);
  return useMemo(() => {
    const text = draft?.text ?? settingsText(saved);
    const read = readSettingsText(text);
    const values = read.ok ? read.values : saved;
    const put = (next: Readonly<Record<string, unknown>>, base: Draft['base']) =>
      pageDrafts.replace(scope, { text: settingsText(next), base });
    return {
      text,
      read,
      problems: problemsOf(read, definitionsOf(settings.sections, scope), draft?.base ?? saved),
      draft,
      isConflict: draft !== undefined && !sameValue(draft.base, saved),
      values,
      edit: (next) => pageDrafts.edit(scope, next, saved),
      change: (key, value) => changeSetting(settings, pageDrafts, scope, key, value),
      discard: () => pageDrafts.discard(scope),
      rebase() {
        if (draft !== undefined && read.ok) put(rebased(draft.base, read.values, saved), saved);
      },
    };
  }, [settings, scope, saved, draft]);
}
