/** Which settings a search text shows: words in name, title and description, `@modified`, `@id:key`. Pure. */
import type { Message } from '../../i18n/messages.ts';
import type { SettingContribution, SettingDefinition } from '../../workbench/model.ts';

export interface FoundSection {
  readonly section: string;
  readonly title: Message;
  readonly settings: readonly SettingDefinition[];
}

export interface SearchContext {
  isModified(key: string): boolean;
  text(message: Message): string;
}

/** The sections of a scope with the settings that match; sections without any are left out, and those of one name are one. */
export function findSettings(
  sections: readonly SettingContribution[],
  scope: SettingContribution['scope'],
  query: string,
  { isModified, text }: SearchContext,
): readonly FoundSection[] {
  const terms = query.trim().toLowerCase().split(/\s+/).filter(Boolean);
  const matches = (definition: SettingDefinition, title: Message): boolean => {
    const shown = [definition.key, text(title), text(definition.title), text(definition.description)];
    const options = (definition.choices ?? []).map(({ value, label }) => `${value} ${text(label)}`);
    // People who follow an English manual find the setting in any language.
    const english = [definition.title.en, definition.description.en];
    const words = [...shown, ...options, ...english].join('\n').toLowerCase();
    return terms.every((term) => {
      if (term === '@modified') return isModified(definition.key);
      if (term.startsWith('@id:')) return definition.key.toLowerCase() === term.slice('@id:'.length);
      return words.includes(term);
    });
  };
  const found = new Map<string, { title: Message; settings: SettingDefinition[] }>();
  for (const { section, title, scope: itsScope, settings } of sections) {
    if (itsScope !== scope) continue;
    const matching = settings.filter((definition) => matches(definition, title));
    if (matching.length === 0) continue;
    const known = found.get(section);
    if (known === undefined) found.set(section, { title, settings: matching });
    else known.settings.push(...matching);
  }
  return [...found].map(([section, rest]) => ({ section, ...rest }));
}

/** The scope that a setting belongs to. */
export function scopeOf(
  sections: readonly SettingContribution[],
  key: string,
): SettingContribution['scope'] | undefined {
  return sections.find(({ settings }) => settings.some((each) => each.key === key))?.scope;
}

/** The settings of a scope by key. */
export function definitionsOf(
  sections: readonly SettingContribution[],
  scope: SettingContribution['scope'],
): ReadonlyMap<string, SettingDefinition> {
  return new Map(
    sections.filter((each) => each.scope === scope).flatMap(({ settings }) => settings.map((each) => [each.key, each])),
  );
}
