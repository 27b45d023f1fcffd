'use client';
import { useMemo } from 'react';
import type { FileVersionRow } from '../../api/schemas.ts';
import { useFormat, useText } from '../../i18n/I18n.tsx';
import { DataTable } from '../../ui/DataTable.tsx';
import { Empty, State } from '../../ui/states.tsx';
import type { Column } from '../../ui/table/model.ts';
import { contentEditorText } from './editor-messages.ts';
import type { FileTabProps } from './FileEditor.tsx';

/** The API lists so many versions at most. */
const LISTED_MAX = 200;

const operations = {
  put: { icon: 'diff-added', message: contentEditorText.opPut },
  move: { icon: 'diff-renamed', message: contentEditorText.opMove },
  delete: { icon: 'diff-removed', message: contentEditorText.opDelete },
} as const;

/** The entries of the chain about this file, newest first. */
export function FileVersions({ detail, setParams }: FileTabProps) {
  const text = useText();
  const format = useFormat();
  const columns = useMemo(
    (): Column<FileVersionRow>[] => [
      {
        id: 'seq',
        title: text(contentEditorText.entry),
        value: ({ seq }) => seq,
        render: ({ seq }) => format.count(seq),
        align: 'end',
        width: 80,
      },
      {
        id: 'op',
        title: text(contentEditorText.change),
        value: ({ op }) => op,
        render: ({ op, from }) => (
          <State tone="info" icon={operations[op].icon}>
            {text(operations[op].message)}
            {from === null ? null : (
              <>
                {' '}
                <bdi>{from}</bdi>
              </>
            )}
          </State>
        ),
        width: 200,
      },
      {
        id: 'at',
        title: text(contentEditorText.when),
        value: ({ atMs }) => atMs,
        render: ({ atMs }) => format.dateTime(atMs),
        width: 180,
      },
      {
        id: 'size',
        title: text(contentEditorText.size),
        value: ({ sizeBytes }) => sizeBytes,
        render: ({ sizeBytes }) => format.bytes(sizeBytes),
        align: 'end',
        width: 100,
      },
      {
        id: 'modified',
        title: text(contentEditorText.modified),
        value: ({ mtimeMs }) => mtimeMs,
        render: ({ mtimeMs }) => format.dateTime(mtimeMs),
        width: 180,
        hidden: true,
      },
      {
        id: 'manifest',
        title: text(contentEditorText.manifest),
        value: ({ manifest }) => manifest,
        render: ({ manifest }) => (manifest === null ? format.UNKNOWN : <Hash value={manifest} />),
        width: 170,
      },
      {
        id: 'etag',
        title: text(contentEditorText.etag),
        value: ({ etag }) => etag,
        render: ({ etag }) => (etag === null ? format.UNKNOWN : <bdi className="code">{etag}</bdi>),
        width: 150,
        hidden: true,
      },
      {
        id: 'link',
        title: text(contentEditorText.link),
        value: ({ link }) => link,
        render: ({ link }) => <Hash value={link} />,
        width: 170,
      },
    ],
    [text, format],
  );
  return (
    <>
      <DataTable
        label={text(contentEditorText.versionsTable)}
        columns={columns}
        rows={detail.versions}
        rowKey={({ seq }) => String(seq)}
        initialSort={{ column: 'seq', descending: true }}
        onOpen={({ manifest }) => {
          if (manifest !== null && manifest !== detail.file?.manifest) setParams({ tab: 'chunks', with: manifest });
        }}
        storageKey="content.file.versions"
        maxHeight={600}
        empty={<Empty sentence={text(contentEditorText.noVersions)} />}
      />
      {detail.versions.length >= LISTED_MAX ? (
        <p className="muted">{text(contentEditorText.newestOnly, { count: LISTED_MAX })}</p>
      ) : null}
    </>
  );
}

function Hash({ value }: { value: string }) {
  return (
    <span className="code" title={value}>
      {value.slice(0, 16)}
    </span>
  );
}
