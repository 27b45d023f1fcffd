'use client';
/** Every PC of the fleet as a table, or those that a query finds. The query stands in the address. */
import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo } from 'react';
import { agentsQuery, officesQuery } from '../../api/queries.ts';
import type { AgentSummary, OfficeSummary } from '../../api/schemas.ts';
import { useText } from '../../i18n/I18n.tsx';
import { SearchField } from '../../ui/SearchField.tsx';
import { Empty, EmptyFiltered, QueryView, Stale } from '../../ui/states.tsx';
import type { EditorProps } from '../../workbench/model.ts';
import { AgentTable } from './AgentTable.tsx';
import { editorMessages as texts } from './editor-messages.ts';
import { fleetQuery, queryKeys } from './fleet-query.ts';
import { messages } from './messages.ts';
import { usePaced } from './use-paced.ts';
import './fleet.css';

/** Sorting ten thousand rows takes a while: a table that changes under the eyes four times a second helps nobody. */
const TABLE_EVERY_MS = 1000;

const noOffices: readonly OfficeSummary[] = [];

export default function FleetTableEditor({ params, setParams, setTitle }: EditorProps) {
  const text = useText();
  const title = text(messages.fleet);
  useEffect(() => setTitle(title), [setTitle, title]);
  const agents = useQuery(agentsQuery);
  const offices = useQuery(officesQuery);
  const query = params.query ?? '';
  const change = (next: string) => setParams(next === '' ? {} : { query: next });
  return (
    <div className="fleet-table">
      <h1 className="visually-hidden">{text(texts.fleetTable)}</h1>
      <QueryView query={agents} what={text(messages.thePcs)}>
        {(all) => <Rows all={all} offices={offices.data?.offices ?? noOffices} query={query} onChange={change} />}
      </QueryView>
    </div>
  );
}

interface RowsProps {
  all: readonly AgentSummary[];
  offices: readonly OfficeSummary[];
  query: string;
  onChange(query: string): void;
}

function Rows({ all, offices, query, onChange }: RowsProps) {
  const text = useText();
  const paced = usePaced(all, TABLE_EVERY_MS);
  const found = useMemo(() => {
    const asked = fleetQuery(query);
    if (asked.isEmpty) return paced;
    const byId = new Map(offices.map((office) => [office.id, office]));
    return paced.filter((agent) => asked.matchesAgent(agent, byId.get(agent.officeId)));
  }, [paced, offices, query]);
  const total = all.filter(({ state }) => state !== 'revoked').length;
  const reporting = all.filter(({ state }) => state === 'online').length;
  return (
    <>
      <div className="fleet-filter">
        <SearchField
          label={text(messages.filterLabel)}
          value={query}
          onChange={onChange}
          keys={queryKeys}
          placeholder="office: state: version: -term"
          result={text(messages.found, { count: found.length })}
        />
        <Stale reporting={reporting} total={total} />
      </div>
      <AgentTable
        label={text(texts.fleetTable)}
        agents={found}
        offices={offices}
        withOffice
        storageKey="fleet"
        csvName="harp-fleet"
        empty={
          all.length === 0 ? (
            <Empty sentence={text(texts.noPcs)} command="npx harp token create --office NAME --uses 50 --expires 7d" />
          ) : (
            <EmptyFiltered sentence={text(messages.noMatch, { query })} onClear={() => onChange('')} />
          )
        }
      />
    </>
  );
}
