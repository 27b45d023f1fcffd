'use client';
/** The columns of every table of agents. */
import { useMemo } from 'react';
import type { AgentSummary, OfficeSummary } from '../../api/schemas.ts';
import { useFormat, useText } from '../../i18n/I18n.tsx';
import { State } from '../../ui/State.tsx';
import type { Column } from '../../ui/table/model.ts';
import { conditionOf, conditions, totalsOf } from './agent-state.ts';
import { stateWords } from './agent-words.ts';
import { editorMessages as messages } from './editor-messages.ts';
import { Name } from './Name.tsx';

/** Columns that stay the same objects while language and offices do. `withOffice` false leaves out what all rows would share. */
export function useAgentColumns(
  offices: readonly OfficeSummary[],
  withOffice: boolean,
): readonly Column<AgentSummary>[] {
  const text = useText();
  const format = useFormat();
  // Their names and regions only: offices are replaced every second, and sorting ten thousand rows again for that would be felt.
  const officeNames = JSON.stringify(offices.map(({ id, name, region }) => [id, name, region]));
  return useMemo(() => {
    const byId = new Map(
      (JSON.parse(officeNames) as [string, string, string | null][]).map(([id, name, region]) => [
        id,
        { name, region },
      ]),
    );
    const ofOffice: Column<AgentSummary>[] = [
      {
        id: 'office',
        title: text(messages.office),
        width: 120,
        value: ({ officeId }) => byId.get(officeId)?.name ?? null,
        render: ({ officeId }) => <Name>{byId.get(officeId)?.name ?? officeId}</Name>,
      },
      {
        id: 'region',
        title: text(messages.region),
        width: 110,
        hidden: true,
        value: ({ officeId }) => byId.get(officeId)?.region ?? null,
      },
    ];
    return [
      {
        id: 'hostname',
        title: text(messages.pc),
        width: 180,
        value: ({ hostname }) => hostname,
        render: ({ hostname }) => <Name>{hostname}</Name>,
      },
      {
        id: 'state',
        title: text(messages.state),
        width: 190,
        value: (agent) => stateWords(agent, text, format),
        render: (agent) => {
          const { icon, tone } = conditions[conditionOf(agent)];
          return (
            <State icon={icon} tone={tone}>
              {stateWords(agent, text, format)}
            </State>
          );
        },
      },
      ...(withOffice ? ofOffice : []),
      {
        id: 'version',
        title: text(messages.version),
        width: 80,
        value: ({ version }) => version,
        render: ({ version }) => <Name>{version}</Name>,
      },
      {
        id: 'lastSeen',
        title: text(messages.lastSeen),
        width: 115,
        value: ({ lastSeenAtMs }) => lastSeenAtMs,
        render: ({ lastSeenAtMs }) => <span title={format.dateTime(lastSeenAtMs)}>{format.ago(lastSeenAtMs)}</span>,
      },
      {
        id: 'peers',
        title: text(messages.peers),
        width: 100,
        align: 'end',
        value: ({ peers }) => peers,
        render: ({ peers }) => format.count(peers),
      },
      {
        id: 'folders',
        title: text(messages.foldersComplete),
        width: 145,
        align: 'end',
        value: ({ folders }) =>
          folders.length === 0 ? null : folders.filter(({ state }) => state === 'complete').length,
        render: ({ folders }) =>
          folders.length === 0
            ? format.UNKNOWN
            : text(messages.partOfWhole, {
                part: format.count(folders.filter(({ state }) => state === 'complete').length),
                whole: format.count(folders.length),
              }),
      },
      {
        id: 'progress',
        title: text(messages.progress),
        width: 90,
        align: 'end',
        value: ({ folders }) => shareDone(folders),
        render: ({ folders }) => format.share(totalsOf(folders).bytesDone, totalsOf(folders).bytesTotal),
      },
      {
        id: 'bytesDone',
        title: text(messages.bytesHeld),
        width: 110,
        align: 'end',
        hidden: true,
        value: ({ folders }) => (folders.length === 0 ? null : totalsOf(folders).bytesDone),
        render: ({ folders }) => (folders.length === 0 ? format.UNKNOWN : format.bytes(totalsOf(folders).bytesDone)),
      },
      {
        id: 'system',
        title: text(messages.system),
        width: 100,
        value: ({ platform }) => platform,
        render: ({ platform }) => <Name>{platform}</Name>,
      },
      {
        id: 'addresses',
        title: text(messages.addresses),
        width: 200,
        hidden: true,
        value: ({ addresses }) => (addresses.length === 0 ? null : addresses.join(' ')),
      },
      {
        id: 'enrolled',
        title: text(messages.enrolled),
        width: 150,
        hidden: true,
        value: ({ enrolledAtMs }) => enrolledAtMs,
        render: ({ enrolledAtMs }) => format.dateTime(enrolledAtMs),
      },
      { id: 'id', title: text(messages.agentId), width: 200, hidden: true, value: ({ id }) => id },
    ];
  }, [officeNames, withOffice, text, format]);
}

function shareDone(folders: AgentSummary['folders']): number | null {
  const { bytesDone, bytesTotal } = totalsOf(folders);
  return bytesTotal === 0 ? null : bytesDone / bytesTotal;
}
