'use client';
import { useMemo } from 'react';
import type { FileHolder } from '../../api/schemas.ts';
import { useFormat, useText } from '../../i18n/I18n.tsx';
import { DataTable } from '../../ui/DataTable.tsx';
import { Empty, State, Unknown } from '../../ui/states.tsx';
import type { Column } from '../../ui/table/model.ts';
import { useWorkbench } from '../../workbench/services.tsx';
import { contentEditorText } from './editor-messages.ts';
import type { FileTabProps } from './FileEditor.tsx';

/** How the present version came to every PC: from where, how long it took, when. */
export function FileDelivery({ detail: { holders, holdersTotal } }: FileTabProps) {
  const text = useText();
  const format = useFormat();
  const { editors } = useWorkbench();
  const columns = useMemo((): Column<FileHolder>[] => {
    const amount = (id: 'fromPeers' | 'fromOrigin' | 'fromLocal', title: string): Column<FileHolder> => ({
      id,
      title,
      value: ({ delivery }) => delivery?.[id] ?? null,
      render: ({ delivery }) => format.bytes(delivery?.[id]),
      align: 'end',
      width: 110,
    });
    return [
      {
        id: 'pc',
        title: text(contentEditorText.pc),
        value: ({ hostname }) => hostname,
        render: ({ hostname }) => <bdi>{hostname}</bdi>,
        width: 160,
      },
      {
        id: 'office',
        title: text(contentEditorText.office),
        value: ({ officeName }) => officeName,
        render: ({ officeName }) => <bdi>{officeName}</bdi>,
        width: 120,
      },
      {
        id: 'holds',
        title: text(contentEditorText.hasIt),
        value: ({ holds }) => (holds === null ? null : Number(holds)),
        render: ({ holds }) =>
          holds === null ? (
            <Unknown reason={text(contentEditorText.notReported)} />
          ) : holds ? (
            <State tone="ok">{text(contentEditorText.yes)}</State>
          ) : (
            <State tone="info" icon="sync">
              {text(contentEditorText.notYet)}
            </State>
          ),
        width: 110,
      },
      amount('fromPeers', text(contentEditorText.fromPeers)),
      amount('fromOrigin', text(contentEditorText.fromOrigin)),
      amount('fromLocal', text(contentEditorText.fromLocal)),
      {
        id: 'took',
        title: text(contentEditorText.took),
        value: ({ delivery }) => delivery?.tookMs ?? null,
        render: ({ delivery }) => format.duration(delivery?.tookMs),
        align: 'end',
        width: 90,
      },
      {
        id: 'at',
        title: text(contentEditorText.when),
        value: ({ delivery }) => delivery?.atMs ?? null,
        render: ({ delivery }) => format.dateTime(delivery?.atMs),
        width: 180,
      },
    ];
  }, [text, format]);
  return (
    <>
      <DataTable
        label={text(contentEditorText.deliveryTable)}
        columns={columns}
        rows={holders}
        rowKey={({ agentId }) => agentId}
        onOpen={({ agentId }) => editors.openAddress(`/a/${encodeURIComponent(agentId)}`, { focus: true })}
        storageKey="content.file.delivery"
        maxHeight={600}
        empty={<Empty sentence={text(contentEditorText.noPcsHere)} />}
      />
      {holders.length < holdersTotal ? (
        <p className="muted">{text(contentEditorText.listedOnly, { shown: holders.length, total: holdersTotal })}</p>
      ) : null}
    </>
  );
}
