/** Settings: one editor for all that features contribute, as form and as JSON, and the way to each by name. */
import { lazy } from 'react';
import { paramsOf, pathOf, segmentsOf } from '../../workbench/editors/address.ts';
import type { Contribution, EditorInput, QuickItem, WorkbenchServices } from '../../workbench/model.ts';
import { type Mode, SETTING_MENU, SETTINGS_EDITOR } from './keys.ts';
import { settingsText } from './messages.ts';
import { scopeOf } from './search.ts';

const SettingsEditor = lazy(() => import('./SettingsEditor.tsx'));
/** What reads and checks texts of settings: loaded with the editor, or when a command needs it. */
const changes = () => import('./change-commands.ts');

const inFront = { when: `activeEditor == ${SETTINGS_EDITOR}`, whenReason: settingsText.notOpen };
const category = settingsText.category;

const input = (params: Record<string, string>, title: string = settingsText.title.en): EditorInput => ({
  editor: SETTINGS_EDITOR,
  subject: 'settings',
  title,
  icon: 'settings-gear',
  params,
});

function open(
  { editors, settings, text }: WorkbenchServices,
  more: { key?: string; query?: string; view?: Mode },
): void {
  const { key, query, view } = more;
  const scope = key === undefined ? undefined : scopeOf(settings.sections, key);
  const params = {
    ...(scope === undefined || scope === 'user' ? {} : { scope }),
    ...(key === undefined ? {} : { q: `@id:${key}` }),
    ...(query === undefined ? {} : { q: query }),
    ...(view === undefined ? {} : { view }),
  };
  editors.open(input(params, text(settingsText.title)), { focus: true });
}

async function copy({ notifications, text }: WorkbenchServices, copied: string): Promise<void> {
  const source = text(settingsText.title);
  try {
    await navigator.clipboard.writeText(copied);
    notifications.show({ severity: 'info', message: text(settingsText.copied), source, key: 'harp.settings.copied' });
  } catch {
    const message = text(settingsText.copyFailed, { copy: copied });
    notifications.show({ severity: 'warning', message, source, key: 'harp.settings.copied' });
  }
}

/** The items for a language; the same list while nothing changed, so that the search over it can be kept. */
let listed: { of: unknown; language: string; items: QuickItem[] } | undefined;

function settingItems({ settings: { sections }, text }: WorkbenchServices): QuickItem[] {
  const language = text(settingsText.quickAccess);
  if (listed?.of === sections && listed.language === language) return listed.items;
  const items = sections.flatMap(({ title, settings }) =>
    settings.map(
      ({ key, title: name, description }): QuickItem => ({
        id: key,
        label: `${text(title)}: ${text(name)}`,
        description: key,
        detail: text(description),
        icon: 'settings-gear',
        accept: (services) => open(services, { key }),
      }),
    ),
  );
  listed = { of: sections, language, items };
  return items;
}

const ofSetting = (run: (services: WorkbenchServices, key: string) => void | Promise<void>) => {
  return (services: WorkbenchServices, argument?: unknown) => {
    if (typeof argument === 'string') return run(services, argument);
  };
};

export const settingsContribution: Contribution = {
  editors: [
    {
      id: SETTINGS_EDITOR,
      component: SettingsEditor,
      path: {
        build: ({ params = {} }) => pathOf(['settings'], { scope: params.scope, view: params.view, q: params.q }),
        parse(path, query) {
          const segments = segmentsOf(path);
          if (segments?.length !== 1 || segments[0] !== 'settings') return undefined;
          const { scope, view, q } = paramsOf(query);
          const given = Object.entries({ scope, view, q }).filter(
            (entry): entry is [string, string] => entry[1] !== undefined,
          );
          return input(Object.fromEntries(given));
        },
      },
    },
  ],
  commands: [
    {
      id: 'harp.settings.open',
      category,
      title: settingsText.open,
      icon: 'settings-gear',
      run(services, argument) {
        if (typeof argument !== 'string') return open(services, {});
        const isKey = scopeOf(services.settings.sections, argument) !== undefined;
        return open(services, isKey ? { key: argument } : { query: argument });
      },
    },
    {
      id: 'harp.settings.openJson',
      category,
      title: settingsText.openJson,
      icon: 'json',
      run: (services) => open(services, { view: 'json' }),
    },
    {
      id: 'harp.settings.toggleJson',
      category,
      title: settingsText.toggle,
      icon: 'go-to-file',
      ...inFront,
      run({ editors }) {
        const { active } = editors;
        if (active?.editor !== SETTINGS_EDITOR) return;
        const view: Mode = active.params?.view === 'json' ? 'form' : 'json';
        editors.open({ ...active, params: { ...active.params, view } }, { focus: true });
      },
    },
    {
      id: 'harp.settings.save',
      category,
      title: settingsText.save,
      icon: 'save',
      ...inFront,
      run: async (services) => (await changes()).save(services),
    },
    {
      id: 'harp.settings.resetSetting',
      category,
      title: settingsText.reset,
      palette: false,
      run: ofSetting(async ({ settings }, key) => (await changes()).reset(settings, key)),
    },
    {
      id: 'harp.settings.copySetting',
      category,
      title: settingsText.copyJson,
      palette: false,
      run: ofSetting((services, key) =>
        copy(services, `${JSON.stringify(key)}: ${JSON.stringify(services.settings.get(key))}`),
      ),
    },
    {
      id: 'harp.settings.copyLink',
      category,
      title: settingsText.copyLink,
      palette: false,
      run: ofSetting((services, key) => {
        const scope = scopeOf(services.settings.sections, key);
        const path = pathOf(['settings'], { scope: scope === 'server' ? scope : undefined, q: `@id:${key}` });
        return copy(services, `${window.location.origin}${path}`);
      }),
    },
  ],
  keybindings: [
    { command: 'harp.settings.open', key: 'ctrl+,' },
    { command: 'harp.settings.toggleJson', key: 'ctrl+k v', when: inFront.when },
    { command: 'harp.settings.save', key: 'ctrl+s', when: inFront.when },
  ],
  menus: [
    { menu: 'manage', command: 'harp.settings.open', group: '2_preferences', order: 10 },
    { menu: 'editor/title', command: 'harp.settings.toggleJson', when: inFront.when, group: 'navigation' },
    { menu: SETTING_MENU, command: 'harp.settings.resetSetting', group: '1_change', order: 10 },
    { menu: SETTING_MENU, command: 'harp.settings.copySetting', group: '2_copy', order: 10 },
    { menu: SETTING_MENU, command: 'harp.settings.copyLink', group: '2_copy', order: 20 },
  ],
  quickAccess: [
    {
      prefix: ':',
      order: 10,
      placeholder: settingsText.quickAccess,
      provide: (_query, services) => settingItems(services),
    },
  ],
};
