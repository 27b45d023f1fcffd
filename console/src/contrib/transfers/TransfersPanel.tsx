'use client';
/** Files that reached offices, newest first, with where their bytes came from; or what that adds up to by office or folder. */
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { transfersQuery } from '../../api/queries.ts';
import type { TransferRow } from '../../api/schemas.ts';
import { useFormat, useText } from '../../i18n/I18n.tsx';
import { DataTable } from '../../ui/DataTable.tsx';
import { cutText } from '../../ui/foreign-text.ts';
import { PanelView } from '../../ui/PanelView.tsx';
import { withTerm } from '../../ui/query.ts';
import { SearchField } from '../../ui/SearchField.tsx';
import { Empty, EmptyFiltered, QueryView } from '../../ui/states.tsx';
import type { Column } from '../../ui/table/model.ts';
import { useContextKey, useWorkbench } from '../../workbench/services.tsx';
import { transferContext } from './keys.ts';
import { transfersText } from './messages.ts';
import { SourceMix } from './SourceMix.tsx';
import {
  filterKeys,
  filterTransfers,
  type Grouping,
  groupings,
  groupTransfers,
  lanShare,
  type Mix,
  type TransferGroup,
} from './transfer-groups.ts';
import './transfers.css';

const groupingText = { none: transfersText.none, office: transfersText.office, folder: transfersText.folder } as const;

const transferKey = ({ folderId, officeId, seq }: TransferRow) => `${folderId}/${officeId}/${seq}`;
const groupKey = ({ id }: TransferGroup) => id;

export function TransfersPanel() {
  const text = useText();
  const { context, commands } = useWorkbench();
  const query = useQuery(transfersQuery({}));
  const filter = String(useContextKey(transferContext.filter) ?? '');
  const setFilter = (next: string) => context.set(transferContext.filter, next);
  const chosen = useContextKey(transferContext.grouping);
  const grouping = groupings.find((each) => each === chosen) ?? 'none';
  const all = query.data?.transfers;
  const rows = useMemo(() => filterTransfers(all ?? [], filter), [all, filter]);
  return (
    <PanelView
      tools={
        <>
          <SearchField
            label={text(transfersText.filter)}
            placeholder={text(transfersText.filterHint)}
            keys={filterKeys}
            value={filter}
            onChange={setFilter}
            result={text(transfersText.shown, { shown: rows.length, total: all?.length ?? 0 })}
          />
          <label>
            {text(transfersText.group)}
            <select value={grouping} onChange={({ target }) => context.set(transferContext.grouping, target.value)}>
              {groupings.map((each) => (
                <option key={each} value={each}>
                  {text(groupingText[each])}
                </option>
              ))}
            </select>
          </label>
        </>
      }
    >
      <QueryView query={query} what={text(transfersText.what)}>
        {({ transfers }) =>
          transfers.length === 0 ? (
            <Empty
              sentence={text(transfersText.empty)}
              action={{ label: text(transfersText.openSavings), run: () => void commands.run('harp.savings.show') }}
            />
          ) : rows.length === 0 ? (
            <EmptyFiltered filter={filter} onClear={() => setFilter('')} />
          ) : (
            <Shown rows={rows} grouping={grouping} filter={filter} />
          )
        }
      </QueryView>
    </PanelView>
  );
}

function Shown({ rows, grouping, filter }: { rows: readonly TransferRow[]; grouping: Grouping; filter: string }) {
  const text = useText();
  const { editors, context } = useWorkbench();
  const groups = useMemo(() => (grouping === 'none' ? [] : groupTransfers(rows, grouping)), [rows, grouping]);
  const fileColumns = useFileColumns();
  const groupColumns = useGroupColumns(grouping === 'folder' ? 'folder' : 'office');
  if (grouping === 'none') {
    return (
      <DataTable
        label={text(transfersText.list)}
        columns={fileColumns}
        rows={rows}
        rowKey={transferKey}
        storageKey="transfers"
        csvName="transfers"
        onOpen={({ folderId, path }) => {
          if (path !== '')
            editors.openAddress(`/f/${encodeURIComponent(folderId)}/file?${new URLSearchParams({ path })}`);
        }}
      />
    );
  }
  return (
    <DataTable
      label={text(grouping === 'office' ? transfersText.officeList : transfersText.folderList)}
      columns={groupColumns}
      rows={groups}
      rowKey={groupKey}
      storageKey={`transfers.${grouping}`}
      csvName={`transfers-by-${grouping}`}
      // One group's files: the same list, filtered.
      onOpen={({ name }) =>
        context.update({
          [transferContext.grouping]: 'none',
          [transferContext.filter]: withTerm(filter, { key: grouping, value: name, isNegated: false }),
        })
      }
    />
  );
}

