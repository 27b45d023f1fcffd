'use client';
/** How far a PC is with each folder; what does not go on says why and what helps. */
import { useQuery } from '@tanstack/react-query';
import { foldersQuery } from '../../api/queries.ts';
import type { AgentSummary } from '../../api/schemas.ts';
import { useFormat, useText } from '../../i18n/I18n.tsx';
import { LinkButton } from '../../ui/Button.tsx';
import { ProgressBar } from '../../ui/charts/ProgressBar.tsx';
import { Empty, State } from '../../ui/states.tsx';
import type { Tone } from '../../ui/tone.ts';
import { useWorkbench } from '../../workbench/services.tsx';
import type { AgentTabProps } from './AgentEditor.tsx';
import { editorMessages as messages } from './editor-messages.ts';
import { Name } from './Name.tsx';
import { reasonFix, reasonWords } from './reasons.ts';

type Folder = AgentSummary['folders'][number];

const looks = {
  starting: { tone: 'info', icon: 'watch', name: messages.folderStarting },
  syncing: { tone: 'info', icon: 'sync', name: messages.folderSyncing },
  complete: { tone: 'ok', icon: 'pass', name: messages.folderComplete },
  blocked: { tone: 'error', icon: 'error', name: messages.folderBlocked },
} as const satisfies Record<Folder['state'], { tone: Tone; icon: string; name: unknown }>;

export default function AgentFolders({ detail: { agent } }: AgentTabProps) {
  const text = useText();
  const { editors } = useWorkbench();
  const folders = useQuery(foldersQuery);
  const known = new Map(folders.data?.folders.map((folder) => [folder.id, folder]));
  if (agent.folders.length === 0) return <Empty sentence={text(messages.noFolderReported)} />;
  return (
    <ul className="fleet-folders">
      {agent.folders.map((folder) => {
        const name = known.get(folder.id)?.name;
        return (
          <li key={folder.id}>
            {name === undefined ? (
              <span className="code">{folder.id}</span>
            ) : (
              <LinkButton
                run={() =>
                  editors.open({ editor: 'harp.editor.folder', subject: folder.id, title: name, icon: 'folder' })
                }
              >
                <Name>{name}</Name>
              </LinkButton>
            )}
            <FolderState folder={folder} headSeq={known.get(folder.id)?.seq} name={name ?? folder.id} />
          </li>
        );
      })}
    </ul>
  );
}

function FolderState({ folder, headSeq, name }: { folder: Folder; headSeq: number | undefined; name: string }) {
  const text = useText();
  const format = useFormat();
  const { tone, icon, name: state } = looks[folder.state];
  const fix = reasonFix(folder.reason, text);
  const isStarting = folder.bytesTotal === 0 && folder.state !== 'complete';
  return (
    <>
      <ProgressBar
        label={name}
        share={isStarting ? null : folder.bytesTotal === 0 ? 1 : folder.bytesDone / folder.bytesTotal}
        words={text(messages.filesAndBytes, {
          filesDone: format.count(folder.filesDone),
          filesTotal: format.count(folder.filesTotal),
          bytesDone: format.bytes(folder.bytesDone),
          bytesTotal: format.bytes(folder.bytesTotal),
        })}
        tone={tone}
      />
      <State tone={tone} icon={icon}>
        {folder.state === 'blocked'
          ? text(messages.blockedBecause, { reason: reasonWords(folder.reason, text) })
          : text(state)}
      </State>
      {folder.state === 'blocked' && fix !== undefined ? <span>{fix}</span> : null}
      <span className="muted">
        {headSeq === undefined
          ? text(messages.atEntry, { seq: format.count(folder.seq) })
          : text(messages.atEntryOf, { seq: format.count(folder.seq), head: format.count(headSeq) })}
      </span>
    </>
  );
}
