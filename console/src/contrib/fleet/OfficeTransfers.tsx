'use client';
/** The files that came to an office last, and where their bytes came from. */
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { transfersQuery } from '../../api/queries.ts';
import type { TransferRow } from '../../api/schemas.ts';
import { useFormat, useText } from '../../i18n/I18n.tsx';
import { DataTable } from '../../ui/DataTable.tsx';
import { Empty, QueryView } from '../../ui/states.tsx';
import type { Column } from '../../ui/table/model.ts';
import { editorMessages as messages } from './editor-messages.ts';
import { Name } from './Name.tsx';
import type { OfficeTabProps } from './OfficeEditor.tsx';

export default function OfficeTransfers({ office }: OfficeTabProps) {
  const text = useText();
  const transfers = useQuery(transfersQuery({ office: office.id }));
  const columns = useColumns();
  return (
    <QueryView query={transfers} what={text(messages.theTransfers)}>
      {({ transfers: rows }) => (
        <div className="fleet-table inside">
          <DataTable
            label={text(messages.transfersTo, { name: office.name })}
            columns={columns}
            rows={rows}
            rowKey={keyOf}
            storageKey="office-transfers"
            csvName={`harp-${office.name}-transfers`}
            initialSort={{ column: 'last', descending: true }}
            empty={<Empty sentence={text(messages.noTransfers)} />}
          />
        </div>
      )}
    </QueryView>
  );
}

const keyOf = ({ folderId, path, seq }: TransferRow) => `${folderId}/${seq}/${path}`;

function useColumns(): readonly Column<TransferRow>[] {
  const text = useText();
  const format = useFormat();
  return useMemo(() => {
    const bytes = (id: string, title: string, value: (row: TransferRow) => number): Column<TransferRow> => ({
      id,
      title,
      width: 110,
      align: 'end',
      value,
      render: (row) => format.bytes(value(row)),
    });
    const all = (row: TransferRow) => row.fromPeers + row.fromLocal + row.fromOrigin;
    return [
      {
        id: 'path',
        title: text(messages.file),
        width: 300,
        value: ({ path }) => path,
        render: ({ path }) => <Name>{path}</Name>,
      },
      {
        id: 'folder',
        title: text(messages.folder),
        width: 130,
        value: ({ folderName }) => folderName,
        render: ({ folderName }) => <Name>{folderName}</Name>,
      },
      bytes('size', text(messages.size), ({ sizeBytes }) => sizeBytes),
      {
        id: 'pcs',
        title: text(messages.pcsDone),
        width: 110,
        align: 'end',
        value: ({ agentsDone }) => agentsDone,
        render: ({ agentsDone, agentsTotal }) =>
          text(messages.partOfWhole, { part: format.count(agentsDone), whole: format.count(agentsTotal) }),
      },
      bytes('lan', text(messages.columnLan), ({ fromPeers }) => fromPeers),
      bytes('wan', text(messages.columnWan), ({ fromOrigin }) => fromOrigin),
      bytes('local', text(messages.columnReused), ({ fromLocal }) => fromLocal),
      {
        id: 'saved',
        title: text(messages.columnSaved),
        width: 110,
        align: 'end',
        value: (row) => (all(row) === 0 ? null : 1 - row.fromOrigin / all(row)),
        render: (row) => format.share(row.fromPeers + row.fromLocal, all(row)),
      },
      {
        id: 'last',
        title: text(messages.lastAt),
        width: 130,
        value: ({ lastAtMs }) => lastAtMs,
        render: ({ lastAtMs }) => <span title={format.dateTime(lastAtMs)}>{format.ago(lastAtMs)}</span>,
      },
    ];
  }, [text, format]);
}
