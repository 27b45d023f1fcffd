'use client';
import { useQuery } from '@tanstack/react-query';
import { agentQuery, foldersQuery } from '../../api/queries.ts';
import { formatBytes, formatCount, formatDateTime, formatShare, UNKNOWN } from '../../ui/format.ts';
import { QueryView } from '../../ui/states.tsx';
import type { EditorProps } from '../../workbench/model.ts';
import { shownState } from './agent-state.ts';

/** One PC: who it is and how far it is with each folder. */
export function AgentEditor({ subject }: EditorProps) {
  const agent = useQuery(agentQuery(subject));
  const folders = useQuery(foldersQuery);
  const nameOf = (id: string) => folders.data?.folders.find((folder) => folder.id === id)?.name ?? id;
  return (
    <QueryView query={agent} what="The PC">
      {(data) => {
        const { icon, tone, words } = shownState(data);
        return (
          <div className="editor-body">
            <h1>{data.hostname}</h1>
            <p className={`subtitle state ${tone}`}>
              <i className={`codicon codicon-${icon}`} aria-hidden="true" />
              {words}
            </p>
            <dl className="facts">
              {[
                ['Last seen', data.lastSeenAtMs === null ? UNKNOWN : formatDateTime(data.lastSeenAtMs)],
                ['Enrolled', formatDateTime(data.enrolledAtMs)],
                ['System', data.platform],
                ['Version', data.version],
                ['Neighbours', data.peers === null ? UNKNOWN : formatCount(data.peers)],
                ['Addresses', data.addresses.join(', ') || UNKNOWN],
              ].map(([name, value]) => (
                <div key={name}>
                  <dt>{name}</dt>
                  <dd>{value}</dd>
                </div>
              ))}
            </dl>
            <section>
              <h2>Identity</h2>
              <span className="code">{data.id}</span>
            </section>
            <section>
              <h2>Folders</h2>
              {data.folders.length === 0 ? <span className="muted">It has not reported any folder.</span> : null}
              {data.folders.map((folder) => (
                <div key={folder.id}>
                  {nameOf(folder.id)}: {folder.state}
                  {folder.reason === null ? '' : ` (${folder.reason})`}, {formatCount(folder.filesDone)} of{' '}
                  {formatCount(folder.filesTotal)} files, {formatBytes(folder.bytesDone)} of{' '}
                  {formatBytes(folder.bytesTotal)} ({formatShare(folder.bytesDone, folder.bytesTotal)}), entry{' '}
                  {folder.seq}
                </div>
              ))}
            </section>
          </div>
        );
      }}
    </QueryView>
  );
}
