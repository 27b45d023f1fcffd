/** Choosing a theme and a language in the quick input. */
import { applyLook, densityFrom, themeFrom } from '../../theme/look.ts';
import { type ThemeChoice, themeChoices } from '../../theme/names.ts';
import type { QuickItem, WorkbenchServices } from '../../workbench/model.ts';
import { themesText } from './messages.ts';
import {
  DENSITY_SETTING,
  LANGUAGE_SETTING,
  languageChoices,
  languageLabels,
  THEME_SETTING,
  themeLabels,
} from './settings.ts';

/** Asks for a theme and shows each at once while a person looks through the list. Without a choice everything is as before. */
export async function chooseTheme(services: WorkbenchServices, show = applyLook): Promise<void> {
  const { settings, quickInput, text } = services;
  const present = themeFrom(settings.get(THEME_SETTING));
  const density = densityFrom(settings.get(DENSITY_SETTING));
  const options = {
    title: text(themesText.chooseTheme),
    placeholder: text(themesText.chooseThemePlaceholder),
    items: themeChoices.map((choice) => itemOf(choice, text(themeLabels[choice]), choice === present, services)),
    activeId: present,
    onActive: (item: QuickItem) => show({ theme: themeFrom(item.id), density }),
  };
  const chosen = await quickInput.pick(options);
  const theme: ThemeChoice = chosen === undefined ? present : themeFrom(chosen.id);
  show({ theme, density });
  if (chosen !== undefined) settings.set(THEME_SETTING, theme);
}

/** Asks for the language of the console. */
export async function chooseLanguage(services: WorkbenchServices): Promise<void> {
  const { settings, quickInput, text } = services;
  const present = settings.get<string>(LANGUAGE_SETTING);
  const options = {
    title: text(themesText.chooseLanguage),
    placeholder: text(themesText.chooseLanguagePlaceholder),
    items: languageChoices.map((choice) => itemOf(choice, text(languageLabels[choice]), choice === present, services)),
    activeId: present,
  };
  const chosen = await quickInput.pick(options);
  if (chosen !== undefined) settings.set(LANGUAGE_SETTING, chosen.id);
}

function itemOf(id: string, label: string, isPresent: boolean, { text }: WorkbenchServices): QuickItem {
  return {
    id,
    label,
    icon: isPresent ? 'check' : 'blank',
    ...(isPresent ? { description: text(themesText.current) } : {}),
    accept() {},
  };
}
