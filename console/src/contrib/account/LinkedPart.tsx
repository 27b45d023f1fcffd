'use client';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { ask } from '../../api/client.ts';
import { type LinkedAccount, LinkedAccountList, ProviderDeparture } from '../../api/schemas.ts';
import { useFormat, useText } from '../../i18n/I18n.tsx';
import { signInWaysQuery } from '../../session/ways-query.ts';
import { Button } from '../../ui/Button.tsx';
import { DataTable } from '../../ui/DataTable.tsx';
import { Fields } from '../../ui/Fields.tsx';
import { Empty, QueryView } from '../../ui/states.tsx';
import type { Column } from '../../ui/table/model.ts';
import { accountText } from './messages.ts';
import { ownAccountsQuery } from './queries.ts';
import { usePresence } from './use-presence.ts';
import { useTold } from './use-told.ts';
import { waysText } from './ways-messages.ts';

/** Accounts of one's own at other providers: linked by signing in there, unlinked. Nothing where there is neither an account nor a provider. */
export function LinkedPart() {
  const text = useText();
  const query = useQuery(ownAccountsQuery);
  const ways = useQuery(signInWaysQuery);
  const presence = usePresence();
  const columns = useColumns();
  const providers = ways.data?.providers ?? [];
  const accounts = query.data?.accounts ?? [];
  const open = providers.filter(({ id }) => !accounts.some(({ providerId }) => providerId === id));
  if (accounts.length === 0 && providers.length === 0) return null;
  const link = async (body: Readonly<Record<string, string>>) => {
    const { address } = await ask(ProviderDeparture, '/me/accounts', { method: 'POST', body });
    window.location.assign(address);
  };
  return (
    <section>
      <h2>{text(waysText.accounts)}</h2>
      <QueryView query={query} what={text(waysText.accounts)}>
        {() =>
          accounts.length === 0 ? (
            <Empty sentence={text(waysText.noAccounts)} />
          ) : (
            <DataTable
              label={text(waysText.accounts)}
              columns={columns}
              rows={accounts}
              rowKey={({ id }) => id}
              storageKey="account.accounts"
              maxHeight={300}
            />
          )
        }
      </QueryView>
      {open.length === 0 ? null : (
        <Fields
          key={`${open.length} ${presence.length}`}
          action={text(waysText.linkAccount)}
          fields={[
            {
              name: 'provider',
              label: text(waysText.provider),
              choices: open.map(({ id, name }) => ({ value: id, label: name })),
            },
            ...presence,
          ]}
          submit={link}
        />
      )}
    </section>
  );
}

function useColumns(): Column<LinkedAccount>[] {
  const text = useText();
  const format = useFormat();
  const client = useQueryClient();
  const told = useTold();
  return useMemo(() => {
    const unlink = async (id: string) => {
      const left = await ask(LinkedAccountList, `/me/accounts/${encodeURIComponent(id)}`, { method: 'DELETE' });
      client.setQueryData(ownAccountsQuery.queryKey, left);
    };
    return [
      {
        id: 'provider',
        title: text(waysText.provider),
        value: ({ providerName }) => providerName,
        render: ({ providerName }) => <bdi>{providerName}</bdi>,
        width: 180,
      },
      {
        id: 'label',
        title: text(waysText.accountName),
        value: ({ label }) => label,
        render: ({ label }) => <bdi>{label}</bdi>,
        width: 220,
      },
      {
        id: 'used',
        title: text(accountText.lastUsed),
        value: ({ lastUsedAtMs }) => lastUsedAtMs,
        render: ({ lastUsedAtMs }) => (lastUsedAtMs === null ? text(accountText.never) : format.dateTime(lastUsedAtMs)),
        width: 170,
      },
      {
        id: 'unlink',
        title: text(waysText.unlink),
        value: () => null,
        render: ({ id }) => (
          <Button kind="secondary" run={() => told(unlink(id))}>
            {text(waysText.unlink)}
          </Button>
        ),
        width: 130,
      },
    ];
  }, [text, format, client, told]);
}
