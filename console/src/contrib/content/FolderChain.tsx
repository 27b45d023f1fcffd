'use client';
/** Is what everybody follows what was signed? The PCs by state of their chain, and two ways to verify it. */
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { chainAgentsQuery } from '../../api/queries.ts';
import type { ChainAgent, ChainAgents } from '../../api/schemas.ts';
import { useFormat, useText } from '../../i18n/I18n.tsx';
import { ChartFrame } from '../../ui/charts/ChartFrame.tsx';
import { ProportionBar } from '../../ui/charts/ProportionBar.tsx';
import { DataTable } from '../../ui/DataTable.tsx';
import { Facts } from '../../ui/Facts.tsx';
import { Empty, QueryView, State, Unknown } from '../../ui/states.tsx';
import type { Column } from '../../ui/table/model.ts';
import type { Tone } from '../../ui/tone.ts';
import { useWorkbench } from '../../workbench/services.tsx';
import { contentEditorText } from './editor-messages.ts';
import type { FolderTabProps } from './FolderEditor.tsx';
import { contentText } from './messages.ts';
import { reasonOf } from './reasons.ts';
import { ServerVerification } from './ServerVerification.tsx';
import { VerifyChain } from './verify/VerifyChain.tsx';

const chainStates = ['broken', 'behind', 'silent', 'ok'] as const;
type ChainState = (typeof chainStates)[number];

const looks: Readonly<Record<ChainState, { tone: Tone; icon: string }>> = {
  broken: { tone: 'error', icon: 'error' },
  behind: { tone: 'info', icon: 'history' },
  silent: { tone: 'unknown', icon: 'circle-large-outline' },
  ok: { tone: 'ok', icon: 'pass' },
};

const stateMessages = {
  ok: contentEditorText.chainOk,
  behind: contentEditorText.chainBehind,
  broken: contentEditorText.chainBroken,
  silent: contentEditorText.chainSilent,
} as const;

/** The tab. */
export function FolderChain({ folder, params, setParams }: FolderTabProps) {
  const text = useText();
  const chain = useQuery(chainAgentsQuery(folder.id));
  return (
    <>
      <QueryView query={chain} what={text(contentEditorText.theChain)}>
        {(data) => (
          <Followers
            data={data}
            chosen={chainStates.find((state) => state === params.state)}
            choose={(state) => setParams({ tab: 'chain', ...(state === undefined ? {} : { state }) })}
          />
        )}
      </QueryView>
      <section>
        <h2>{text(contentText.verifyHere)}</h2>
        <VerifyChain folderId={folder.id} />
      </section>
      <section>
        <h2>{text(contentText.verifyOnServer)}</h2>
        <ServerVerification folderId={folder.id} />
      </section>
    </>
  );
}

type Row = ChainAgent & { chain: ChainState };

