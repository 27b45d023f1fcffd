'use client';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, type RefObject, useRef, useState } from 'react';
import { ApiError, ask } from '../api/client.ts';
import { SessionInfo } from '../api/schemas.ts';
import { useText } from '../i18n/I18n.tsx';
import type { Message } from '../i18n/messages.ts';
import { LinkButton } from '../ui/Button.tsx';
import { sessionText } from './messages.ts';
import { OtherWays } from './OtherWays.tsx';
import { sessionQuery } from './queries.ts';

interface Field {
  name: string;
  label: Message;
  type?: 'password';
  autoComplete: string;
  minLength?: number;
}

const nameField: Field = { name: 'name', label: sessionText.name, autoComplete: 'username' };

/** Signs an existing user in. `hint` says why somebody who was in has to do it again. */
export function SignInForm({ hint }: { hint?: string | undefined }) {
  const text = useText();
  const [needsCode, setNeedsCode] = useState(false);
  const [isInvited, setIsInvited] = useState(false);
  if (isInvited) return <InvitationForm back={() => setIsInvited(false)} />;
  const code: Field = { name: 'code', label: sessionText.secondFactor, autoComplete: 'one-time-code' };
  return (
    <CredentialsForm
      title={text(sessionText.signInTitle)}
      intro={hint}
      action={text(sessionText.signIn)}
      path="/session"
      fields={[
        nameField,
        { name: 'password', label: sessionText.password, type: 'password', autoComplete: 'current-password' },
        ...(needsCode ? [code] : []),
      ]}
      onRefused={(error) => {
        if (error instanceof ApiError && error.code === 'api.second_factor') setNeedsCode(true);
      }}
      other={{ label: text(sessionText.invited), run: () => setIsInvited(true) }}
    >
      <OtherWays />
    </CredentialsForm>
  );
}

/** Chooses the password of somebody who was invited, the first or a new one. */
function InvitationForm({ back }: { back: () => void }) {
  const text = useText();
  const form = useRef<HTMLFormElement>(null);
  const typed = () => String(new FormData(form.current ?? undefined).get('invitation') ?? '');
  return (
    <CredentialsForm
      title={text(sessionText.invitationTitle)}
      intro={text(sessionText.invitationIntro)}
      action={text(sessionText.invitationAccept)}
      path="/invitation"
      fields={[
        { name: 'invitation', label: sessionText.invitation, autoComplete: 'off' },
        {
          name: 'password',
          label: sessionText.newPassword,
          type: 'password',
          autoComplete: 'new-password',
          minLength: 12,
        },
      ]}
      other={{ label: text(sessionText.signIn), run: back }}
      formRef={form}
    >
      <OtherWays invitation={typed} />
    </CredentialsForm>
  );
}

/** Makes the first administrator, with the code the server printed when it started. */
export function SetupForm() {
  const text = useText();
  return (
    <CredentialsForm
      title={text(sessionText.setupTitle)}
      intro={text(sessionText.setupIntro)}
      action={text(sessionText.setup)}
      path="/setup"
      fields={[
        { name: 'code', label: sessionText.code, autoComplete: 'one-time-code' },
        nameField,
        {
          name: 'password',
          label: sessionText.newPassword,
          type: 'password',
          autoComplete: 'new-password',
          minLength: 12,
        },
      ]}
    />
  );
}

interface CredentialsFormProps {
  title: string;
  intro?: string | undefined;
  action: string;
  path: string;
  fields: readonly Field[];
  onRefused?: (error: unknown) => void;
  /** Another way in. */
  other?: { label: string; run(): void };
  formRef?: RefObject<HTMLFormElement | null>;
  children?: ReactNode;
}

function CredentialsForm(props: CredentialsFormProps) {
  const { title, intro, action, path, fields, onRefused, other, formRef, children } = props;
  const client = useQueryClient();
  const text = useText();
  const submit = useMutation({
    mutationFn: (body: Record<string, string>) => ask(SessionInfo, path, { method: 'POST', body }),
    onError: (error) => onRefused?.(error),
    onSuccess: (session) => client.setQueryData(sessionQuery.queryKey, session),
  });
  const onSubmit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    submit.mutate(Object.fromEntries(fields.map(({ name }) => [name, String(form.get(name) ?? '')])));
  };
  return (
    <main className="gate">
      <form ref={formRef} onSubmit={onSubmit} aria-labelledby="form-title">
        <h1 id="form-title">{title}</h1>
        {intro === undefined ? null : <span>{intro}</span>}
        {fields.map(({ name, label, type, autoComplete, minLength }, index) => (
          <label key={name}>
            {text(label)}
            <input
              name={name}
              type={type ?? 'text'}
              autoComplete={autoComplete}
              required
              minLength={minLength}
              // biome-ignore lint/a11y/noAutofocus: the page is this form and nothing else
              autoFocus={index === 0}
              aria-describedby={submit.isError ? 'form-error' : undefined}
            />
          </label>
        ))}
        {submit.isError ? (
          <span id="form-error" role="alert" className="state error">
            <i className="codicon codicon-error" aria-hidden="true" />
            {submit.error.message}
          </span>
        ) : null}
        <button type="submit" className="button" disabled={submit.isPending}>
          {action}
        </button>
        {children}
        {other === undefined ? null : <LinkButton run={other.run}>{other.label}</LinkButton>}
      </form>
    </main>
  );
}
