'use client';
import { lazy, type ReactNode, Suspense, useSyncExternalStore } from 'react';
import { help } from './help-state.ts';

const HelpDialog = lazy(() => import('./HelpDialog.tsx'));

/** Shows the help over everything while it is asked for. */
export function HelpHost({ children }: { children: ReactNode }) {
  const read = () => help.place;
  const place = useSyncExternalStore(help.onDidChange, read, read);
  return (
    <>
      {children}
      {place === undefined ? null : (
        <Suspense fallback={null}>
          <HelpDialog place={place} />
        </Suspense>
      )}
    </>
  );
}