function Followers(props: {
  data: ChainAgents;
  chosen: ChainState | undefined;
  choose(state: ChainState | undefined): void;
}) {
  const { data, chosen, choose } = props;
  const text = useText();
  const format = useFormat();
  const { editors } = useWorkbench();
  const total = chainStates.reduce((sum, state) => sum + data.agents[state], 0);
  const rows = useMemo(
    () =>
      chainStates
        .filter((state) => chosen === undefined || state === chosen)
        .flatMap((chain) => data.lists[chain].map((agent): Row => ({ ...agent, chain }))),
    [data, chosen],
  );
  const listed = chainStates.reduce((sum, state) => sum + data.lists[state].length, 0);
  const columns = useMemo(
    (): Column<Row>[] => [
      {
        id: 'pc',
        title: text(contentEditorText.pc),
        value: ({ hostname }) => hostname,
        render: ({ hostname }) => <bdi>{hostname}</bdi>,
        width: 160,
      },
      {
        id: 'state',
        title: text(contentEditorText.tabChain),
        value: ({ chain }) => text(stateMessages[chain]),
        render: ({ chain }) => <State {...looks[chain]}>{text(stateMessages[chain])}</State>,
        width: 140,
      },
      {
        id: 'why',
        title: text(contentEditorText.why),
        value: (row) => whyOf(row, data.headSeq, text),
        width: 320,
      },
      {
        id: 'seq',
        title: text(contentEditorText.headEntry),
        value: ({ seq }) => seq,
        render: ({ seq }) =>
          seq === null ? <Unknown reason={text(contentEditorText.notReported)} /> : format.count(seq),
        align: 'end',
        width: 90,
      },
      {
        id: 'link',
        title: text(contentEditorText.headLink),
        value: ({ link }) => link,
        render: ({ link }) => (link === null ? <Unknown /> : <span className="code">{link.slice(0, 16)}</span>),
        width: 150,
        hidden: true,
      },
      {
        id: 'reported',
        title: text(contentEditorText.reported),
        value: ({ reportedAtMs }) => reportedAtMs,
        render: ({ reportedAtMs }) => format.ago(reportedAtMs),
        width: 120,
      },
    ],
    [text, format, data.headSeq],
  );
  return (
    <>
      <Facts
        facts={[
          { name: text(contentEditorText.headEntry), value: format.count(data.headSeq) },
          {
            name: text(contentEditorText.headLink),
            value: <span className="code">{data.headLink.slice(0, 16)}</span>,
            title: data.headLink,
          },
          {
            name: text(contentEditorText.signedAt),
            value:
              data.headAtMs === null ? (
                <Unknown reason={text(contentEditorText.nothingPublished)} />
              ) : (
                format.dateTime(data.headAtMs)
              ),
          },
        ]}
      />
      <ChartFrame
        question={text(contentEditorText.chainQuestion)}
        unit={text(contentEditorText.pcsUnit)}
        columns={columns}
        rows={rows}
        rowKey={({ agentId }) => agentId}
        csvName={`chain-${data.folderId}`}
        coverage={{ reporting: total - data.agents.silent, total }}
        answer={
          data.agents.broken > 0
            ? text(contentEditorText.chainAnswerBroken, { count: data.agents.broken })
            : text(contentEditorText.chainAnswer, { ok: data.agents.ok, total })
        }
        height={160}
        {...(total === 0 ? { empty: <Empty sentence={text(contentEditorText.noFollowers)} /> } : {})}
      >
        <ProportionBar
          label={text(contentEditorText.chainQuestion)}
          parts={chainStates.map((state) => ({
            key: state,
            label: text(stateMessages[state]),
            count: data.agents[state],
            ...looks[state],
          }))}
          onOpen={(state) => choose(chainStates.find((each) => each === state && each !== chosen))}
        />
      </ChartFrame>
      {total === 0 ? null : (
        <DataTable
          label={chosen === undefined ? text(contentEditorText.allFollowers) : text(stateMessages[chosen])}
          columns={columns}
          rows={rows}
          rowKey={({ agentId }) => agentId}
          onOpen={({ agentId }) => editors.openAddress(`/a/${encodeURIComponent(agentId)}`, { focus: true })}
          storageKey="content.folder.chain"
          maxHeight={360}
          empty={text(contentEditorText.nobodyHere)}
        />
      )}
      {listed < total ? <p className="muted">{text(contentEditorText.listedOnly, { shown: listed, total })}</p> : null}
    </>
  );
}

type Text = ReturnType<typeof useText>;

function whyOf({ chain, reason, seq, state }: Row, headSeq: number, text: Text): string {
  switch (chain) {
    case 'ok':
      return text(contentEditorText.whyChainOk);
    case 'behind':
      return text(contentEditorText.whyBehind, { count: headSeq - (seq ?? 0) });
    case 'silent':
      return text(state === 'offline' ? contentEditorText.whyOffline : contentEditorText.whySilent);
    case 'broken': {
      const known = reason === null ? undefined : reasonOf(reason);
      return known !== undefined ? text(known) : (reason ?? text(contentEditorText.whyOtherLink));
    }
  }
}
