'use client';
/** The section with the tree of offices and their PCs: live, filtered by a query, grouped as the reader likes. */
import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState } from 'react';
import { agentsQuery, officesQuery } from '../../api/queries.ts';
import type { AgentSummary, OfficeSummary } from '../../api/schemas.ts';
import { useFormat, useText } from '../../i18n/I18n.tsx';
import { SearchField } from '../../ui/SearchField.tsx';
import { Empty, EmptyFiltered, ErrorNotice, QueryView, Stale } from '../../ui/states.tsx';
import { Tree } from '../../ui/Tree.tsx';
import { useActiveEditor, useContextKey, useSetting, useWorkbench } from '../../workbench/services.tsx';
import { contextMenuOf } from './commands.ts';
import { findOffice } from './fleet-access.ts';
import { fleetQuery, queryKeys } from './fleet-query.ts';
import { createFleetTree, type FleetNode } from './fleet-tree.ts';
import { createFleetWords } from './fleet-words.ts';
import { editorIds, inputOf } from './inputs.ts';
import { messages } from './messages.ts';
import { targetsIn } from './targets.ts';
import { FILTER_FOCUS_KEY, FILTER_KEY, GROUPING_SETTING, groupingOf, setFilter, setSelection } from './view-state.ts';
import './fleet.css';

export function OfficesView() {
  const text = useText();
  const offices = useQuery(officesQuery);
  return (
    <QueryView query={offices} what={text(messages.theFleet)}>
      {({ offices: list }) =>
        list.length === 0 ? (
          <Empty sentence={text(messages.noOffices)} command="npx harp apply -f fleet.yaml" />
        ) : (
          <FleetPart offices={list} />
        )
      }
    </QueryView>
  );
}

function FleetPart({ offices }: { offices: readonly OfficeSummary[] }) {
  const text = useText();
  const services = useWorkbench();
  const agents = useQuery(agentsQuery);
  const query = String(useContextKey(FILTER_KEY) ?? '');
  const change = (next: string) => setFilter(services, next);
  const nodes = useFleetNodes(offices, agents.data, query);
  const found = useMemo(() => (query === '' ? 0 : countAgents(nodes)), [nodes, query]);
  return (
    <div className="fleet-view">
      <div className="fleet-filter">
        <FilterField
          value={query}
          onChange={change}
          result={query === '' ? '' : text(messages.found, { count: found })}
        />
        <NotReporting agents={agents.data} />
      </div>
      {agents.isError && agents.data === undefined ? (
        <ErrorNotice error={agents.error} what={text(messages.thePcs)} retry={() => void agents.refetch()} />
      ) : null}
      {nodes.length === 0 ? (
        <EmptyFiltered sentence={text(messages.noMatch, { query })} onClear={() => change('')} />
      ) : (
        <FleetTreePart nodes={nodes} offices={offices} isFiltered={query !== ''} />
      )}
    </div>
  );
}

/** The rows: one tree for the life of the view, told of every change. */
function useFleetNodes(
  offices: readonly OfficeSummary[],
  agents: readonly AgentSummary[] | undefined,
  queryText: string,
): readonly FleetNode[] {
  const text = useText();
  const format = useFormat();
  const [tree] = useState(createFleetTree);
  const words = useMemo(() => createFleetWords(text, format), [text, format]);
  const query = useMemo(() => fleetQuery(queryText), [queryText]);
  const grouping = groupingOf(useSetting(GROUPING_SETTING));
  return useMemo(
    () => tree.update({ offices, agents, grouping, query, words }),
    [tree, offices, agents, grouping, query, words],
  );
}

function FilterField({ value, onChange, result }: { value: string; onChange(next: string): void; result: string }) {
  const text = useText();
  const field = useRef<HTMLInputElement>(null);
  const asked = useContextKey(FILTER_FOCUS_KEY);
  const answered = useRef(asked);
  useEffect(() => {
    if (asked === answered.current) return;
    answered.current = asked;
    field.current?.focus();
    field.current?.select();
  }, [asked]);
  return (
    <SearchField
      label={text(messages.filterLabel)}
      value={value}
      onChange={onChange}
      keys={queryKeys}
      placeholder="office: state: version: -term"
      result={result}
      inputRef={field}
    />
  );
}

/** How many PCs the rows speak for; nothing while all report. */
function NotReporting({ agents }: { agents: readonly AgentSummary[] | undefined }) {
  const counts = useMemo(() => {
    const counted = { reporting: 0, total: 0 };
    for (const { state } of agents ?? []) {
      if (state !== 'revoked') counted.total += 1;
      if (state === 'online') counted.reporting += 1;
    }
    return counted;
  }, [agents]);
  return agents === undefined ? null : <Stale {...counts} />;
}

interface FleetTreePartProps {
  nodes: readonly FleetNode[];
  offices: readonly OfficeSummary[];
  isFiltered: boolean;
}

function FleetTreePart({ nodes, offices, isFiltered }: FleetTreePartProps) {
  const text = useText();
  const services = useWorkbench();
  const [selection, setSelected] = useState<ReadonlySet<string>>(new Set());
  const revealId = useRevealed(offices);
  return (
    <Tree
      // What a filter found is shown, whatever was folded before.
      key={isFiltered ? 'filtered' : 'all'}
      {...(isFiltered ? {} : { storageKey: 'fleet' })}
      label={text(messages.officesAndPcs)}
      nodes={nodes}
      selection={selection}
      onSelect={(ids, selected) => {
        setSelected(ids);
        setSelection(services, targetsIn(selected));
      }}
      onOpen={({ data }, { preview }) => {
        if (data !== undefined) services.editors.open(inputOf(data), { preview, focus: !preview });
      }}
      onContextMenu={(clicked, at) => {
        const targets = targetsIn(clicked);
        if (targets[0] !== undefined) services.menus.openContext(contextMenuOf(targets[0].kind), at, targets);
      }}
      revealId={revealId}
    />
  );
}

/** The row of the editor in front. */
function useRevealed(offices: readonly OfficeSummary[]): string | undefined {
  const active = useActiveEditor();
  if (active?.editor === editorIds.agent) return `agent/${active.subject}`;
  if (active?.editor !== editorIds.office) return undefined;
  const office = findOffice(offices, active.subject);
  return office === undefined ? undefined : `office/${office.id}`;
}

function countAgents(nodes: readonly FleetNode[]): number {
  let count = 0;
  for (const { data, children } of nodes)
    count += (data?.kind === 'agent' ? 1 : 0) + (children === undefined ? 0 : countAgents(children));
  return count;
}
