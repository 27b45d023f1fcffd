/** How the workbench looks and which language it speaks. */
import type { Contribution } from '../../workbench/model.ts';
import { LookKeeper } from './LookKeeper.tsx';
import { themesText } from './messages.ts';
import { lookSettings } from './settings.ts';

const SELECT_THEME = 'workbench.action.selectTheme';
const SELECT_LANGUAGE = 'workbench.action.configureLocale';

export const themesContribution: Contribution = {
  settings: [lookSettings],
  commands: [
    {
      id: SELECT_THEME,
      category: themesText.preferences,
      title: themesText.chooseTheme,
      icon: 'color-mode',
      run: async (services) => (await import('./pickers.ts')).chooseTheme(services),
    },
    {
      id: SELECT_LANGUAGE,
      category: themesText.preferences,
      title: themesText.chooseLanguage,
      icon: 'globe',
      run: async (services) => (await import('./pickers.ts')).chooseLanguage(services),
    },
  ],
  keybindings: [{ command: SELECT_THEME, key: 'ctrl+k ctrl+t' }],
  menus: [
    { menu: 'manage', command: SELECT_THEME, group: '2_preferences', order: 30 },
    { menu: 'manage', command: SELECT_LANGUAGE, group: '2_preferences', order: 40 },
  ],
  providers: [LookKeeper],
};
