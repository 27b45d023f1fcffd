'use client';
/** The PCs of an office. */
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { agentsQuery } from '../../api/queries.ts';
import type { AgentSummary } from '../../api/schemas.ts';
import { useText } from '../../i18n/I18n.tsx';
import { Empty, QueryView } from '../../ui/states.tsx';
import { AgentTable } from './AgentTable.tsx';
import { editorMessages as texts } from './editor-messages.ts';
import { messages } from './messages.ts';
import type { OfficeTabProps } from './OfficeEditor.tsx';

export default function OfficeAgents({ office }: OfficeTabProps) {
  const text = useText();
  const agents = useQuery(agentsQuery);
  return (
    <QueryView query={agents} what={text(messages.thePcs)}>
      {(all) => <Rows all={all} office={office} />}
    </QueryView>
  );
}

function Rows({ all, office }: { all: readonly AgentSummary[]; office: OfficeTabProps['office'] }) {
  const text = useText();
  const agents = useMemo(() => all.filter(({ officeId }) => officeId === office.id), [all, office.id]);
  const offices = useMemo(() => [office], [office]);
  return (
    <div className="fleet-table inside">
      <AgentTable
        label={text(texts.pcsOf, { name: office.name })}
        agents={agents}
        offices={offices}
        withOffice={false}
        storageKey="office-agents"
        csvName={`harp-${office.name}-pcs`}
        empty={
          <Empty
            sentence={text(texts.noPcsHere)}
            command="npx harp token create --office NAME --uses 50 --expires 7d"
          />
        }
      />
    </div>
  );
}