/** Columns that files and groups share. */
function useMixColumns<
  Row extends Mix & { agentsDone: number; agentsTotal: number; sizeBytes: number; lastAtMs: number },
>() {
  const text = useText();
  const format = useFormat();
  return useMemo(() => {
    const amount = (
      id: 'sizeBytes' | 'fromPeers' | 'fromOrigin' | 'fromLocal',
      title: string,
      hidden = false,
    ): Column<Row> => ({
      id,
      title,
      value: (row) => row[id],
      render: (row) => format.bytes(row[id]),
      align: 'end',
      width: 90,
      hidden,
    });
    const columns: Record<'size' | 'pcs' | 'source' | 'lan' | 'wan' | 'local' | 'finished', Column<Row>> = {
      size: amount('sizeBytes', text(transfersText.size)),
      lan: amount('fromPeers', text(transfersText.lan)),
      wan: amount('fromOrigin', text(transfersText.wan)),
      local: amount('fromLocal', text(transfersText.local)),
      source: {
        id: 'source',
        title: text(transfersText.source),
        value: lanShare,
        render: (row) => <SourceMix mix={row} />,
        width: 160,
      },
      pcs: {
        id: 'pcs',
        title: text(transfersText.pcs),
        value: ({ agentsDone }) => agentsDone,
        render: ({ agentsDone, agentsTotal }) => text(transfersText.progress, { done: agentsDone, total: agentsTotal }),
        align: 'end',
        width: 90,
      },
      finished: {
        id: 'finished',
        title: text(transfersText.finished),
        value: ({ lastAtMs }) => lastAtMs,
        render: ({ lastAtMs }) => <span title={format.dateTime(lastAtMs)}>{format.time(lastAtMs)}</span>,
        align: 'end',
        width: 90,
      },
    };
    return columns;
  }, [text, format]);
}

function useFileColumns(): readonly Column<TransferRow>[] {
  const text = useText();
  const format = useFormat();
  const { size, pcs, source, lan, wan, local, finished } = useMixColumns<TransferRow>();
  return useMemo(
    () => [
      {
        id: 'file',
        title: text(transfersText.file),
        value: ({ path }) => path,
        render: ({ path }) =>
          path === '' ? (
            <span className="muted">{text(transfersText.removed)}</span>
          ) : (
            <bdi title={cutText(path, 500)}>{cutText(path, 300)}</bdi>
          ),
        width: 280,
      },
      { id: 'folder', title: text(transfersText.folder), value: ({ folderName }) => folderName, width: 120 },
      { id: 'office', title: text(transfersText.office), value: ({ officeName }) => officeName, width: 120 },
      size,
      source,
      pcs,
      finished,
      {
        id: 'took',
        title: text(transfersText.took),
        value: ({ tookMsMax }) => tookMsMax,
        render: ({ tookMsMax }) => format.duration(tookMsMax),
        align: 'end',
        width: 130,
      },
      lan,
      wan,
      local,
      {
        id: 'started',
        title: text(transfersText.started),
        value: ({ firstAtMs }) => firstAtMs,
        render: ({ firstAtMs }) => format.time(firstAtMs),
        align: 'end',
        width: 90,
        hidden: true,
      },
    ],
    [text, format, size, pcs, source, lan, wan, local, finished],
  );
}

function useGroupColumns(by: 'office' | 'folder'): readonly Column<TransferGroup>[] {
  const text = useText();
  const format = useFormat();
  const { size, pcs, source, lan, wan, local, finished } = useMixColumns<TransferGroup>();
  return useMemo(
    () => [
      { id: 'name', title: text(groupingText[by]), value: ({ name }) => name, width: 200 },
      {
        id: 'files',
        title: text(transfersText.files),
        value: ({ files }) => files,
        render: ({ files }) => format.count(files),
        align: 'end',
        width: 70,
      },
      size,
      source,
      pcs,
      lan,
      wan,
      local,
      finished,
    ],
    [by, text, format, size, pcs, source, lan, wan, local, finished],
  );
}
