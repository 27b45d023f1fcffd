/** The settings of how the workbench looks and speaks. Each choice is a word in the settings file and a text for people. */
import { z } from 'zod';
import type { Message } from '../../i18n/messages.ts';
import { densities } from '../../theme/look.ts';
import { type ThemeChoice, themeChoices } from '../../theme/names.ts';
import type { SettingContribution } from '../../workbench/model.ts';
import { themesText } from './messages.ts';

export const THEME_SETTING = 'workbench.theme';
export const DENSITY_SETTING = 'workbench.density';
export const LANGUAGE_SETTING = 'workbench.language';
export const BYTE_UNITS_SETTING = 'workbench.byteUnits';

export const languageChoices = ['auto', 'en', 'de', 'pseudo'] as const;
export type LanguageChoice = (typeof languageChoices)[number];

/** What people read for each theme. */
export const themeLabels: Readonly<Record<ThemeChoice, Message>> = {
  auto: themesText.themeAuto,
  dark: themesText.themeDark,
  light: themesText.themeLight,
  'hc-dark': themesText.themeHcDark,
  'hc-light': themesText.themeHcLight,
};

/** What people read for each language. */
export const languageLabels: Readonly<Record<LanguageChoice, Message>> = {
  auto: themesText.languageAuto,
  en: themesText.languageEn,
  de: themesText.languageDe,
  pseudo: themesText.languagePseudo,
};

const byteUnits = ['si', 'iec'] as const;

/** Settings of one user. */
export const lookSettings: SettingContribution = {
  section: 'workbench',
  title: themesText.section,
  scope: 'user',
  settings: [
    {
      key: THEME_SETTING,
      title: themesText.theme,
      description: themesText.themeDescription,
      schema: z.enum(themeChoices),
      kind: 'choice',
      choices: themeChoices.map((value) => ({ value, label: themeLabels[value] })),
      default: 'auto',
    },
    {
      key: LANGUAGE_SETTING,
      title: themesText.language,
      description: themesText.languageDescription,
      schema: z.enum(languageChoices),
      kind: 'choice',
      choices: languageChoices.map((value) => ({ value, label: languageLabels[value] })),
      default: 'auto',
    },
    {
      key: BYTE_UNITS_SETTING,
      title: themesText.byteUnits,
      description: themesText.byteUnitsDescription,
      schema: z.enum(byteUnits),
      kind: 'choice',
      choices: [
        { value: 'si', label: themesText.byteUnitsSi },
        { value: 'iec', label: themesText.byteUnitsIec },
      ],
      default: 'si',
    },
    {
      key: DENSITY_SETTING,
      title: themesText.density,
      description: themesText.densityDescription,
      schema: z.enum(densities),
      kind: 'choice',
      choices: [
        { value: 'comfortable', label: themesText.densityComfortable },
        { value: 'compact', label: themesText.densityCompact },
      ],
      default: 'comfortable',
    },
  ],
};
