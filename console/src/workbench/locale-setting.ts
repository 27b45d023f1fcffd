/** The language and the units that the user chose, or those of the browser. */
import type { ByteUnits } from '../i18n/format.ts';
import { browserLocale } from '../i18n/I18n.tsx';
import { type Locale, locales } from '../i18n/translate.ts';
import type { SettingsService } from './services.tsx';

/** Keys that some contribution defines; the shell only reads them, and does without where nobody does. */
const LANGUAGE = 'workbench.language';
const BYTE_UNITS = 'workbench.byteUnits';

/** The language to speak now. */
export function localeSetting(settings: SettingsService): Locale {
  const chosen = settingOf(settings, LANGUAGE);
  return locales.find((locale) => locale === chosen) ?? browserLocale(globalThis.navigator?.languages ?? []);
}

/** The units of sizes. */
export function byteUnitsSetting(settings: SettingsService): ByteUnits {
  return settingOf(settings, BYTE_UNITS) === 'iec' ? 'iec' : 'si';
}

function settingOf(settings: SettingsService, key: string): unknown {
  const isDefined = settings.sections.some((section) => section.settings.some((setting) => setting.key === key));
  return isDefined ? settings.get(key) : undefined;
}
