'use client';
import { useQuery } from '@tanstack/react-query';
import { transfersQuery } from '../../api/queries.ts';
import type { TransferRow } from '../../api/schemas.ts';
import { formatBytes, formatDateTime, formatDuration, formatShare, formatTime } from '../../ui/format.ts';
import { Empty, QueryView } from '../../ui/states.tsx';
import type { ViewProps } from '../../workbench/model.ts';

/** Files that reached offices, newest first, with where their bytes came from. */
export function TransfersPanel(_: ViewProps) {
  const transfers = useQuery(transfersQuery({}));
  return (
    <QueryView query={transfers} what="The transfers">
      {({ transfers: rows }) =>
        rows.length === 0 ? (
          <Empty sentence="Nothing has been delivered yet. Files appear here as PCs complete them." />
        ) : (
          <table className="grid">
            <thead>
              <tr>
                <th>File</th>
                <th>Office</th>
                <th className="number">Size</th>
                <th className="number">PCs</th>
                <th>Source</th>
                <th className="number">LAN</th>
                <th className="number">WAN</th>
                <th className="number">Reused</th>
                <th>Finished</th>
                <th className="number">Took</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <Transfer key={`${row.folderId}/${row.officeId}/${row.seq}`} row={row} />
              ))}
            </tbody>
          </table>
        )
      }
    </QueryView>
  );
}

function Transfer({ row }: { row: TransferRow }) {
  const total = row.fromPeers + row.fromOrigin + row.fromLocal;
  const parts = [
    ['lan', row.fromPeers, 'from neighbours'],
    ['wan', row.fromOrigin, 'over the WAN'],
    ['local', row.fromLocal, 'reused'],
  ] as const;
  const words =
    total === 0 ? 'no bytes moved' : parts.map(([, bytes, name]) => `${formatShare(bytes, total)} ${name}`).join(', ');
  return (
    <tr>
      <td className="name" title={`${row.folderName}/${row.path}`}>
        {row.path}
      </td>
      <td>{row.officeName}</td>
      <td className="number">{formatBytes(row.sizeBytes)}</td>
      <td className="number">
        {row.agentsDone} / {row.agentsTotal}
      </td>
      <td>
        <span className="meter" role="img" aria-label={words} title={words}>
          {total === 0
            ? null
            : parts.map(([name, bytes]) => (
                <span key={name} className={name} style={{ width: `${(100 * bytes) / total}%` }} />
              ))}
        </span>
      </td>
      <td className="number">{formatBytes(row.fromPeers)}</td>
      <td className="number">{formatBytes(row.fromOrigin)}</td>
      <td className="number">{formatBytes(row.fromLocal)}</td>
      <td title={formatDateTime(row.lastAtMs)}>{formatTime(row.lastAtMs)}</td>
      <td className="number">{formatDuration(row.tookMsMax)}</td>
    </tr>
  );
}
