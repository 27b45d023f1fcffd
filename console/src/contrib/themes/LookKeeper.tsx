'use client';
import { type ReactNode, useEffect } from 'react';
import { useFormat } from '../../i18n/I18n.tsx';
import { applyLook, densityFrom, lookCookies, rememberLook, themeFrom } from '../../theme/look.ts';
import { useSetting } from '../../workbench/services.tsx';
import { DENSITY_SETTING, THEME_SETTING } from './settings.ts';

/** Puts the chosen theme and density on the page, and tells the server, so that the next page begins with them. */
export function LookKeeper({ children }: { children: ReactNode }) {
  const theme = themeFrom(useSetting(THEME_SETTING));
  const density = densityFrom(useSetting(DENSITY_SETTING));
  const { locale } = useFormat();
  useEffect(() => {
    applyLook({ theme, density });
    rememberLook(lookCookies.theme, theme);
    rememberLook(lookCookies.density, density);
  }, [theme, density]);
  useEffect(() => rememberLook(lookCookies.language, locale), [locale]);
  return children;
}
