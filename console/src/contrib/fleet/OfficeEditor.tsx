'use client';
import { useQuery } from '@tanstack/react-query';
import { agentsQuery, foldersQuery, officesQuery } from '../../api/queries.ts';
import type { OfficeSummary } from '../../api/schemas.ts';
import { formatAmount, formatBytes, formatDuration, formatShare, UNKNOWN } from '../../ui/format.ts';
import { Empty, QueryView } from '../../ui/states.tsx';
import { TrafficChart } from '../../ui/TrafficChart.tsx';
import type { EditorProps } from '../../workbench/model.ts';
import { shownState } from './agent-state.ts';

/** One office: what it holds, what crossed its line, its PCs. */
export function OfficeEditor({ subject, workbench }: EditorProps) {
  const offices = useQuery(officesQuery);
  return (
    <QueryView query={offices} what="The office">
      {({ offices: list }) => {
        const office = list.find(({ id }) => id === subject);
        return office === undefined ? (
          <Empty sentence="This office is no longer there." />
        ) : (
          <Office office={office} open={workbench.open} />
        );
      }}
    </QueryView>
  );
}

function Office({ office, open }: { office: OfficeSummary; open: EditorProps['workbench']['open'] }) {
  const { fromPeers, fromOrigin, fromLocal } = office.last24h;
  const folders = useQuery(foldersQuery);
  const held = folders.data?.folders.filter(({ id }) => office.folderIds.includes(id)) ?? [];
  return (
    <div className="editor-body">
      <h1>{office.name}</h1>
      <p className="subtitle">{office.subnets.length === 0 ? 'no subnets declared' : office.subnets.join(', ')}</p>
      <dl className="facts">
        <Fact name="PCs online" value={`${office.agentsOnline} of ${office.agentsTotal}`} />
        <Fact name="Over the WAN, 24 h" value={formatBytes(fromOrigin)} />
        <Fact name="From neighbours, 24 h" value={formatBytes(fromPeers)} />
        <Fact name="Reused on the PC, 24 h" value={formatBytes(fromLocal)} />
        <Fact name="Kept off the WAN" value={formatShare(fromPeers + fromLocal, fromPeers + fromLocal + fromOrigin)} />
      </dl>
      <section>
        <h2>Where did this office’s bytes come from?</h2>
        <TrafficChart office={office.id} />
      </section>
      <section>
        <h2>Folders</h2>
        {held.length === 0 ? (
          <span className="muted">No folder is distributed to this office.</span>
        ) : (
          held.map((folder) => (
            <div key={folder.id}>
              <button
                type="button"
                className="link-button"
                onClick={() =>
                  open({ editor: 'harp.editor.folder', subject: folder.id, title: folder.name, icon: 'folder' })
                }
              >
                {folder.name}
              </button>{' '}
              <span className="muted">
                {formatAmount(folder.fileCount, 'file', 'files')}, {formatBytes(folder.byteCount)}
              </span>
            </div>
          ))
        )}
      </section>
      <section>
        <h2>PCs</h2>
        <Agents officeId={office.id} open={open} />
      </section>
    </div>
  );
}

function Agents({ officeId, open }: { officeId: string; open: EditorProps['workbench']['open'] }) {
  const agents = useQuery(agentsQuery);
  return (
    <QueryView query={agents} what="The PCs">
      {(all) => {
        const mine = all.filter((agent) => agent.officeId === officeId);
        if (mine.length === 0)
          return (
            <Empty
              sentence="No PC has enrolled here yet."
              command="npx harp token create --office NAME --uses 50 --expires 7d"
            />
          );
        return (
          <div className="table-scroll">
            <table className="grid">
              <thead>
                <tr>
                  <th>PC</th>
                  <th>State</th>
                  <th className="number">Neighbours</th>
                  <th>Last seen</th>
                  <th>System</th>
                  <th>Version</th>
                </tr>
              </thead>
              <tbody>
                {mine.map((agent) => {
                  const { icon, tone, words } = shownState(agent);
                  return (
                    <tr key={agent.id}>
                      <td className="name">
                        <button
                          type="button"
                          className="link-button"
                          onClick={() =>
                            open({ editor: 'harp.editor.agent', subject: agent.id, title: agent.hostname, icon: 'vm' })
                          }
                        >
                          {agent.hostname}
                        </button>
                      </td>
                      <td>
                        <span className={`state ${tone}`}>
                          <i className={`codicon codicon-${icon}`} aria-hidden="true" />
                          {words}
                        </span>
                      </td>
                      <td className="number">{agent.peers ?? UNKNOWN}</td>
                      <td>
                        {agent.lastSeenAtMs === null
                          ? UNKNOWN
                          : `${formatDuration(Date.now() - agent.lastSeenAtMs)} ago`}
                      </td>
                      <td>{agent.platform}</td>
                      <td>{agent.version}</td>
                    </tr>
                  );
                })}
              </tbody>
            </table>
          </div>
        );
      }}
    </QueryView>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
