'use client';
/** A table of agents with what can be done with those that are selected. */
import { type ReactNode, useState } from 'react';
import type { AgentSummary, OfficeSummary } from '../../api/schemas.ts';
import { useText } from '../../i18n/I18n.tsx';
import { Button } from '../../ui/Button.tsx';
import { DataTable } from '../../ui/DataTable.tsx';
import { useWorkbench } from '../../workbench/services.tsx';
import { useAgentColumns } from './agent-columns.tsx';
import { contextMenuOf } from './commands.ts';
import { editorMessages as messages } from './editor-messages.ts';
import { agentInput } from './inputs.ts';
import { agentTarget } from './targets.ts';
import { setSelection } from './view-state.ts';

export interface AgentTableProps {
  label: string;
  agents: readonly AgentSummary[];
  offices: readonly OfficeSummary[];
  withOffice: boolean;
  storageKey: string;
  empty: ReactNode;
  csvName: string;
}

export function AgentTable({ label, agents, offices, withOffice, storageKey, empty, csvName }: AgentTableProps) {
  const text = useText();
  const services = useWorkbench();
  const columns = useAgentColumns(offices, withOffice);
  const [selected, setSelected] = useState<readonly AgentSummary[]>([]);
  const targets = selected.map(agentTarget);
  const none = selected.length === 0 ? text(messages.selectSome) : undefined;
  return (
    <DataTable
      label={label}
      columns={columns}
      rows={agents}
      rowKey={keyOf}
      storageKey={storageKey}
      csvName={csvName}
      initialSort={{ column: 'hostname', descending: false }}
      onOpen={(agent) => services.editors.open(agentInput({ id: agent.id, name: agent.hostname }))}
      onSelect={(_, rows) => {
        setSelected(rows);
        setSelection(services, rows.map(agentTarget));
      }}
      onContextMenu={(rows, at) => services.menus.openContext(contextMenuOf('agent'), at, rows.map(agentTarget))}
      empty={empty}
      hidesCount
      toolbar={
        <>
          <Button
            kind="secondary"
            icon="compare-changes"
            disabledReason={selected.length === 2 ? undefined : text(messages.selectTwo)}
            run={() => void services.commands.run('harp.fleet.compareSelected', targets)}
          >
            {text(messages.compare)}
          </Button>
          <Button
            kind="secondary"
            icon="copy"
            disabledReason={none}
            run={() => void services.commands.run('harp.fleet.copyId', targets)}
          >
            {text(messages.copyIds)}
          </Button>
        </>
      }
    />
  );
}

const keyOf = ({ id }: AgentSummary) => id;
