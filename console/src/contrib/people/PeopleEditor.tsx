'use client';
/** Everybody with their roles; inviting and changing for those who may. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { ask } from '../../api/client.ts';
import { PersonInvited, type PersonSummary } from '../../api/schemas.ts';
import { useFormat, useText } from '../../i18n/I18n.tsx';
import { useMay } from '../../session/may.ts';
import { Button } from '../../ui/Button.tsx';
import { DataTable } from '../../ui/DataTable.tsx';
import { Fields } from '../../ui/Fields.tsx';
import { QueryView, State } from '../../ui/states.tsx';
import type { Column } from '../../ui/table/model.ts';
import type { EditorProps } from '../../workbench/model.ts';
import { useWorkbench } from '../../workbench/services.tsx';
import { askGrant, changePerson } from './change-person.ts';
import { peopleText } from './messages.ts';
import { peopleQuery } from './queries.ts';
import { grantsText } from './words.ts';
import './people.css';

/** An invitation that is to be handed over. */
interface Shown {
  name: string;
  invitation: string;
}

/** The editor; there is one. */
export function PeopleEditor({ setTitle }: EditorProps) {
  const text = useText();
  const services = useWorkbench();
  const client = useQueryClient();
  const query = useQuery(peopleQuery);
  const mayWrite = useMay('people.write');
  const [shown, setShown] = useState<Shown>();
  const title = text(peopleText.title);
  useEffect(() => setTitle(title), [setTitle, title]);
  const change = useCallback(
    (person: PersonSummary) => {
      const source = services.text(peopleText.title);
      changePerson(services, person)
        .then(async (outcome) => {
          if (outcome === undefined) return;
          if (outcome.invitation !== undefined) setShown({ name: person.name, invitation: outcome.invitation });
          const message = services.text(peopleText.done, { what: outcome.what, name: person.name });
          services.notifications.show({ severity: 'info', source, message });
          await client.invalidateQueries({ queryKey: peopleQuery.queryKey });
        })
        .catch((error: unknown) => {
          const why = error instanceof Error ? error.message : String(error);
          services.notifications.show({
            severity: 'error',
            source,
            message: services.text(peopleText.failed, { why }),
          });
        });
    },
    [services, client],
  );
  const columns = useColumns(mayWrite ? change : undefined);
  const invite = async ({ name = '' }: Readonly<Record<string, string>>) => {
    const grant = await askGrant(services, name);
    if (grant === undefined) return;
    const { person, invitation } = await ask(PersonInvited, '/people', {
      method: 'POST',
      body: { name, grants: [grant] },
    });
    setShown({ name: person.name, invitation });
    await client.invalidateQueries({ queryKey: peopleQuery.queryKey });
  };
  return (
    <div className="editor-body people-editor">
      <h1>{title}</h1>
      <QueryView query={query} what={title}>
        {({ people }) => (
          <DataTable
            label={title}
            columns={columns}
            rows={people}
            rowKey={({ id }) => id}
            storageKey="people"
            maxHeight={480}
          />
        )}
      </QueryView>
      {shown === undefined ? null : (
        <div role="status">
          <p>{text(peopleText.invitation, { name: shown.name })}</p>
          <pre className="code shown-once">{shown.invitation}</pre>
        </div>
      )}
      {mayWrite ? (
        <section>
          <h2>{text(peopleText.invite)}</h2>
          <Fields
            action={text(peopleText.inviteAction)}
            fields={[{ name: 'name', label: text(peopleText.name), autoComplete: 'off', maxLength: 60 }]}
            submit={invite}
          />
        </section>
      ) : null}
    </div>
  );
}

function useColumns(change: ((person: PersonSummary) => void) | undefined): Column<PersonSummary>[] {
  const text = useText();
  const format = useFormat();
  return useMemo(
    () => [
      {
        id: 'name',
        title: text(peopleText.name),
        value: ({ name }) => name,
        render: ({ name }) => <bdi>{name}</bdi>,
        width: 180,
      },
      {
        id: 'roles',
        title: text(peopleText.roles),
        value: ({ grants }) => grantsText(grants, text),
        render: ({ grants }) => <bdi>{grantsText(grants, text)}</bdi>,
        width: 320,
      },
      {
        id: 'state',
        title: text(peopleText.state),
        value: ({ active }) => (active ? 1 : 0),
        render: ({ active, invitedUntilMs, lockedUntilMs }) =>
          lockedUntilMs !== null ? (
            <State tone="warning">{text(peopleText.lockedUntil, { when: format.dateTime(lockedUntilMs) })}</State>
          ) : active ? (
            <State tone="ok">{text(peopleText.active)}</State>
          ) : invitedUntilMs === null ? (
            <State tone="warning">{text(peopleText.invitationEnded)}</State>
          ) : (
            <State tone="unknown">{text(peopleText.invitedUntil, { when: format.dateTime(invitedUntilMs) })}</State>
          ),
        width: 270,
      },
      {
        id: 'sessions',
        title: text(peopleText.sessions),
        value: ({ sessions }) => sessions,
        render: ({ sessions }) => format.count(sessions),
        align: 'end',
        width: 90,
      },
      ...(change === undefined
        ? []
        : [
            {
              id: 'actions',
              title: text(peopleText.actions),
              value: () => null,
              render: (person: PersonSummary) => (
                <Button kind="secondary" run={() => change(person)}>
                  {text(peopleText.change)}
                </Button>
              ),
              width: 120,
            },
          ]),
    ],
    [text, format, change],
  );
}
