'use client';
/** Ways to sign in besides a password: a passkey, other providers; and the page that these send people back to. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { ask } from '../api/client.ts';
import { PasskeyOptions, ProviderArrival, ProviderDeparture, SessionInfo } from '../api/schemas.ts';
import { useText } from '../i18n/I18n.tsx';
import { Button } from '../ui/Button.tsx';
import { Loading, State } from '../ui/states.tsx';
import { otherWaysText } from './other-ways-messages.ts';
import { noPasskeys, showPasskey } from './passkey.ts';
import { sessionQuery } from './queries.ts';
import { signInWaysQuery } from './ways-query.ts';

/** A button for each way there is here; nothing where there is none. `invitation`: what the reader has typed, where they answer one. */
export function OtherWays({ invitation }: { invitation?: () => string }) {
  const text = useText();
  const client = useQueryClient();
  const ways = useQuery(signInWaysQuery).data;
  const withPasskey = useMutation({
    mutationFn: async () => {
      const { options } = await ask(PasskeyOptions, '/session/passkey/options', { method: 'POST' });
      const credential = await showPasskey(options);
      if (credential === undefined) throw new Error(text(otherWaysText.passkeyGivenUp));
      return ask(SessionInfo, '/session/passkey', { method: 'POST', body: { credential } });
    },
    onSuccess: (session) => client.setQueryData(sessionQuery.queryKey, session),
  });
  const withProvider = useMutation({
    mutationFn: async (provider: string) => {
      const given = invitation?.().trim();
      if (given === '') throw new Error(text(otherWaysText.needsInvitation));
      const body = { provider, ...(given === undefined ? {} : { invitation: given }) };
      const { address } = await ask(ProviderDeparture, '/session/provider', { method: 'POST', body });
      window.location.assign(address);
    },
  });
  if (ways === undefined) return null;
  const canUsePasskey = invitation === undefined && noPasskeys(ways.passkeys) === undefined;
  if (!canUsePasskey && ways.providers.length === 0) return null;
  const error = withPasskey.error ?? withProvider.error;
  return (
    <fieldset className="other-ways">
      <legend className="visually-hidden">{text(otherWaysText.otherWays)}</legend>
      {canUsePasskey ? (
        <Button kind="secondary" icon="key" run={() => withPasskey.mutate()}>
          {text(otherWaysText.passkey)}
        </Button>
      ) : null}
      {ways.providers.map(({ id, name }) => (
        <Button key={id} kind="secondary" icon="globe" run={() => withProvider.mutate(id)}>
          {text(invitation === undefined ? otherWaysText.provider : otherWaysText.providerInstead, { name })}
        </Button>
      ))}
      {error === null ? null : (
        <span role="alert">
          <State tone="error">{error.message}</State>
        </span>
      )}
    </fieldset>
  );
}

/** Where a provider sends people back to: hands over what it sent along, once, and goes on. */
export function ProviderReturn({ provider, done }: { provider: string; done(): void }) {
  const text = useText();
  const client = useQueryClient();
  const finish = useMutation({
    mutationFn: (query: string) =>
      ask(ProviderArrival, '/session/provider/finish', { method: 'POST', body: { provider, query } }),
    onSuccess: async ({ kind }) => {
      await client.invalidateQueries({ queryKey: sessionQuery.queryKey });
      if (kind === 'linked') window.history.replaceState(null, '', '/account');
      done();
    },
  });
  const { mutate } = finish;
  const isHandedOver = useRef(false);
  useEffect(() => {
    if (isHandedOver.current) return;
    isHandedOver.current = true;
    const { search } = window.location;
    // What stands in the address opens a session: it is not to stand in the history, nor in a picture of the screen.
    window.history.replaceState(null, '', '/');
    mutate(search);
  }, [mutate]);
  if (finish.error === null) return <Loading what={text(otherWaysText.returning)} />;
  return (
    <main className="gate">
      <div className="notice" role="alert">
        <h1>{text(otherWaysText.returnFailed)}</h1>
        <State tone="error">{finish.error.message}</State>
        <Button run={done}>{text(otherWaysText.goOn)}</Button>
      </div>
    </main>
  );
}
