'use client';
/** How far the PCs of a batch are, step by step, and what those wait for that are stuck. */
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { EnrolmentFunnel, TokenSummary } from '../../api/schemas.ts';
import { useFormat, useText } from '../../i18n/I18n.tsx';
import type { Message } from '../../i18n/messages.ts';
import { DataTable } from '../../ui/DataTable.tsx';
import { cutText } from '../../ui/foreign-text.ts';
import { QueryView, State } from '../../ui/states.tsx';
import type { Column } from '../../ui/table/model.ts';
import { enrolmentEditorText } from './editor-messages.ts';
import { funnelQuery } from './queries.ts';
import { causeWords } from './words.ts';

type Step = EnrolmentFunnel['steps'][number];

const names: Readonly<Record<Step['step'], Message>> = {
  contacted: enrolmentEditorText.stepContacted,
  token: enrolmentEditorText.stepToken,
  identity: enrolmentEditorText.stepIdentity,
  approved: enrolmentEditorText.stepApproved,
  policy: enrolmentEditorText.stepPolicy,
  lan: enrolmentEditorText.stepLan,
};

export function Funnel({ token }: { token: TokenSummary }) {
  const text = useText();
  const query = useQuery(funnelQuery(token.id));
  return (
    <section>
      <h2>{text(enrolmentEditorText.intake)}</h2>
      <QueryView query={query} what={text(enrolmentEditorText.intake)}>
        {({ expected, steps }) => {
          const reached = (step: Step['step']) => steps.find((each) => each.step === step)?.reached ?? 0;
          const whole = Math.max(expected ?? token.uses, reached('contacted'), 1);
          return (
            <>
              <p className="enrolment-count" role="status">
                {text(enrolmentEditorText.intakeOf, { reached: reached('approved'), expected: expected ?? token.uses })}
              </p>
              {expected !== null && reached('lan') >= expected ? (
                <State tone="ok">{text(enrolmentEditorText.allDone, { count: expected })}</State>
              ) : null}
              <Steps steps={steps} whole={whole} />
              <Stuck steps={steps} />
            </>
          );
        }}
      </QueryView>
    </section>
  );
}

/** The steps as a table with bars; `whole` is how many PCs there should be. */
export function Steps({ steps, whole }: { steps: readonly Step[]; whole: number }) {
  const text = useText();
  const format = useFormat();
  return (
    <table className="enrolment-funnel">
      <thead>
        <tr>
          <th scope="col">{text(enrolmentEditorText.step)}</th>
          <th scope="col">{text(enrolmentEditorText.reached)}</th>
          <th scope="col">{text(enrolmentEditorText.stuck)}</th>
        </tr>
      </thead>
      <tbody>
        {steps.map(({ step, reached, stuck }) => (
          <tr key={step}>
            <th scope="row">{text(names[step])}</th>
            <td>
              <span className="enrolment-bar" aria-hidden="true">
                <span style={{ inlineSize: `${Math.round((100 * reached) / whole)}%` }} />
              </span>
              {format.count(reached)}
            </td>
            <td>{format.count(stuck)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

interface StuckPc {
  id: string;
  hostname: string;
  step: Step['step'];
  cause: string;
  sinceMs: number | null;
}

const keyOf = ({ id }: StuckPc) => id;

/** The PCs that are stuck, with why. */
export function Stuck({ steps }: { steps: readonly Step[] }) {
  const text = useText();
  const columns = useColumns();
  const rows = useMemo(
    () => steps.flatMap(({ step, some }): StuckPc[] => some.map((pc) => ({ ...pc, step }))),
    [steps],
  );
  return (
    <DataTable
      label={text(enrolmentEditorText.stuckPcs)}
      columns={columns}
      rows={rows}
      rowKey={keyOf}
      storageKey="enrolment-stuck"
      csvName="enrolment-batch"
      maxHeight={280}
      empty={<p className="muted">{text(enrolmentEditorText.noneStuck)}</p>}
    />
  );
}

function useColumns(): Column<StuckPc>[] {
  const text = useText();
  const format = useFormat();
  return useMemo(
    () => [
      {
        id: 'hostname',
        title: text(enrolmentEditorText.hostname),
        value: ({ hostname }) => hostname,
        render: ({ hostname }) => <bdi>{cutText(hostname, 80)}</bdi>,
        width: 170,
      },
      { id: 'step', title: text(enrolmentEditorText.reached), value: ({ step }) => text(names[step]), width: 170 },
      {
        id: 'cause',
        title: text(enrolmentEditorText.cause),
        value: ({ cause }) => causeWords(cause, text),
        width: 330,
      },
      {
        id: 'since',
        title: text(enrolmentEditorText.since),
        value: ({ sinceMs }) => sinceMs,
        render: ({ sinceMs }) => format.ago(sinceMs ?? undefined),
        width: 130,
      },
    ],
    [text, format],
  );
}
