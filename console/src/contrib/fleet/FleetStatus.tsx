'use client';
import { useQuery } from '@tanstack/react-query';
import { officesQuery } from '../../api/queries.ts';
import { useLiveState } from '../../session/live.tsx';
import { formatTime } from '../../ui/format.ts';

/** Whether what is shown is live. */
export function LiveStatus() {
  const live = useLiveState();
  if (live.kind === 'live') {
    return (
      <span title="Changes appear as they happen">
        <i className="codicon codicon-radio-tower" aria-hidden="true" />
        Live
      </span>
    );
  }
  if (live.kind === 'connecting') return <span className="muted">Connecting…</span>;
  return (
    <span className="prominent" role="status">
      <i className="codicon codicon-debug-disconnect" aria-hidden="true" />
      Stale since {formatTime(live.sinceMs)}
    </span>
  );
}

/** How many PCs are there. */
export function FleetStatus() {
  const { data } = useQuery(officesQuery);
  if (data === undefined) return null;
  const total = data.offices.reduce((sum, office) => sum + office.agentsTotal, 0);
  const online = data.offices.reduce((sum, office) => sum + office.agentsOnline, 0);
  return (
    <span title={`${online} of ${total} PCs online`}>
      <i className="codicon codicon-vm" aria-hidden="true" />
      {online}/{total} PCs
    </span>
  );
}

/** When the fleet was last read: how old what is shown may be. */
export function DataAge() {
  const { dataUpdatedAt } = useQuery(officesQuery);
  if (dataUpdatedAt === 0) return null;
  return <span title="When the fleet was last read from the server">Updated {formatTime(dataUpdatedAt)}</span>;
}
