'use client';
/** One file: its versions, its chunks and who holds them, how it came to every PC, and the proof that it is genuine. */
import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { fileQuery, foldersQuery } from '../../api/queries.ts';
import type { FileDetail } from '../../api/schemas.ts';
import { useFormat, useText } from '../../i18n/I18n.tsx';
import { LinkButton } from '../../ui/Button.tsx';
import { Facts } from '../../ui/Facts.tsx';
import { ErrorNotice, QueryView, State, Unknown } from '../../ui/states.tsx';
import { TabStrip } from '../../ui/TabStrip.tsx';
import type { EditorProps } from '../../workbench/model.ts';
import { useWorkbench } from '../../workbench/services.tsx';
import { type FileTab, fileOfSubject, fileTabs, folderInput, nameOf, tabOf } from './content-item.ts';
import { contentEditorText } from './editor-messages.ts';
import { FileChunks } from './FileChunks.tsx';
import { FileDelivery } from './FileDelivery.tsx';
import { FileVersions } from './FileVersions.tsx';
import type { FileClaim } from './verify/finding.ts';
import { VerifyChain } from './verify/VerifyChain.tsx';
import './content.css';

/** What every tab of the editor is given. */
export interface FileTabProps {
  detail: FileDetail;
  params: EditorProps['params'];
  setParams: EditorProps['setParams'];
}

/** The editor of a file; its subject names the folder by id or name, and the path. */
export function FileEditor({ input, params, setParams, setTitle }: EditorProps) {
  const text = useText();
  const { folder: wanted, path } = fileOfSubject(input.subject);
  const folders = useQuery(foldersQuery);
  useEffect(() => setTitle(nameOf(path)), [path, setTitle]);
  return (
    <QueryView query={folders} what={text(contentEditorText.theFile)}>
      {({ folders: list }) => {
        const folder = list.find(({ id }) => id === wanted) ?? list.find(({ name }) => name === wanted);
        return folder === undefined ? (
          <ErrorNotice error={new Error(text(contentEditorText.noSuchFolder))} what={text(contentEditorText.theFile)} />
        ) : (
          <File folder={folder} path={path} params={params} setParams={setParams} />
        );
      }}
    </QueryView>
  );
}

interface FileProps {
  folder: { id: string; name: string };
  path: string;
  params: EditorProps['params'];
  setParams: EditorProps['setParams'];
}

function File({ folder, path, params, setParams }: FileProps) {
  const text = useText();
  const { editors } = useWorkbench();
  const file = useQuery(fileQuery(folder.id, path));
  const tab = tabOf(fileTabs, params);
  const labels: Record<FileTab, string> = {
    versions: text(contentEditorText.tabVersions),
    chunks: text(contentEditorText.tabChunks),
    delivery: text(contentEditorText.tabDelivery),
    chain: text(contentEditorText.tabChain),
  };
  return (
    <div className="editor-body content-editor">
      <h1>
        <bdi>{nameOf(path)}</bdi>
      </h1>
      <p className="subtitle">
        <LinkButton run={() => editors.open(folderInput(folder.id, folder.name), { focus: true })}>
          <bdi>{folder.name}</bdi>
        </LinkButton>
        {path.split('/').map((name, depth) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a path has its order, and the same name may come twice
          <span key={depth}>
            {' / '}
            <bdi>{name}</bdi>
          </span>
        ))}
      </p>
      <QueryView query={file} what={text(contentEditorText.theFile)}>
        {(detail) => (
          <>
            <FileFacts detail={detail} />
            <TabStrip
              label={text(contentEditorText.fileTabs)}
              tabs={fileTabs.map((id) => ({ id, label: labels[id] }))}
              active={tab}
              onSelect={(next) => setParams(next === 'versions' ? {} : { tab: next })}
            >
              <Content tab={tab} detail={detail} params={params} setParams={setParams} />
            </TabStrip>
          </>
        )}
      </QueryView>
    </div>
  );
}

function Content({ tab, ...props }: FileTabProps & { tab: FileTab }) {
  const { detail } = props;
  switch (tab) {
    case 'versions':
      return <FileVersions {...props} />;
    case 'chunks':
      return <FileChunks {...props} />;
    case 'delivery':
      return <FileDelivery {...props} />;
    case 'chain':
      return <VerifyChain folderId={detail.folderId} claim={claimOf(detail)} />;
  }
}

/** What the server says of the file, for the chain to confirm or deny. */
export function claimOf({ path, file, chunks, chunksTotal }: FileDetail): FileClaim {
  return {
    path,
    file: file === null ? null : { seq: file.seq, sizeBytes: file.sizeBytes, etag: file.etag, manifest: file.manifest },
    ...(chunks.length === chunksTotal ? { chunks } : {}),
  };
}

function FileFacts({ detail: { file, chunksTotal, holders, holdersTotal } }: { detail: FileDetail }) {
  const text = useText();
  const format = useFormat();
  if (file === null) {
    return (
      <p>
        <State tone="unknown" icon="trash">
          {text(contentEditorText.fileDeleted)}
        </State>
      </p>
    );
  }
  const holding = holders.filter(({ holds }) => holds === true).length;
  return (
    <Facts
      facts={[
        {
          name: text(contentEditorText.size),
          value: format.bytes(file.sizeBytes),
          title: format.count(file.sizeBytes),
        },
        { name: text(contentEditorText.modified), value: format.dateTime(file.mtimeMs) },
        { name: text(contentEditorText.entry), value: format.count(file.seq) },
        { name: text(contentEditorText.chunks), value: format.count(chunksTotal) },
        {
          name: text(contentEditorText.heldBy),
          value:
            holdersTotal === 0 ? (
              <Unknown reason={text(contentEditorText.noPcs)} />
            ) : (
              text(contentEditorText.pcsOf, { count: holding, total: holdersTotal })
            ),
        },
        {
          name: text(contentEditorText.manifest),
          value: <span className="code">{file.manifest.slice(0, 16)}</span>,
          title: file.manifest,
        },
      ]}
    />
  );
}
