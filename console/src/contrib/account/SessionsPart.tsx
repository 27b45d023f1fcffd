'use client';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { ask } from '../../api/client.ts';
import { type OpenSession, SessionList } from '../../api/schemas.ts';
import { useFormat, useText } from '../../i18n/I18n.tsx';
import { Button } from '../../ui/Button.tsx';
import { DataTable } from '../../ui/DataTable.tsx';
import { QueryView } from '../../ui/states.tsx';
import type { Column } from '../../ui/table/model.ts';
import { accountText } from './messages.ts';
import { ownSessionsQuery } from './queries.ts';
import { useTold } from './use-told.ts';

/** Where one is signed in, and ending it. */
export function SessionsPart() {
  const text = useText();
  const format = useFormat();
  const client = useQueryClient();
  const query = useQuery(ownSessionsQuery);
  const told = useTold();
  const columns = useMemo((): Column<OpenSession>[] => {
    const end = async (path: string) => {
      client.setQueryData(ownSessionsQuery.queryKey, await ask(SessionList, path, { method: 'DELETE' }));
    };
    return [
      {
        id: 'where',
        title: text(accountText.where),
        value: ({ address }) => address,
        render: ({ address }) => <bdi>{address}</bdi>,
        width: 150,
      },
      {
        id: 'browser',
        title: text(accountText.browser),
        value: ({ userAgent }) => userAgent,
        render: ({ userAgent }) => <bdi>{userAgent}</bdi>,
        width: 320,
      },
      {
        id: 'since',
        title: text(accountText.since),
        value: ({ createdAtMs }) => createdAtMs,
        render: ({ createdAtMs }) => format.dateTime(createdAtMs),
        width: 170,
      },
      {
        id: 'actions',
        title: text(accountText.actions),
        value: () => null,
        render: ({ id, current }) =>
          current ? (
            text(accountText.thisOne)
          ) : (
            <Button kind="secondary" run={() => told(end(`/me/sessions/${encodeURIComponent(id)}`))}>
              {text(accountText.end)}
            </Button>
          ),
        width: 170,
      },
    ];
  }, [text, format, client, told]);
  return (
    <section>
      <h2>{text(accountText.sessions)}</h2>
      <QueryView query={query} what={text(accountText.sessions)}>
        {({ sessions }) => (
          <>
            <DataTable
              label={text(accountText.sessions)}
              columns={columns}
              rows={sessions}
              rowKey={({ id }) => id}
              storageKey="account.sessions"
              maxHeight={300}
            />
            {sessions.length > 1 ? (
              <Button
                kind="secondary"
                run={() =>
                  told(
                    ask(SessionList, '/me/sessions', { method: 'DELETE' }).then((left) =>
                      client.setQueryData(ownSessionsQuery.queryKey, left),
                    ),
                  )
                }
              >
                {text(accountText.endOthers)}
              </Button>
            ) : null}
          </>
        )}
      </QueryView>
    </section>
  );
}
