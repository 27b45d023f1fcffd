'use client';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useAgents } from '../../api/live.tsx';
import { folderProblemsQuery } from '../../api/queries.ts';
import type { AgentSummary, FolderProblems } from '../../api/schemas.ts';
import { useFormat, useText } from '../../i18n/I18n.tsx';
import { useMay } from '../../session/may.ts';
import { Button } from '../../ui/Button.tsx';
import { DataTable } from '../../ui/DataTable.tsx';
import { Facts } from '../../ui/Facts.tsx';
import { QueryView, State, Unknown } from '../../ui/states.tsx';
import { Toolbar } from '../../ui/Toolbar.tsx';
import type { Column } from '../../ui/table/model.ts';
import { useWorkbench } from '../../workbench/services.tsx';
import { progressOf } from './coverage.ts';
import { contentEditorText } from './editor-messages.ts';
import type { FolderTabProps } from './FolderEditor.tsx';
import { contentText } from './messages.ts';
import { reasonOf } from './reasons.ts';
import { Trouble } from './Trouble.tsx';

/** Where the folder stands, and what of it cannot be distributed. */
export function FolderOverview({ folder }: FolderTabProps) {
  const text = useText();
  const format = useFormat();
  const { commands } = useWorkbench();
  const mayCheck = useMay('content.check');
  const fleet = useAgents();
  const { complete, total } = useMemo(() => reachedBy(folder, fleet.list), [folder, fleet.list]);
  return (
    <>
      {folder.error === null ? null : <Trouble code={folder.error.code} detail={folder.error.detail} />}
      <Facts
        facts={[
          {
            name: text(contentEditorText.heldBy),
            value:
              total === 0 ? (
                <Unknown reason={text(contentEditorText.noPcs)} />
              ) : (
                text(contentEditorText.pcsOf, { count: complete, total })
              ),
          },
          { name: text(contentEditorText.files), value: format.count(folder.fileCount) },
          { name: text(contentEditorText.size), value: format.bytes(folder.byteCount) },
          { name: text(contentEditorText.headEntry), value: format.count(folder.seq) },
          {
            name: text(contentEditorText.headLink),
            value: <span className="code">{folder.link.slice(0, 16)}</span>,
            title: folder.link,
          },
          {
            name: text(contentEditorText.indexedAt),
            value:
              folder.indexedAtMs === null ? (
                <Unknown reason={text(contentEditorText.neverIndexed)} />
              ) : (
                format.ago(folder.indexedAtMs)
              ),
            title: folder.indexedAtMs === null ? undefined : format.dateTime(folder.indexedAtMs),
          },
          { name: text(contentEditorText.officesTitle), value: format.count(folder.officeIds.length) },
        ]}
      />
      <Toolbar label={text(contentEditorText.folderTools)}>
        {mayCheck ? (
          <Button kind="secondary" icon="refresh" run={() => void commands.run('harp.content.reindex', itemOf(folder))}>
            {text(contentText.reindex)}
          </Button>
        ) : null}
        <Button kind="secondary" icon="list-tree" run={() => void commands.run('harp.content.reveal', itemOf(folder))}>
          {text(contentText.reveal)}
        </Button>
      </Toolbar>
      <section>
        <h2>{text(contentEditorText.problemsTitle)}</h2>
        {folder.problems === 0 && (folder.error !== null || folder.indexedAtMs === null) ? (
          <State tone="unknown">{text(contentEditorText.problemsUnknown)}</State>
        ) : folder.problems === 0 ? (
          <State tone="ok">{text(contentEditorText.everythingDistributed)}</State>
        ) : (
          <Problems id={folder.id} />
        )}
      </section>
    </>
  );
}

/** How many PCs have all of the folder, of how many that are to have it. */
function reachedBy(folder: FolderTabProps['folder'], agents: Iterable<AgentSummary>) {
  return progressOf([folder], agents).get(folder.id) ?? { complete: 0, total: 0 };
}

function itemOf({ id, name, path }: { id: string; name: string; path: string }) {
  return { kind: 'folder', id, name, path } as const;
}

type Problem = FolderProblems['problems'][number];

function Problems({ id }: { id: string }) {
  const text = useText();
  const format = useFormat();
  const problems = useQuery(folderProblemsQuery(id));
  const columns = useMemo(
    (): Column<Problem>[] => [
      {
        id: 'path',
        title: text(contentEditorText.path),
        value: ({ path }) => path,
        render: ({ path }) => <bdi>{path}</bdi>,
        width: 320,
      },
      {
        id: 'reason',
        title: text(contentEditorText.reason),
        value: ({ detail }) => detail,
        render: ({ code, detail }) => {
          const reason = reasonOf(code);
          return (
            <State tone="warning" title={detail}>
              {reason === undefined ? <bdi>{detail}</bdi> : text(reason)}
            </State>
          );
        },
        width: 280,
      },
      {
        id: 'detail',
        title: text(contentEditorText.detail),
        value: ({ detail }) => detail,
        render: ({ detail }) => <bdi>{detail}</bdi>,
        width: 280,
      },
      { id: 'code', title: text(contentEditorText.code), value: ({ code }) => code, hidden: true, width: 160 },
      {
        id: 'since',
        title: text(contentEditorText.since),
        value: ({ sinceMs }) => sinceMs,
        render: ({ sinceMs }) => format.dateTime(sinceMs),
        width: 190,
      },
    ],
    [text, format],
  );
  return (
    <QueryView query={problems} what={text(contentEditorText.problemsTitle)}>
      {({ total, problems: rows }) => (
        <>
          <p>
            <State tone="warning">{text(contentEditorText.problemsCounted, { count: total })}</State>
          </p>
          <DataTable
            label={text(contentEditorText.problemsTitle)}
            columns={columns}
            rows={rows}
            rowKey={({ path }) => path}
            storageKey="content.folder.problems"
            maxHeight={480}
          />
        </>
      )}
    </QueryView>
  );
}
