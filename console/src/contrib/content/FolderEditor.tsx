'use client';
import { useQuery } from '@tanstack/react-query';
import { folderQuery } from '../../api/queries.ts';
import type { FolderCoverage } from '../../api/schemas.ts';
import {
  formatAmount,
  formatBytes,
  formatCount,
  formatDateTime,
  formatDuration,
  formatShare,
  UNKNOWN,
} from '../../ui/format.ts';
import { QueryView } from '../../ui/states.tsx';
import type { EditorProps } from '../../workbench/model.ts';

/** One folder: where its chain stands and how far every office and PC is with it. */
export function FolderEditor({ subject }: EditorProps) {
  const folder = useQuery(folderQuery(subject));
  return (
    <QueryView query={folder} what="The folder">
      {(coverage) => (
        <div className="editor-body">
          <FolderFacts coverage={coverage} />
          {coverage.offices.length === 0 ? (
            <section>
              <span className="muted">No office has this folder yet. Add one to it in fleet.yaml.</span>
            </section>
          ) : (
            coverage.offices.map((office) => <OfficeCoverage key={office.officeId} office={office} />)
          )}
        </div>
      )}
    </QueryView>
  );
}

function FolderFacts({ coverage: { folder } }: { coverage: FolderCoverage }) {
  return (
    <>
      <h1>{folder.name}</h1>
      <p className="subtitle">
        {folder.path} on {folder.nextcloud.name}
        {folder.nextcloud.version === null ? '' : ` (Nextcloud ${folder.nextcloud.version})`}
      </p>
      {folder.error === null ? null : (
        <p role="alert" className="state error">
          <i className="codicon codicon-error" aria-hidden="true" />
          {folder.error.detail} ({folder.error.code})
        </p>
      )}
      <dl className="facts">
        <div>
          <dt>Files</dt>
          <dd>{formatCount(folder.fileCount)}</dd>
        </div>
        <div>
          <dt>Size</dt>
          <dd>{formatBytes(folder.byteCount)}</dd>
        </div>
        <div>
          <dt>Chain</dt>
          <dd title={folder.link}>
            entry {formatCount(folder.seq)} <span className="code muted">{folder.link.slice(0, 8)}</span>
          </dd>
        </div>
        <div>
          <dt>Last looked at</dt>
          <dd>{folder.indexedAtMs === null ? UNKNOWN : formatDateTime(folder.indexedAtMs)}</dd>
        </div>
        <div>
          <dt>Not distributable</dt>
          <dd className={folder.problems > 0 ? 'warning' : ''}>{formatAmount(folder.problems, 'file', 'files')}</dd>
        </div>
      </dl>
    </>
  );
}

type Office = FolderCoverage['offices'][number];

const icons = {
  complete: ['pass', 'ok'],
  syncing: ['sync', 'ok'],
  starting: ['loading', 'unknown'],
  blocked: ['error', 'error'],
} as const;

function OfficeCoverage({ office }: { office: Office }) {
  if (office.agentsTotal === 0) {
    return (
      <section>
        <h2>{office.officeName}</h2>
        <span className="muted">No PC has enrolled here yet.</span>
      </section>
    );
  }
  const { agentsComplete, agentsTotal, agentsReporting, bytesDone, bytesTotal } = office;
  return (
    <section aria-labelledby={`coverage-${office.officeId}`}>
      <h2 id={`coverage-${office.officeId}`}>{office.officeName}</h2>
      <p>
        {agentsComplete} of {agentsTotal} PCs complete, {formatShare(bytesDone, bytesTotal)} of the bytes in place
        {agentsReporting < agentsTotal ? (
          <span className="warning"> · {agentsTotal - agentsReporting} not reporting</span>
        ) : null}
      </p>
      {office.shareError === null ? null : (
        <p className="state error">
          <i className="codicon codicon-error" aria-hidden="true" />
          The office’s share in Nextcloud does not work: {office.shareError}
        </p>
      )}
      <div
        className="meter wide"
        role="progressbar"
        aria-label={`${office.officeName}: bytes in place`}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={bytesTotal === 0 ? 0 : Math.floor((100 * bytesDone) / bytesTotal)}
      >
        <span className="done" style={{ width: bytesTotal === 0 ? 0 : `${(100 * bytesDone) / bytesTotal}%` }} />
      </div>
      <div className="table-scroll">
        <table className="grid">
          <thead>
            <tr>
              <th>PC</th>
              <th>State</th>
              <th className="number">Files</th>
              <th className="number">Bytes</th>
              <th className="number">Entry</th>
              <th>Reported</th>
            </tr>
          </thead>
          <tbody>
            {office.agents.map((agent) => (
              <AgentRow key={agent.agentId} agent={agent} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function AgentRow({ agent }: { agent: Office['agents'][number] }) {
  const [icon, tone] = agent.sync === null ? (['circle-large-outline', 'unknown'] as const) : icons[agent.sync];
  const known = agent.sync !== null && agent.sync !== 'starting';
  const words =
    agent.sync === null
      ? 'no report'
      : agent.sync === 'blocked'
        ? `blocked: ${agent.reason ?? 'no reason reported'}`
        : agent.sync;
  return (
    <tr>
      <td className="name">{agent.hostname}</td>
      <td>
        <span className={`state ${tone}`}>
          <i className={`codicon codicon-${icon}`} aria-hidden="true" />
          {words}
          {agent.state === 'online' ? '' : `, ${agent.state}`}
        </span>
      </td>
      <td className="number">
        {!known || agent.filesDone === null || agent.filesTotal === null
          ? UNKNOWN
          : `${formatCount(agent.filesDone)} / ${formatCount(agent.filesTotal)}`}
      </td>
      <td className="number">
        {!known || agent.bytesDone === null || agent.bytesTotal === null
          ? UNKNOWN
          : `${formatBytes(agent.bytesDone)} / ${formatBytes(agent.bytesTotal)}`}
      </td>
      <td className="number">{known ? (agent.seq ?? UNKNOWN) : UNKNOWN}</td>
      <td>{agent.reportedAtMs === null ? UNKNOWN : `${formatDuration(Date.now() - agent.reportedAtMs)} ago`}</td>
    </tr>
  );
}
