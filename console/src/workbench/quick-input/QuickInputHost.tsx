'use client';
/** Draws whatever the quick input has open. Once in the shell; it finds the service itself. */
import { lazy, Suspense, useEffect, useSyncExternalStore } from 'react';
import { useText } from '../../i18n/I18n.tsx';
import { FailureBoundary, messageOf } from '../Failure.tsx';
import type { QuickAccessContribution } from '../model.ts';
import { useWorkbench } from '../services.tsx';
import { quickInputMessages } from './messages.ts';

const loadBox = () => import('./QuickInputBox.tsx');
const QuickInputBox = lazy(loadBox);

export function QuickInputHost({ quickAccess }: { quickAccess: readonly QuickAccessContribution[] }) {
  const { quickInput } = useWorkbench();
  const read = () => quickInput.state;
  const state = useSyncExternalStore(quickInput.onDidChange, read, read);
  useEffect(() => {
    // Nothing of it is seen at the start, but it must be there at once when somebody presses its key. If it cannot be loaded, that is said then.
    loadBox().catch(() => undefined);
  }, []);
  if (state.kind === 'closed') return null;
  return (
    <FailureBoundary key={state.id} instead={(error) => <NotLoaded error={error} close={quickInput.close} />}>
      <Suspense fallback={null}>
        <QuickInputBox state={state} quickAccess={quickAccess} />
      </Suspense>
    </FailureBoundary>
  );
}

/** Instead of the quick input: a notification, and nothing stays open. */
function NotLoaded({ error, close }: { error: unknown; close(): void }) {
  const { notifications } = useWorkbench();
  const text = useText();
  useEffect(() => {
    const message = text(quickInputMessages.notLoaded, { cause: messageOf(error) });
    notifications.show({ severity: 'error', message, key: 'workbench.quickInput.notLoaded' });
    close();
  }, [notifications, text, error, close]);
  return null;
}
