import { z } from 'zod';
import { defineMessages } from '../../i18n/messages.ts';
import type { SettingContribution, SettingDefinition } from '../../workbench/model.ts';

const words = defineMessages('test', { title: 'Title', about: 'About it' }, { title: 'Titel', about: 'Darüber' });

/** A setting for tests. */
export function setting(key: string, differs: Partial<SettingDefinition> = {}): SettingDefinition {
  return {
    key,
    title: { ...words.title, en: `Title of ${key}` },
    description: words.about,
    schema: z.boolean(),
    kind: 'boolean',
    default: false,
    ...differs,
  };
}

/** A section of every kind of setting. */
export const section: SettingContribution = {
  section: 'a',
  title: words.title,
  scope: 'user',
  settings: [
    setting('a.on'),
    setting('a.percent', { kind: 'number', schema: z.int().min(0).max(100), default: 10 }),
    setting('a.theme', {
      kind: 'choice',
      schema: z.enum(['dark', 'light']),
      choices: [
        { value: 'dark', label: words.title },
        { value: 'light', label: words.about },
      ],
      default: 'dark',
    }),
    setting('a.name', { kind: 'text', schema: z.string().min(1).max(20), default: 'x' }),
  ],
};

/** The same by key. */
export const definitions = new Map(section.settings.map((each) => [each.key, each]));
