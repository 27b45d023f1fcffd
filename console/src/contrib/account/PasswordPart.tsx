'use client';
import { useQueryClient } from '@tanstack/react-query';
import { ask } from '../../api/client.ts';
import { SessionList } from '../../api/schemas.ts';
import { useText } from '../../i18n/I18n.tsx';
import { type FieldSpec, Fields } from '../../ui/Fields.tsx';
import { useWorkbench } from '../../workbench/services.tsx';
import { accountText } from './messages.ts';
import { ownSessionsQuery } from './queries.ts';

/** Another password. Whoever changes it proves to know the present one. */
export function PasswordPart({ name }: { name: string }) {
  const text = useText();
  const client = useQueryClient();
  const { notifications } = useWorkbench();
  const fields: FieldSpec[] = [
    { name: 'current', label: text(accountText.currentPassword), type: 'password', autoComplete: 'current-password' },
    {
      name: 'next',
      label: text(accountText.newPassword),
      type: 'password',
      autoComplete: 'new-password',
      minLength: 12,
    },
  ];
  const change = async (body: Readonly<Record<string, string>>) => {
    const sessions = await ask(SessionList, '/me/password', { method: 'PUT', body });
    client.setQueryData(ownSessionsQuery.queryKey, sessions);
    const message = text(accountText.passwordChanged);
    notifications.show({ severity: 'info', source: text(accountText.title), message });
  };
  return (
    <section>
      <h2>{text(accountText.password)}</h2>
      <Fields action={text(accountText.changePassword)} fields={fields} submit={change}>
        {/* So that password managers know whose password changes. */}
        <input type="text" autoComplete="username" value={name} readOnly hidden />
      </Fields>
    </section>
  );
}
