'use client';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { ask } from '../api/client.ts';
import { SessionInfo } from '../api/schemas.ts';
import { sessionQuery } from './queries.ts';

interface Field {
  name: string;
  label: string;
  type?: 'password';
  autoComplete: string;
  minLength?: number;
}

const nameField: Field = { name: 'name', label: 'Name', autoComplete: 'username' };

/** Signs an existing user in. */
export function SignInForm() {
  return (
    <CredentialsForm
      title="Sign in to Harp"
      action="Sign in"
      path="/session"
      fields={[nameField, { name: 'password', label: 'Password', type: 'password', autoComplete: 'current-password' }]}
    />
  );
}

/** Makes the first administrator, with the code the server printed when it started. */
export function SetupForm() {
  return (
    <CredentialsForm
      title="Set up Harp"
      intro="The server printed a one-time code when it started. It proves that you may make the first administrator."
      action="Create administrator"
      path="/setup"
      fields={[
        { name: 'code', label: 'One-time code', autoComplete: 'one-time-code' },
        nameField,
        {
          name: 'password',
          label: 'Password (at least 12 characters)',
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
  intro?: string;
  action: string;
  path: string;
  fields: readonly Field[];
}

function CredentialsForm({ title, intro, action, path, fields }: CredentialsFormProps) {
  const client = useQueryClient();
  const submit = useMutation({
    mutationFn: (body: Record<string, string>) => ask(SessionInfo, path, { method: 'POST', body }),
    onSuccess: (session) => client.setQueryData(sessionQuery.queryKey, session),
  });
  const onSubmit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    submit.mutate(Object.fromEntries(fields.map(({ name }) => [name, String(form.get(name) ?? '')])));
  };
  return (
    <main className="gate">
      <form onSubmit={onSubmit} aria-labelledby="form-title">
        <h1 id="form-title">{title}</h1>
        {intro === undefined ? null : <span>{intro}</span>}
        {fields.map(({ name, label, type, autoComplete, minLength }, index) => (
          <label key={name}>
            {label}
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
      </form>
    </main>
  );
}
