/** Saving and resetting by command. */
import type { SettingsService, WorkbenchServices } from '../../workbench/services.tsx';
import { pageDrafts, type Scope } from './drafts.ts';
import { settingsText } from './messages.ts';
import { changeSetting, saveDraft } from './save.ts';
import { scopeOf } from './search.ts';

/** Saves what was edited, or says how much is in the way. */
export function save({ settings, notifications, text }: WorkbenchServices): void {
  // Both sides of the editor share the drafts, so what is saved does not depend on which tab is in front.
  const results = (['user', 'server'] as const satisfies readonly Scope[]).map((scope) =>
    saveDraft(settings, pageDrafts, scope),
  );
  const problems = results.reduce((sum, result) => sum + (result.ok ? 0 : result.problems), 0);
  if (problems > 0) {
    notifications.show({
      severity: 'warning',
      message: text(settingsText.notSaved, { count: problems }),
      source: text(settingsText.title),
      key: 'harp.settings.notSaved',
    });
  }
}

/** Takes a setting back to its default. */
export function reset(settings: SettingsService, key: string): void {
  changeSetting(settings, pageDrafts, scopeOf(settings.sections, key) ?? 'user', key, undefined);
}
