'use client';
/** One office in four tabs. The tab and its range stand in the address. */
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useEffect } from 'react';
import { officesQuery } from '../../api/queries.ts';
import type { OfficeSummary } from '../../api/schemas.ts';
import { useFormat, useText } from '../../i18n/I18n.tsx';
import { Empty, Loading, QueryView } from '../../ui/states.tsx';
import { TabStrip } from '../../ui/TabStrip.tsx';
import type { EditorProps } from '../../workbench/model.ts';
import { useWorkbench } from '../../workbench/services.tsx';
import { editorMessages as messages } from './editor-messages.ts';
import { findOffice } from './fleet-access.ts';
import { type OfficeTab, officeTabs, tabOf } from './inputs.ts';
import { Name } from './Name.tsx';
import { useNow } from './use-now.ts';
import './fleet.css';

const tabs = {
  overview: lazy(() => import('./OfficeOverview.tsx')),
  agents: lazy(() => import('./OfficeAgents.tsx')),
  transfers: lazy(() => import('./OfficeTransfers.tsx')),
  throughput: lazy(() => import('./OfficeThroughput.tsx')),
};

/** What each tab of an office is given. */
export interface OfficeTabProps {
  office: OfficeSummary;
  params: Readonly<Record<string, string>>;
  setParams(next: Record<string, string>): void;
}

export default function OfficeEditor({ input, params, setParams, setTitle }: EditorProps) {
  const text = useText();
  const { commands } = useWorkbench();
  const offices = useQuery(officesQuery);
  const office = findOffice(offices.data?.offices ?? [], input.subject);
  const name = office?.name;
  useEffect(() => {
    if (name !== undefined) setTitle(name);
  }, [name, setTitle]);
  return (
    <QueryView query={offices} what={text(messages.theOffice)}>
      {() =>
        office === undefined ? (
          <Empty
            sentence={text(messages.officeGone, { name: input.subject })}
            action={{ label: text(messages.openAnotherOffice), run: () => void commands.run('harp.fleet.openOffice') }}
          />
        ) : (
          <Office office={office} params={params} setParams={setParams} />
        )
      }
    </QueryView>
  );
}

function Office({ office, params, setParams }: OfficeTabProps) {
  const text = useText();
  const format = useFormat();
  const now = useNow(30_000);
  const tab = tabOf(officeTabs, params);
  const Tab = tabs[tab];
  const labels: Record<OfficeTab, string> = {
    overview: text(messages.overview),
    agents: text(messages.pcs),
    transfers: text(messages.transfers),
    throughput: text(messages.throughput),
  };
  return (
    <div className="editor-body fleet-editor">
      <h1>
        <Name>{office.name}</Name>
      </h1>
      <p className="subtitle">
        {office.subnets.length === 0 ? text(messages.noSubnets) : office.subnets.join(', ')}
        {office.timeZone === null
          ? null
          : ` · ${text(messages.timeThere, { time: format.clock(now, office.timeZone), zone: office.timeZone })}`}
      </p>
      <TabStrip
        label={text(messages.partsOf, { name: office.name })}
        tabs={officeTabs.map((id) => ({
          id,
          label: labels[id],
          badge: id === 'agents' ? office.agentsTotal : undefined,
        }))}
        active={tab}
        onSelect={(id) => setParams({ tab: id })}
      >
        <Suspense fallback={<Loading what={labels[tab]} />}>
          <Tab office={office} params={params} setParams={setParams} />
        </Suspense>
      </TabStrip>
    </div>
  );
}
