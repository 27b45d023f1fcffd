'use client';
/** One folder: what it holds, who has it, how long a change takes to arrive, and whether its chain is right. */
import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { foldersQuery } from '../../api/queries.ts';
import type { FolderSummary } from '../../api/schemas.ts';
import { useText } from '../../i18n/I18n.tsx';
import { ErrorNotice, QueryView } from '../../ui/states.tsx';
import { TabStrip } from '../../ui/TabStrip.tsx';
import type { EditorProps } from '../../workbench/model.ts';
import { type FolderTab, folderTabs, tabOf } from './content-item.ts';
import { contentEditorText } from './editor-messages.ts';
import { FolderChain } from './FolderChain.tsx';
import { FolderCoverage } from './FolderCoverage.tsx';
import { FolderOverview } from './FolderOverview.tsx';
import { FolderTime } from './FolderTime.tsx';
import './content.css';

/** What every tab of the editor is given. */
export interface FolderTabProps {
  folder: FolderSummary;
  params: EditorProps['params'];
  setParams: EditorProps['setParams'];
}

/** The editor of a folder; its subject is an id or, from an address that somebody typed, a name. */
export function FolderEditor({ input, params, setParams, setTitle }: EditorProps) {
  const text = useText();
  const folders = useQuery(foldersQuery);
  return (
    <QueryView query={folders} what={text(contentEditorText.theFolder)}>
      {({ folders: list }) => {
        const folder = list.find(({ id }) => id === input.subject) ?? list.find(({ name }) => name === input.subject);
        return folder === undefined ? (
          <ErrorNotice
            error={new Error(text(contentEditorText.noSuchFolder))}
            what={text(contentEditorText.theFolder)}
          />
        ) : (
          <Folder folder={folder} params={params} setParams={setParams} setTitle={setTitle} />
        );
      }}
    </QueryView>
  );
}

const contents: Readonly<Record<FolderTab, (props: FolderTabProps) => React.ReactNode>> = {
  overview: FolderOverview,
  coverage: FolderCoverage,
  time: FolderTime,
  chain: FolderChain,
};

function Folder({ setTitle, ...props }: FolderTabProps & Pick<EditorProps, 'setTitle'>) {
  const text = useText();
  const { folder, params, setParams } = props;
  useEffect(() => setTitle(folder.name), [folder.name, setTitle]);
  const tab = tabOf(folderTabs, params);
  const Content = contents[tab];
  const labels: Record<FolderTab, string> = {
    overview: text(contentEditorText.tabOverview),
    coverage: text(contentEditorText.tabCoverage),
    time: text(contentEditorText.tabTime),
    chain: text(contentEditorText.tabChain),
  };
  return (
    <div className="editor-body content-editor">
      <h1>
        <bdi>{folder.name}</bdi>
      </h1>
      <p className="subtitle">
        <bdi>{folder.path}</bdi> · <bdi>{folder.nextcloud.name}</bdi>
      </p>
      <TabStrip
        label={text(contentEditorText.folderTabs)}
        tabs={folderTabs.map((id) => ({
          id,
          label: labels[id],
          ...(id === 'overview' && folder.problems > 0 ? { badge: folder.problems } : {}),
        }))}
        active={tab}
        onSelect={(next) => setParams(next === 'overview' ? {} : { tab: next })}
      >
        <Content {...props} />
      </TabStrip>
    </div>
  );
}
