'use client';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { ask } from '../../api/client.ts';
import { type Passkey, PasskeyList, PasskeyOptions, type PasskeyPlace } from '../../api/schemas.ts';
import { useFormat, useText } from '../../i18n/I18n.tsx';
import { makePasskey, type NoPasskeys, noPasskeys } from '../../session/passkey.ts';
import { Button } from '../../ui/Button.tsx';
import { DataTable } from '../../ui/DataTable.tsx';
import { Fields } from '../../ui/Fields.tsx';
import { Empty, QueryView, State } from '../../ui/states.tsx';
import type { Column } from '../../ui/table/model.ts';
import { accountText } from './messages.ts';
import { ownPasskeysQuery } from './queries.ts';
import { usePresence } from './use-presence.ts';
import { useTold } from './use-told.ts';
import { waysText } from './ways-messages.ts';

const obstacles: Readonly<Record<NoPasskeys, (typeof waysText)[keyof typeof waysText]>> = {
  insecure: waysText.passkeyInsecure,
  'no-name': waysText.passkeyNoName,
  elsewhere: waysText.passkeyElsewhere,
  'old-browser': waysText.passkeyOldBrowser,
};

/** Passkeys of one's own: added with a name, removed; or why there can be none here. */
export function PasskeysPart() {
  const text = useText();
  const query = useQuery(ownPasskeysQuery);
  const columns = useColumns();
  return (
    <section>
      <h2>{text(waysText.passkeys)}</h2>
      <QueryView query={query} what={text(waysText.passkeys)}>
        {({ passkeys, place }) => (
          <>
            {passkeys.length === 0 ? (
              <Empty sentence={text(waysText.noPasskeys)} />
            ) : (
              <DataTable
                label={text(waysText.passkeys)}
                columns={columns}
                rows={passkeys}
                rowKey={({ id }) => id}
                storageKey="account.passkeys"
                maxHeight={300}
              />
            )}
            <AddPasskey place={place} />
          </>
        )}
      </QueryView>
    </section>
  );
}

function AddPasskey({ place }: { place: PasskeyPlace }) {
  const text = useText();
  const client = useQueryClient();
  const presence = usePresence();
  const obstacle = noPasskeys(place);
  if (obstacle !== undefined)
    return (
      <p>
        <State tone="info">{text(obstacles[obstacle], { origin: place.origin })}</State>
      </p>
    );
  const add = async ({ name = '', ...shown }: Readonly<Record<string, string>>) => {
    const { options } = await ask(PasskeyOptions, '/me/passkeys/options', { method: 'POST', body: shown });
    const credential = await makePasskey(options);
    if (credential === undefined) throw new Error(text(waysText.passkeyGivenUp));
    const left = await ask(PasskeyList, '/me/passkeys', { method: 'POST', body: { name, credential } });
    client.setQueryData(ownPasskeysQuery.queryKey, left);
  };
  return (
    <Fields
      key={presence.length}
      action={text(waysText.addPasskey)}
      fields={[{ name: 'name', label: text(waysText.passkeyName), autoComplete: 'off', maxLength: 60 }, ...presence]}
      submit={add}
    />
  );
}

function useColumns(): Column<Passkey>[] {
  const text = useText();
  const format = useFormat();
  const client = useQueryClient();
  const told = useTold();
  return useMemo(() => {
    const remove = async (id: string) => {
      const left = await ask(PasskeyList, `/me/passkeys/${encodeURIComponent(id)}`, { method: 'DELETE' });
      client.setQueryData(ownPasskeysQuery.queryKey, left);
    };
    return [
      {
        id: 'name',
        title: text(waysText.passkeyName),
        value: ({ name }) => name,
        render: ({ name }) => <bdi>{name}</bdi>,
        width: 220,
      },
      {
        id: 'since',
        title: text(accountText.since),
        value: ({ createdAtMs }) => createdAtMs,
        render: ({ createdAtMs }) => format.dateTime(createdAtMs),
        width: 170,
      },
      {
        id: 'used',
        title: text(accountText.lastUsed),
        value: ({ lastUsedAtMs }) => lastUsedAtMs,
        render: ({ lastUsedAtMs }) => (lastUsedAtMs === null ? text(accountText.never) : format.dateTime(lastUsedAtMs)),
        width: 170,
      },
      {
        id: 'remove',
        title: text(waysText.remove),
        value: () => null,
        render: ({ id }) => (
          <Button kind="secondary" run={() => told(remove(id))}>
            {text(waysText.remove)}
          </Button>
        ),
        width: 130,
      },
    ];
  }, [text, format, client, told]);
}
