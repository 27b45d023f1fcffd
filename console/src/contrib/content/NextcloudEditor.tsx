'use client';
/** One connection to Nextcloud: where, as whom, how the last check went, what to do if it failed, and its folders. */
import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo } from 'react';
import { foldersQuery, nextcloudQuery } from '../../api/queries.ts';
import type { FolderSummary } from '../../api/schemas.ts';
import { useFormat, useText } from '../../i18n/I18n.tsx';
import { DataTable } from '../../ui/DataTable.tsx';
import { type Fact, Facts } from '../../ui/Facts.tsx';
import { ErrorNotice, QueryView, State, Unknown } from '../../ui/states.tsx';
import type { Column } from '../../ui/table/model.ts';
import type { EditorProps } from '../../workbench/model.ts';
import { useWorkbench } from '../../workbench/services.tsx';
import { folderInput } from './content-item.ts';
import { contentEditorText } from './editor-messages.ts';
import { Trouble } from './Trouble.tsx';
import './content.css';

/** The editor of an instance; its subject is an id or a name. */
export function NextcloudEditor({ input, setTitle }: EditorProps) {
  const text = useText();
  const folders = useQuery(foldersQuery);
  return (
    <QueryView query={folders} what={text(contentEditorText.theInstance)}>
      {({ folders: list }) => {
        const of = list.filter(({ nextcloud: { id, name } }) => id === input.subject || name === input.subject);
        const [first] = of;
        return first === undefined ? (
          <ErrorNotice
            error={new Error(text(contentEditorText.noSuchInstance))}
            what={text(contentEditorText.theInstance)}
          />
        ) : (
          <Instance summary={first.nextcloud} folders={of} setTitle={setTitle} />
        );
      }}
    </QueryView>
  );
}

interface InstanceProps {
  summary: FolderSummary['nextcloud'];
  folders: readonly FolderSummary[];
  setTitle: EditorProps['setTitle'];
}

function Instance({ summary, folders, setTitle }: InstanceProps) {
  const text = useText();
  const format = useFormat();
  const { editors } = useWorkbench();
  const details = useQuery(nextcloudQuery(summary.id));
  useEffect(() => setTitle(summary.name), [summary.name, setTitle]);
  const known = details.data;
  const error =
    known === undefined ? (summary.error === null ? null : { code: '', detail: summary.error }) : known.error;
  const unknown = <Unknown reason={text(contentEditorText.notReported)} />;
  const moment = (atMs: number | null): Pick<Fact, 'value' | 'title'> =>
    atMs === null ? { value: unknown } : { value: format.ago(atMs), title: format.dateTime(atMs) };
  const facts: Fact[] = [
    { name: text(contentEditorText.address), value: <bdi>{summary.url}</bdi> },
    { name: text(contentEditorText.version), value: summary.version === null ? unknown : <bdi>{summary.version}</bdi> },
    { name: text(contentEditorText.user), value: known === undefined ? unknown : <bdi>{known.user}</bdi> },
    error === null
      ? { name: text(contentEditorText.checked), ...moment(newestOf(folders)) }
      : { name: text(contentEditorText.failsSince), ...moment(known?.checkedAtMs ?? null) },
    { name: text(contentEditorText.foldersTitle), value: format.count(folders.length) },
    {
      name: text(contentEditorText.files),
      value: format.count(folders.reduce((sum, { fileCount }) => sum + fileCount, 0)),
    },
    {
      name: text(contentEditorText.size),
      value: format.bytes(folders.reduce((sum, { byteCount }) => sum + byteCount, 0)),
    },
  ];
  return (
    <div className="editor-body content-editor">
      <h1>
        <bdi>{summary.name}</bdi>
      </h1>
      <p className="subtitle">
        {error !== null ? (
          <State tone="error">{text(contentEditorText.notConnected)}</State>
        ) : summary.version === null ? (
          <State tone="unknown">{text(contentEditorText.notCheckedYet)}</State>
        ) : (
          <State tone="ok">{text(contentEditorText.connected)}</State>
        )}
      </p>
      {error === null ? null : <Trouble code={error.code} detail={error.detail} />}
      <Facts facts={facts} />
      <section>
        <h2>{text(contentEditorText.foldersTitle)}</h2>
        <FolderTable
          folders={folders}
          open={(folder) => editors.open(folderInput(folder.id, folder.name), { focus: true })}
        />
      </section>
    </div>
  );
}

/** When one of the folders was read last. */
function newestOf(folders: readonly FolderSummary[]): number | null {
  const read = folders.flatMap(({ indexedAtMs }) => indexedAtMs ?? []);
  return read.length === 0 ? null : Math.max(...read);
}

function FolderTable({ folders, open }: { folders: readonly FolderSummary[]; open(folder: FolderSummary): void }) {
  const text = useText();
  const format = useFormat();
  const columns = useMemo(
    (): Column<FolderSummary>[] => [
      {
        id: 'name',
        title: text(contentEditorText.folder),
        value: ({ name }) => name,
        render: ({ name }) => <bdi>{name}</bdi>,
        width: 180,
      },
      {
        id: 'state',
        title: text(contentEditorText.state),
        value: ({ error }) => error?.code ?? 'ok',
        render: ({ error, indexedAtMs }) =>
          error !== null ? (
            <State tone="error" title={error.detail}>
              {error.code}
            </State>
          ) : indexedAtMs === null ? (
            <State tone="unknown">{text(contentEditorText.neverIndexed)}</State>
          ) : (
            <State tone="ok">{text(contentEditorText.indexed)}</State>
          ),
        width: 160,
      },
      {
        id: 'path',
        title: text(contentEditorText.path),
        value: ({ path }) => path,
        render: ({ path }) => <bdi>{path}</bdi>,
        width: 220,
      },
      {
        id: 'files',
        title: text(contentEditorText.files),
        value: ({ fileCount }) => fileCount,
        render: ({ fileCount }) => format.count(fileCount),
        align: 'end',
        width: 90,
      },
      {
        id: 'bytes',
        title: text(contentEditorText.size),
        value: ({ byteCount }) => byteCount,
        render: ({ byteCount }) => format.bytes(byteCount),
        align: 'end',
        width: 90,
      },
      {
        id: 'problems',
        title: text(contentEditorText.notDistributed),
        value: ({ problems }) => problems,
        render: ({ problems }) => format.count(problems),
        align: 'end',
        width: 130,
      },
    ],
    [text, format],
  );
  return (
    <DataTable
      label={text(contentEditorText.foldersTitle)}
      columns={columns}
      rows={folders}
      rowKey={({ id }) => id}
      onOpen={open}
      storageKey="content.instance.folders"
      maxHeight={480}
    />
  );
}
