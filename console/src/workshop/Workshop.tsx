'use client';
import { useSearchParams } from 'next/navigation';
/**
 * Every part of the kit in every state, by address: `/workshop?item=tree&theme=hc-dark&lang=de&density=compact&dir=rtl`. Without an item, the list.
 * For looking, and for pictures that are compared. Its own words are English only: they are for those who build the console.
 */
import { type ComponentType, Suspense, useLayoutEffect, useMemo, useState } from 'react';
import { I18nProvider } from '../i18n/I18n.tsx';
import { type Locale, locales } from '../i18n/translate.ts';
import { applyLook, densityFrom, themeFrom } from '../theme/look.ts';
import { themeChoices } from '../theme/names.ts';
import { type UiHost, UiHostProvider } from '../ui/host.tsx';
import { workshopItems } from './items/index.ts';

export function Workshop() {
  return (
    <Suspense>
      <Bench />
    </Suspense>
  );
}

function Bench() {
  const query = useSearchParams();
  const theme = themeFrom(query.get('theme'));
  const density = densityFrom(query.get('density'));
  const locale: Locale = locales.find((each) => each === query.get('lang')) ?? 'en';
  const isRtl = query.get('dir') === 'rtl';
  const item = workshopItems.find(({ id }) => id === query.get('item'));
  const [said, setSaid] = useState('');
  const [isReady, setIsReady] = useState(false);
  useLayoutEffect(() => {
    applyLook({ theme, density });
    document.documentElement.dir = isRtl ? 'rtl' : 'ltr';
    setIsReady(true);
  }, [theme, density, isRtl]);
  const host = useMemo<UiHost>(
    () => ({
      runCommand: (id) => setSaid(id),
      keyFor: (id) => ({ 'harp.theme': 'Ctrl+K Ctrl+T', 'harp.refresh': 'F5' })[id],
      setContext() {},
      announce: setSaid,
      showOutput: (requestId) => setSaid(`output of ${requestId}`),
    }),
    [],
  );
  if (!isReady) return null;
  return (
    <I18nProvider locale={locale}>
      <UiHostProvider host={host}>
        <main className="workshop" data-item={item?.id ?? 'list'}>
          {item === undefined ? <List /> : <Item title={item.title} component={item.component} />}
          <output className="visually-hidden">{said}</output>
        </main>
      </UiHostProvider>
    </I18nProvider>
  );
}

/** A part by itself, under a name of its own. */
function Item({ title, component: Component }: { title: string; component: ComponentType }) {
  return (
    <>
      <h1 className="visually-hidden">{title}</h1>
      <p>
        <a href="/workshop">All parts</a>
      </p>
      <Component />
    </>
  );
}

function List() {
  return (
    <>
      <h1>Workshop</h1>
      <ul>
        {workshopItems.map(({ id, title }) => (
          <li key={id}>
            {title}:{' '}
            {themeChoices.map((theme) => (
              <span key={theme}>
                {['en', 'de'].map((lang) => (
                  <a key={lang} href={`/workshop?item=${id}&theme=${theme}&lang=${lang}`}>
                    {theme}/{lang}
                  </a>
                ))}
              </span>
            ))}
          </li>
        ))}
      </ul>
    </>
  );
}
