'use client';
/** What a PC reported last. */
import { useMemo } from 'react';
import type { EventRow } from '../../api/schemas.ts';
import { useFormat, useText } from '../../i18n/I18n.tsx';
import { DataTable } from '../../ui/DataTable.tsx';
import { Empty, State } from '../../ui/states.tsx';
import type { Column } from '../../ui/table/model.ts';
import type { AgentTabProps } from './AgentEditor.tsx';
import { describeEvent } from './agent-events.ts';
import { editorMessages as messages } from './editor-messages.ts';

export default function AgentEvents({ detail: { events } }: AgentTabProps) {
  const text = useText();
  const format = useFormat();
  const columns = useMemo<readonly Column<EventRow>[]>(
    () => [
      {
        id: 'at',
        title: text(messages.when),
        width: 160,
        value: ({ atMs }) => atMs,
        render: ({ atMs }) => <span title={format.ago(atMs)}>{format.dateTime(atMs)}</span>,
      },
      {
        id: 'what',
        title: text(messages.what),
        width: 560,
        value: (event) => describeEvent(event, text).words,
        render: (event) => {
          const { icon, tone, words } = describeEvent(event, text);
          return (
            <State icon={icon} tone={tone} title={words}>
              {words}
            </State>
          );
        },
      },
      { id: 'kind', title: text(messages.kind), width: 140, hidden: true, value: ({ kind }) => kind },
    ],
    [text, format],
  );
  return (
    <div className="fleet-table inside">
      <DataTable
        label={text(messages.events)}
        columns={columns}
        rows={events}
        rowKey={({ id }) => id}
        storageKey="agent-events"
        csvName="harp-agent-events"
        initialSort={{ column: 'at', descending: true }}
        empty={<Empty sentence={text(messages.noEvents)} />}
      />
    </div>
  );
}
