'use client';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ask } from '../../api/client.ts';
import { RecoveryCodes, TwoFactorSecret, TwoFactorState } from '../../api/schemas.ts';
import { useText } from '../../i18n/I18n.tsx';
import { Fields } from '../../ui/Fields.tsx';
import { QueryView, State } from '../../ui/states.tsx';
import { accountText } from './messages.ts';
import { ownSessionsQuery, twoFactorQuery } from './queries.ts';
import { waysText } from './ways-messages.ts';

/** The authenticator app: set up in two steps, turned off with password and code. What is shown once is gone when the editor closes. */
export function TwoFactorPart() {
  const text = useText();
  const client = useQueryClient();
  const query = useQuery(twoFactorQuery);
  const [secret, setSecret] = useState<TwoFactorSecret>();
  const [recovery, setRecovery] = useState<readonly string[]>();
  const password = {
    name: 'password',
    label: text(accountText.currentPassword),
    type: 'password',
    autoComplete: 'current-password',
  } as const;
  const code = { name: 'code', label: text(accountText.code), autoComplete: 'one-time-code', maxLength: 40 } as const;

  const begin = async (body: Readonly<Record<string, string>>) =>
    setSecret(await ask(TwoFactorSecret, '/me/two-factor', { method: 'POST', body }));
  const confirm = async (body: Readonly<Record<string, string>>) => {
    const { recoveryCodes } = await ask(RecoveryCodes, '/me/two-factor', { method: 'PUT', body });
    setSecret(undefined);
    setRecovery(recoveryCodes);
    client.setQueryData(twoFactorQuery.queryKey, { on: true, recoveryLeft: recoveryCodes.length, password: true });
    await client.invalidateQueries({ queryKey: ownSessionsQuery.queryKey });
  };
  const end = async (body: Readonly<Record<string, string>>) => {
    const state = await ask(TwoFactorState, '/me/two-factor/end', { method: 'POST', body });
    setRecovery(undefined);
    client.setQueryData(twoFactorQuery.queryKey, state);
  };
  return (
    <section>
      <h2>{text(accountText.twoFactor)}</h2>
      <QueryView query={query} what={text(accountText.twoFactor)}>
        {({ on, recoveryLeft, password: hasPassword }) =>
          hasPassword ? (
            <>
              <p>
                <State tone={on ? 'ok' : 'warning'}>
                  {on ? text(accountText.twoFactorOn, { left: recoveryLeft }) : text(accountText.twoFactorOff)}
                </State>
              </p>
              {recovery === undefined ? null : (
                <div role="status">
                  <p>{text(accountText.recovery)}</p>
                  <pre className="code shown-once">{recovery.join('\n')}</pre>
                </div>
              )}
              {on ? (
                <Fields key="end" action={text(accountText.turnOff)} fields={[password, code]} submit={end} />
              ) : secret === undefined ? (
                <Fields key="begin" action={text(accountText.twoFactorBegin)} fields={[password]} submit={begin} />
              ) : (
                <div role="status">
                  <p>{text(accountText.twoFactorSecret)}</p>
                  <p>
                    {text(accountText.secret)}: <code className="shown-once">{secret.secret}</code>
                  </p>
                  <p>
                    <a href={secret.address}>{text(accountText.address)}</a>
                  </p>
                  <Fields key="confirm" action={text(accountText.turnOn)} fields={[code]} submit={confirm} />
                </div>
              )}
            </>
          ) : (
            <p>{text(waysText.noPassword)}</p>
          )
        }
      </QueryView>
    </section>
  );
}
