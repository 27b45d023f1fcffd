'use client';
/** Who a PC is connected with, and who of its office it is not. */
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { agentsQuery } from '../../api/queries.ts';
import type { AgentSummary } from '../../api/schemas.ts';
import { useFormat, useText } from '../../i18n/I18n.tsx';
import { DataTable } from '../../ui/DataTable.tsx';
import { Empty, QueryView, State, Unknown } from '../../ui/states.tsx';
import type { Column } from '../../ui/table/model.ts';
import { useWorkbench } from '../../workbench/services.tsx';
import type { AgentTabProps } from './AgentEditor.tsx';
import { peersOf } from './agent-facts.ts';
import { conditionOf, conditions } from './agent-state.ts';
import { stateWords } from './agent-words.ts';
import { contextMenuOf } from './commands.ts';
import { editorMessages as messages } from './editor-messages.ts';
import { agentInput } from './inputs.ts';
import { messages as fleet } from './messages.ts';
import { Name } from './Name.tsx';
import { agentTarget } from './targets.ts';

interface Peer {
  agent: AgentSummary;
  isConnected: boolean;
}

export default function AgentPeers({ detail }: AgentTabProps) {
  const text = useText();
  const agents = useQuery(agentsQuery);
  return (
    <QueryView query={agents} what={text(fleet.thePcs)}>
      {(all) => <Peers detail={detail} all={all} />}
    </QueryView>
  );
}

function Peers({ detail, all }: AgentTabProps & { all: readonly AgentSummary[] }) {
  const text = useText();
  const services = useWorkbench();
  const { agent } = detail;
  const reported = useMemo(() => peersOf(detail), [detail]);
  const rows = useMemo(() => {
    const connected = new Set(reported);
    return all
      .filter(
        ({ id, officeId, state }) =>
          id !== agent.id && (connected.has(id) || (officeId === agent.officeId && state !== 'revoked')),
      )
      .map((peer): Peer => ({ agent: peer, isConnected: connected.has(peer.id) }));
  }, [all, reported, agent.id, agent.officeId]);
  const columns = useColumns();
  if (reported === null) return <Unknown reason={text(messages.notReported)} />;
  return (
    <div className="fleet-table inside">
      <DataTable
        label={text(messages.peers)}
        columns={columns}
        rows={rows}
        rowKey={keyOf}
        storageKey="agent-peers"
        csvName="harp-peers"
        initialSort={{ column: 'connected', descending: false }}
        onOpen={(peer) => services.editors.open(agentInput({ id: peer.agent.id, name: peer.agent.hostname }))}
        onContextMenu={(peers, at) =>
          services.menus.openContext(
            contextMenuOf('agent'),
            at,
            peers.map((peer) => agentTarget(peer.agent)),
          )
        }
        empty={<Empty sentence={text(messages.noNeighbours)} />}
      />
    </div>
  );
}

const keyOf = ({ agent }: Peer) => agent.id;

function useColumns(): readonly Column<Peer>[] {
  const text = useText();
  const format = useFormat();
  return useMemo(
    () => [
      {
        id: 'hostname',
        title: text(messages.pc),
        width: 200,
        value: ({ agent }) => agent.hostname,
        render: ({ agent }) => <Name>{agent.hostname}</Name>,
      },
      {
        id: 'connected',
        title: text(messages.connection),
        width: 160,
        value: ({ isConnected }) => text(isConnected ? messages.connected : messages.notConnected),
        render: ({ agent, isConnected }) => (
          // Nobody is connected with a PC that is away: that is no fault of the connection.
          <State tone={isConnected ? 'ok' : agent.state === 'online' ? 'warning' : 'unknown'}>
            {text(isConnected ? messages.connected : messages.notConnected)}
          </State>
        ),
      },
      {
        id: 'state',
        title: text(messages.state),
        width: 170,
        value: ({ agent }) => stateWords(agent, text, format),
        render: ({ agent }) => {
          const { icon, tone } = conditions[conditionOf(agent)];
          return (
            <State icon={icon} tone={tone}>
              {stateWords(agent, text, format)}
            </State>
          );
        },
      },
      {
        id: 'addresses',
        title: text(messages.addresses),
        width: 240,
        value: ({ agent }) => (agent.addresses.length === 0 ? null : agent.addresses.join(' ')),
      },
    ],
    [text, format],
  );
}
