'use client';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import type { Action } from '../../api/access-rules.ts';
import { ask } from '../../api/client.ts';
import { KeyCreated, KeyList, type KeySummary } from '../../api/schemas.ts';
import { useFormat, useText } from '../../i18n/I18n.tsx';
import { Button } from '../../ui/Button.tsx';
import { DataTable } from '../../ui/DataTable.tsx';
import { Fields } from '../../ui/Fields.tsx';
import { Empty, QueryView, State } from '../../ui/states.tsx';
import type { Column } from '../../ui/table/model.ts';
import { accountText } from './messages.ts';
import { ownKeysQuery } from './queries.ts';
import { useTold } from './use-told.ts';

const DAY_SECONDS = 86_400;
const tones = { usable: 'ok', expired: 'unknown', revoked: 'unknown' } as const;

/** API keys of one's own: made for chosen actions and days, shown once, revoked. `allowed` is what the reader may do. */
export function KeysPart({ allowed }: { allowed: readonly Action[] }) {
  const text = useText();
  const client = useQueryClient();
  const query = useQuery(ownKeysQuery);
  const columns = useColumns();
  const [chosen, setChosen] = useState<ReadonlySet<Action>>(new Set());
  const [made, setMade] = useState<KeyCreated>();
  const make = async ({ name = '', days = '' }: Readonly<Record<string, string>>) => {
    const body = { name, actions: [...chosen], everywhere: true, expiresInSeconds: Number(days) * DAY_SECONDS };
    setMade(await ask(KeyCreated, '/me/keys', { method: 'POST', body }));
    setChosen(new Set());
    await client.invalidateQueries({ queryKey: ownKeysQuery.queryKey });
  };
  const toggle = (action: Action) => {
    const next = new Set(chosen);
    if (!next.delete(action)) next.add(action);
    setChosen(next);
  };
  return (
    <section>
      <h2>{text(accountText.keys)}</h2>
      <QueryView query={query} what={text(accountText.keys)}>
        {({ keys }) =>
          keys.length === 0 ? (
            <Empty sentence={text(accountText.noKeys)} />
          ) : (
            <DataTable
              label={text(accountText.keys)}
              columns={columns}
              rows={keys}
              rowKey={({ id }) => id}
              storageKey="account.keys"
              maxHeight={300}
            />
          )
        }
      </QueryView>
      {made === undefined ? null : (
        <div role="status">
          <p>{text(accountText.keyMade, { name: made.name })}</p>
          <pre className="code shown-once">{made.key}</pre>
        </div>
      )}
      <Fields
        action={text(accountText.makeKey)}
        fields={[
          { name: 'name', label: text(accountText.keyName), autoComplete: 'off', maxLength: 60 },
          { name: 'days', label: text(accountText.keyDays), type: 'number', initial: '90', min: 1, max: 365 },
        ]}
        submit={make}
      >
        <fieldset>
          <legend>{text(accountText.keyActions)}</legend>
          {allowed.map((action) => (
            <label key={action}>
              <input type="checkbox" checked={chosen.has(action)} onChange={() => toggle(action)} />
              <code>{action}</code>
            </label>
          ))}
        </fieldset>
      </Fields>
    </section>
  );
}

function useColumns(): Column<KeySummary>[] {
  const text = useText();
  const format = useFormat();
  const client = useQueryClient();
  const told = useTold();
  return useMemo(() => {
    const revoke = async (id: string) => {
      const left = await ask(KeyList, `/me/keys/${encodeURIComponent(id)}`, { method: 'DELETE' });
      client.setQueryData(ownKeysQuery.queryKey, left);
    };
    const moment = (atMs: number | null) => (atMs === null ? text(accountText.never) : format.dateTime(atMs));
    return [
      {
        id: 'name',
        title: text(accountText.keyName),
        value: ({ name }) => name,
        render: ({ name }) => <bdi>{name}</bdi>,
        width: 160,
      },
      {
        id: 'actions',
        title: text(accountText.keyActions),
        value: ({ actions }) => actions.join(', '),
        render: ({ actions }) => <code>{actions.join(', ')}</code>,
        width: 220,
      },
      {
        id: 'state',
        title: text(accountText.state),
        value: ({ state }) => state,
        render: ({ state }) => <State tone={tones[state]}>{text(accountText[state])}</State>,
        width: 120,
      },
      {
        id: 'until',
        title: text(accountText.until),
        value: ({ expiresAtMs }) => expiresAtMs,
        render: ({ expiresAtMs }) => moment(expiresAtMs),
        width: 160,
      },
      {
        id: 'used',
        title: text(accountText.lastUsed),
        value: ({ lastUsedAtMs }) => lastUsedAtMs,
        render: ({ lastUsedAtMs }) => moment(lastUsedAtMs),
        width: 160,
      },
      {
        id: 'revoke',
        title: text(accountText.revoke),
        value: () => null,
        render: ({ id, state }) =>
          state === 'usable' ? (
            <Button kind="secondary" run={() => told(revoke(id))}>
              {text(accountText.revoke)}
            </Button>
          ) : null,
        width: 130,
      },
    ];
  }, [text, format, client, told]);
}
