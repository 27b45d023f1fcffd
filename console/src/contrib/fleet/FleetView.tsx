'use client';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { agentsQuery, officesQuery } from '../../api/queries.ts';
import type { AgentSummary, OfficeSummary } from '../../api/schemas.ts';
import { Empty, QueryView } from '../../ui/states.tsx';
import { Tree, type TreeNode } from '../../ui/Tree.tsx';
import type { ViewProps } from '../../workbench/model.ts';
import { shownState, worstTone } from './agent-state.ts';

/** Offices and their PCs, live. */
export function FleetView({ workbench }: ViewProps) {
  const offices = useQuery(officesQuery);
  const agents = useQuery(agentsQuery);
  return (
    <QueryView query={offices} what="The fleet">
      {({ offices: list }) =>
        list.length === 0 ? (
          <Empty sentence="No offices yet. Declare them in fleet.yaml, then:" command="npx harp apply -f fleet.yaml" />
        ) : (
          <FleetTree offices={list} agents={agents.data} open={workbench.open} />
        )
      }
    </QueryView>
  );
}

interface FleetTreeProps {
  offices: readonly OfficeSummary[];
  agents: readonly AgentSummary[] | undefined;
  open: ViewProps['workbench']['open'];
}

function FleetTree({ offices, agents, open }: FleetTreeProps) {
  const nodes = useMemo(() => fleetNodes(offices, agents ?? []), [offices, agents]);
  return (
    <Tree
      label="Offices and PCs"
      nodes={nodes}
      onOpen={(node) => {
        const [kind, subject = ''] = node.id.split('/');
        open({
          editor: `harp.editor.${kind}`,
          subject,
          title: node.name,
          icon: kind === 'office' ? 'organization' : 'vm',
        });
      }}
    />
  );
}

function fleetNodes(offices: readonly OfficeSummary[], agents: readonly AgentSummary[]): TreeNode[] {
  const byOffice = groupByOffice(agents);
  return offices.map((office) => {
    const children = (byOffice.get(office.id) ?? [])
      .toSorted((a, b) => a.hostname.localeCompare(b.hostname))
      .map((agent) => {
        const { icon, tone, words } = shownState(agent);
        return {
          id: `agent/${agent.id}`,
          name: agent.hostname,
          icon,
          tone,
          description: words,
          title: `${agent.hostname}: ${words}`,
        };
      });
    const description = office.agentsTotal === 0 ? 'no PCs' : `${office.agentsOnline}/${office.agentsTotal}`;
    return {
      id: `office/${office.id}`,
      name: office.name,
      icon: 'organization',
      tone: children.length === 0 ? ('unknown' as const) : worstTone(children.map(({ tone }) => tone)),
      description,
      title: `${office.name}: ${office.agentsOnline} of ${office.agentsTotal} PCs online`,
      children,
    };
  });
}

function groupByOffice(agents: readonly AgentSummary[]): Map<string, AgentSummary[]> {
  const groups = new Map<string, AgentSummary[]>();
  for (const agent of agents) {
    const group = groups.get(agent.officeId);
    if (group === undefined) groups.set(agent.officeId, [agent]);
    else group.push(agent);
  }
  return groups;
}
