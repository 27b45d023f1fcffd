'use client';
/** Two PCs side by side. Differences come with an icon and a word, and can be shown alone. */
import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { fleetOf } from '../../api/agent-list.ts';
import { agentsQuery, foldersQuery, officesQuery } from '../../api/queries.ts';
import type { AgentSummary } from '../../api/schemas.ts';
import { useFormat, useText } from '../../i18n/I18n.tsx';
import { LinkButton } from '../../ui/Button.tsx';
import { Empty, QueryView, State } from '../../ui/states.tsx';
import type { EditorProps } from '../../workbench/model.ts';
import { useWorkbench } from '../../workbench/services.tsx';
import { compareAgents } from './compare.ts';
import { editorMessages as messages } from './editor-messages.ts';
import { agentInput, compareInput } from './inputs.ts';
import { messages as fleet } from './messages.ts';
import { Name } from './Name.tsx';
import { agentTarget } from './targets.ts';
import './fleet.css';

export default function CompareEditor({ input, params, setParams, setTitle }: EditorProps) {
  const text = useText();
  const { commands } = useWorkbench();
  const agents = useQuery(agentsQuery);
  const [idA = '', idB = ''] = input.subject.split('/');
  const { byId } = fleetOf(agents.data);
  const a = byId.get(idA);
  const b = byId.get(idB);
  const title = a === undefined || b === undefined ? undefined : compareInput(agentTarget(a), agentTarget(b)).title;
  useEffect(() => {
    if (title !== undefined) setTitle(title);
  }, [title, setTitle]);
  return (
    <QueryView query={agents} what={text(fleet.thePcs)}>
      {() =>
        a === undefined || b === undefined ? (
          <Empty
            sentence={text(messages.agentGone)}
            action={{ label: text(messages.compareOthers), run: () => void commands.run('harp.fleet.compare') }}
          />
        ) : (
          <Comparison
            a={a}
            b={b}
            onlyDifferences={params.show === 'differences'}
            onToggle={(only) => setParams(only ? { show: 'differences' } : {})}
          />
        )
      }
    </QueryView>
  );
}

interface ComparisonProps {
  a: AgentSummary;
  b: AgentSummary;
  onlyDifferences: boolean;
  onToggle(onlyDifferences: boolean): void;
}

function Comparison({ a, b, onlyDifferences, onToggle }: ComparisonProps) {
  const text = useText();
  const format = useFormat();
  const { editors } = useWorkbench();
  const offices = useQuery(officesQuery);
  const folders = useQuery(foldersQuery);
  const facts = compareAgents(a, b, {
    text,
    format,
    officeName: (id) => offices.data?.offices.find((office) => office.id === id)?.name ?? id,
    folderName: (id) => folders.data?.folders.find((folder) => folder.id === id)?.name ?? id,
  });
  const differences = facts.filter(({ isSame }) => !isSame);
  return (
    <div className="editor-body fleet-editor">
      <h1>{text(messages.compareTitle)}</h1>
      <div className="subtitle fleet-line">
        <span>{text(messages.differences, { count: differences.length })}</span>
        <LinkButton pressed={onlyDifferences} run={() => onToggle(!onlyDifferences)}>
          {text(messages.onlyDifferences)}
        </LinkButton>
      </div>
      <div className="table-scroll">
        <table className="grid fleet-compare">
          <thead>
            <tr>
              <th scope="col">{text(messages.fact)}</th>
              {[a, b].map((agent) => (
                <th key={agent.id} scope="col">
                  <LinkButton run={() => editors.open(agentInput({ id: agent.id, name: agent.hostname }))}>
                    <Name>{agent.hostname}</Name>
                  </LinkButton>
                </th>
              ))}
              <th scope="col">{text(messages.difference)}</th>
            </tr>
          </thead>
          <tbody>
            {(onlyDifferences ? differences : facts).map((fact) => (
              <tr key={fact.id}>
                <th scope="row">{fact.name}</th>
                <td>
                  <bdi>{fact.a}</bdi>
                </td>
                <td>
                  <bdi>{fact.b}</bdi>
                </td>
                <td>
                  {fact.isSame ? (
                    <State tone="unknown" icon="dash">
                      {text(messages.same)}
                    </State>
                  ) : (
                    <State tone="warning" icon="diff-modified">
                      {text(messages.different)}
                    </State>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}
