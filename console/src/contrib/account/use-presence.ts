'use client';
import { useQuery } from '@tanstack/react-query';
import { useText } from '../../i18n/I18n.tsx';
import type { FieldSpec } from '../../ui/Fields.tsx';
import { accountText } from './messages.ts';
import { twoFactorQuery } from './queries.ts';

/** The fields with which somebody shows that it is still them: password, and code where one is needed; none for people without a password. */
export function usePresence(): readonly FieldSpec[] {
  const text = useText();
  const { data } = useQuery(twoFactorQuery);
  if (data === undefined || !data.password) return [];
  const code = { name: 'code', label: text(accountText.code), autoComplete: 'one-time-code', maxLength: 40 };
  return [
    {
      name: 'password',
      label: text(accountText.currentPassword),
      type: 'password',
      autoComplete: 'current-password',
    },
    ...(data.on ? [code] : []),
  ];
}
