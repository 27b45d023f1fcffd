'use client';
import { useCallback } from 'react';
import { useText } from '../../i18n/I18n.tsx';
import { useWorkbench } from '../../workbench/services.tsx';
import { accountText } from './messages.ts';

/** Waits for what a button asked for, and tells of a refusal. */
export function useTold(): (work: Promise<unknown>) => void {
  const text = useText();
  const { notifications } = useWorkbench();
  return useCallback(
    (work) => {
      work.catch((error: unknown) => {
        const why = error instanceof Error ? error.message : String(error);
        notifications.show({
          severity: 'error',
          source: text(accountText.title),
          message: text(accountText.failed, { why }),
        });
      });
    },
    [notifications, text],
  );
}
