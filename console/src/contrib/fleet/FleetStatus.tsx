'use client';
/** The fleet in the status bar: how many PCs are there, and how old what is shown may be. */
import { useQuery } from '@tanstack/react-query';
import { agentsQuery, officesQuery } from '../../api/queries.ts';
import { serverTimeOf } from '../../api/server-clock.ts';
import { useFormat, useText } from '../../i18n/I18n.tsx';
import { useContextKey, useWorkbench } from '../../workbench/services.tsx';
import { messages } from './messages.ts';
import { useNow } from './use-now.ts';

/** How many PCs are online of how many. Opens the table. */
export function PcsOnline() {
  const text = useText();
  const format = useFormat();
  const { commands } = useWorkbench();
  const { data } = useQuery(officesQuery);
  const sum = (key: 'agentsOnline' | 'agentsTotal') =>
    format.count(data?.offices.reduce((total, office) => total + office[key], 0));
  const values = { online: sum('agentsOnline'), total: sum('agentsTotal') };
  const isKnown = data !== undefined;
  return (
    <button
      type="button"
      title={isKnown ? text(messages.pcsOnlineTitle, values) : text(messages.pcsUnknownTitle)}
      onClick={() => void commands.run('harp.fleet.openTable')}
    >
      <i className="codicon codicon-vm" aria-hidden="true" />
      {isKnown ? text(messages.pcsOnline, values) : text(messages.pcsUnknown)}
    </button>
  );
}

/** While the live link is up, what is shown is as of now; otherwise as of when it was lost. */
export function DataAge() {
  const text = useText();
  const format = useFormat();
  const agents = useQuery(agentsQuery);
  const offices = useQuery(officesQuery);
  const liveState = useContextKey('liveState');
  const lostAtMs = useContextKey('liveSinceMs');
  const now = useNow(10_000);
  const browserReadAtMs = Math.max(agents.dataUpdatedAt, offices.dataUpdatedAt);
  if (browserReadAtMs === 0) return null;
  const readAtMs = serverTimeOf(browserReadAtMs);
  if (liveState === 'lost') {
    const atMs = Math.max(readAtMs, typeof lostAtMs === 'number' ? serverTimeOf(lostAtMs) : 0);
    return (
      <span title={text(messages.dataOldTitle, { time: format.dateTime(atMs) })}>
        <i className="codicon codicon-history" aria-hidden="true" />
        {text(messages.dataOld, { age: format.duration(now - atMs) })}
      </span>
    );
  }
  return (
    <span className="fleet-data-age" title={text(messages.dataAgeTitle, { time: format.dateTime(readAtMs) })}>
      {text(messages.dataAge, { time: format.clock(readAtMs) })}
    </span>
  );
}
