'use client';
/** One PC in five tabs: what it is, how it is, what it said of itself. */
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useEffect } from 'react';
import { ApiError } from '../../api/client.ts';
import { useAgent } from '../../api/live.tsx';
import { agentDetailQuery } from '../../api/queries.ts';
import type { AgentDetail } from '../../api/schemas.ts';
import { useFormat, useText } from '../../i18n/I18n.tsx';
import { Button } from '../../ui/Button.tsx';
import { Empty, Loading, QueryView, State } from '../../ui/states.tsx';
import { TabStrip } from '../../ui/TabStrip.tsx';
import { Toolbar } from '../../ui/Toolbar.tsx';
import type { EditorProps } from '../../workbench/model.ts';
import { useWorkbench } from '../../workbench/services.tsx';
import { conditionOf, conditions } from './agent-state.ts';
import { stateWords } from './agent-words.ts';
import { cutName } from './display-name.ts';
import { editorMessages as messages } from './editor-messages.ts';
import { type AgentTab, agentTabs, officeInput, tabOf } from './inputs.ts';
import { Name } from './Name.tsx';
import './fleet.css';

const tabs = {
  overview: lazy(() => import('./AgentOverview.tsx')),
  folders: lazy(() => import('./AgentFolders.tsx')),
  peers: lazy(() => import('./AgentPeers.tsx')),
  events: lazy(() => import('./AgentEvents.tsx')),
  reported: lazy(() => import('./AgentReported.tsx')),
};

/** What each tab of an agent is given. `detail.agent` is as fresh as the live stream. */
export interface AgentTabProps {
  detail: AgentDetail;
}

export default function AgentEditor({ input, params, setParams, setTitle }: EditorProps) {
  const text = useText();
  const { commands } = useWorkbench();
  const detail = useQuery(agentDetailQuery(input.subject));
  const live = useAgent(input.subject);
  const hostname = live?.hostname ?? detail.data?.agent.hostname;
  useEffect(() => {
    if (hostname !== undefined) setTitle(cutName(hostname));
  }, [hostname, setTitle]);
  if (detail.data === undefined && detail.error instanceof ApiError && detail.error.status === 404) {
    return (
      <Empty
        sentence={text(messages.agentGone)}
        action={{ label: text(messages.openAnotherPc), run: () => void commands.run('harp.fleet.openAgent') }}
      />
    );
  }
  return (
    <QueryView query={detail} what={text(messages.thePc)}>
      {(data) => (
        <Agent
          detail={live === undefined ? data : { ...data, agent: live }}
          tab={tabOf(agentTabs, params)}
          onTab={(tab) => setParams({ tab })}
        />
      )}
    </QueryView>
  );
}

function Agent({ detail, tab, onTab }: AgentTabProps & { tab: AgentTab; onTab(tab: string): void }) {
  const text = useText();
  const format = useFormat();
  const { editors, commands } = useWorkbench();
  const { agent, officeName } = detail;
  const { icon, tone } = conditions[conditionOf(agent)];
  const Tab = tabs[tab];
  const labels: Record<AgentTab, string> = {
    overview: text(messages.overview),
    folders: text(messages.folders),
    peers: text(messages.peers),
    events: text(messages.events),
    reported: text(messages.reported),
  };
  return (
    <div className="editor-body fleet-editor">
      <h1>
        <Name>{agent.hostname}</Name>
      </h1>
      <div className="subtitle fleet-line">
        <State icon={icon} tone={tone}>
          {stateWords(agent, text, format)}
        </State>
        <Toolbar label={text(messages.actions)}>
          <Button
            kind="secondary"
            icon="organization"
            run={() => editors.open(officeInput({ id: agent.officeId, name: officeName }))}
          >
            <Name>{officeName}</Name>
          </Button>
          <Button
            kind="secondary"
            icon="output"
            run={() => void commands.run('harp.output.showAgent', { id: agent.id, hostname: agent.hostname })}
          >
            {text(messages.showLog)}
          </Button>
        </Toolbar>
      </div>
      <TabStrip
        label={text(messages.partsOf, { name: cutName(agent.hostname) })}
        tabs={agentTabs.map((id) => ({
          id,
          label: labels[id],
          badge: id === 'folders' ? agent.folders.length : undefined,
        }))}
        active={tab}
        onSelect={onTab}
      >
        <Suspense fallback={<Loading what={labels[tab]} />}>
          <Tab detail={detail} />
        </Suspense>
      </TabStrip>
    </div>
  );
}
