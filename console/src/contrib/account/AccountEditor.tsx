'use client';
/** Everything of one's own access in one place: who one is, password, second factor, open sessions, API keys. */
import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { SessionInfo } from '../../api/schemas.ts';
import { useText } from '../../i18n/I18n.tsx';
import { sessionQuery } from '../../session/queries.ts';
import { Facts } from '../../ui/Facts.tsx';
import { QueryView } from '../../ui/states.tsx';
import type { EditorProps } from '../../workbench/model.ts';
import { KeysPart } from './KeysPart.tsx';
import { LinkedPart } from './LinkedPart.tsx';
import { accountText } from './messages.ts';
import { PasskeysPart } from './PasskeysPart.tsx';
import { PasswordPart } from './PasswordPart.tsx';
import { SessionsPart } from './SessionsPart.tsx';
import { TwoFactorPart } from './TwoFactorPart.tsx';
import './account.css';

/** The editor; there is one. */
export function AccountEditor({ setTitle }: EditorProps) {
  const text = useText();
  const session = useQuery(sessionQuery);
  const title = text(accountText.title);
  useEffect(() => setTitle(title), [setTitle, title]);
  return (
    <QueryView query={session} what={title}>
      {({ user }) => (user === null ? null : <Account user={user} />)}
    </QueryView>
  );
}

const roleNames: Readonly<Record<string, (typeof accountText)[keyof typeof accountText]>> = {
  owner: accountText.roleOwner,
  manager: accountText.roleManager,
  helpdesk: accountText.roleHelpdesk,
  viewer: accountText.roleViewer,
};

function Account({ user }: { user: NonNullable<SessionInfo['user']> }) {
  const text = useText();
  return (
    <div className="editor-body account-editor">
      <h1>
        <bdi>{user.name}</bdi>
      </h1>
      <Facts
        facts={[
          { name: text(accountText.role), value: text(roleNames[user.role] ?? accountText.roleNone) },
          {
            name: text(accountText.reach),
            value: text(user.everywhere ? accountText.everywhere : accountText.somewhere),
          },
        ]}
      />
      <PasswordPart name={user.name} />
      <TwoFactorPart />
      <PasskeysPart />
      <LinkedPart />
      <SessionsPart />
      <KeysPart allowed={user.may} />
    </div>
  );
}
