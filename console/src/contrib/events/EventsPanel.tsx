'use client';
import { useQuery } from '@tanstack/react-query';
import { eventsQuery, foldersQuery } from '../../api/queries.ts';
import { formatDateTime, formatTime } from '../../ui/format.ts';
import { Empty, QueryView } from '../../ui/states.tsx';
import type { ViewProps } from '../../workbench/model.ts';
import { describe } from './describe.ts';

/** What agents reported that a person may have to know, newest first. */
export function EventsPanel(_: ViewProps) {
  const events = useQuery(eventsQuery);
  const folders = useQuery(foldersQuery);
  const nameOf = (id: string | null) => folders.data?.folders.find((folder) => folder.id === id)?.name ?? '';
  return (
    <QueryView query={events} what="The events">
      {({ events: rows }) =>
        rows.length === 0 ? (
          <Empty sentence="No events yet. Agents report here what a person may have to know." />
        ) : (
          <table className="grid">
            <thead>
              <tr>
                <th>Time</th>
                <th>PC</th>
                <th>Folder</th>
                <th>Event</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => {
                const { icon, tone, words } = describe(row);
                return (
                  <tr key={row.id}>
                    <td title={formatDateTime(row.atMs)}>{formatTime(row.atMs)}</td>
                    <td>{row.hostname}</td>
                    <td>{nameOf(row.folderId)}</td>
                    <td className="name" title={words}>
                      <span className="state">
                        <i className={`codicon codicon-${icon} ${tone}`} aria-hidden="true" />
                        {words}
                      </span>
                    </td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        )
      }
    </QueryView>
  );
}
