'use client';
/** Verifies a chain in this browser: a button, a bar, and a verdict that says what was checked and what was not. */
import { useEffect } from 'react';
import { useFormat, useText } from '../../../i18n/I18n.tsx';
import type { Message } from '../../../i18n/messages.ts';
import { Button } from '../../../ui/Button.tsx';
import { ProgressBar } from '../../../ui/charts/ProgressBar.tsx';
import { Icon } from '../../../ui/Icon.tsx';
import { ErrorNotice, State } from '../../../ui/states.tsx';
import { useWorkbench } from '../../../workbench/services.tsx';
import { verifyRequest } from '../content-state.ts';
import type { FileClaim, Verdict } from './finding.ts';
import { verifyText } from './messages.ts';
import {
  checkedStatements,
  findingStatement,
  isIncomplete,
  notCheckedStatements,
  type Statement,
} from './statements.ts';
import { useVerification, type Verification } from './use-verification.ts';

export interface VerifyChainProps {
  folderId: string;
  /** Also confirm that this file is what the chain says. */
  claim?: FileClaim;
}

/** Begins by itself when a command asked for this chain. */
export function VerifyChain({ folderId, claim }: VerifyChainProps) {
  const text = useText();
  const { state, start, cancel } = useVerification(folderId, claim);
  const { notifications } = useWorkbench();
  const path = claim?.path;
  const conclusion = conclusionOf(state);
  useEffect(() => {
    if (conclusion !== undefined) notifications.announce(text(conclusion));
  }, [conclusion, notifications, text]);
  useEffect(() => {
    const begin = () => {
      const wanted = verifyRequest.value;
      if (wanted === undefined || wanted.folder !== folderId || wanted.path !== path) return;
      verifyRequest.tell(undefined);
      start();
    };
    begin();
    return verifyRequest.onDidChange(begin);
  }, [folderId, path, start]);
  const isRunning = state.kind === 'running';
  return (
    <div className="content-verify">
      <p className="muted">{text(verifyText.explain)}</p>
      <div className="content-actions">
        {isRunning ? (
          <Button kind="secondary" icon="close" run={cancel}>
            {text(verifyText.cancel)}
          </Button>
        ) : (
          <Button icon="verified" run={start}>
            {text(state.kind === 'idle' ? verifyText.start : verifyText.again)}
          </Button>
        )}
      </div>
      <div className="content-outcome">
        {isRunning ? (
          <ProgressBar
            label={text(verifyText.running)}
            share={state.total === undefined || state.total === 0 ? null : state.done / state.total}
            words={
              state.total === undefined
                ? text(verifyText.starting)
                : text(verifyText.progress, { done: state.done, total: state.total })
            }
            size="wide"
          />
        ) : state.kind === 'cancelled' ? (
          <State tone="unknown">{text(verifyText.cancelled)}</State>
        ) : state.kind === 'failed' ? (
          <ErrorNotice error={state.error} what={text(verifyText.what)} retry={start} />
        ) : state.kind === 'done' ? (
          <VerdictView verdict={state.verdict} />
        ) : null}
      </div>
    </div>
  );
}

/** What is said aloud when a verification ends. */
function conclusionOf(state: Verification): Message | undefined {
  if (state.kind === 'cancelled') return verifyText.cancelled;
  if (state.kind !== 'done') return undefined;
  const { verdict } = state;
  if (verdict.finding !== undefined) return verifyText.saidWrong;
  if (verdict.key === undefined) return verifyText.empty;
  return isIncomplete(verdict) ? verifyText.rightBut : verifyText.right;
}

function VerdictView({ verdict }: { verdict: Verdict }) {
  const text = useText();
  const format = useFormat();
  const say = ({ message, values = {}, atMs }: Statement) =>
    text(message, { ...values, ...(atMs === undefined ? { at: format.UNKNOWN } : { at: format.dateTime(atMs) }) });
  const found = findingStatement(verdict);
  if (found === undefined && verdict.key === undefined) {
    return <State tone="unknown">{text(verifyText.empty)}</State>;
  }
  const incomplete = isIncomplete(verdict);
  return (
    <>
      <p className="content-verdict">
        {found !== undefined ? (
          <State tone="error" icon="error">
            {text(verifyText.wrong, { finding: say(found) })}
          </State>
        ) : incomplete ? (
          <State tone="warning">{text(verifyText.rightBut)}</State>
        ) : (
          <State tone="ok" icon="verified-filled">
            {text(verifyText.right)}
          </State>
        )}{' '}
        <span className="muted">{text(verifyText.took, { time: format.duration(verdict.tookMs) })}</span>
      </p>
      {verdict.finding === undefined ? null : (
        <p className="muted code">
          {verdict.finding.code}
          {verdict.finding.detail === undefined ? null : (
            <>
              {' · '}
              <bdi>{verdict.finding.detail}</bdi>
            </>
          )}
        </p>
      )}
      <Statements title={text(verifyText.checkedTitle)} icon="check" items={checkedStatements(verdict).map(say)} />
      <Statements title={text(verifyText.notCheckedTitle)} icon="dash" items={notCheckedStatements(verdict).map(say)} />
    </>
  );
}

function Statements({ title, icon, items }: { title: string; icon: string; items: readonly string[] }) {
  return items.length === 0 ? null : (
    <section className="content-statements">
      <h2>{title}</h2>
      <ul>
        {items.map((item) => (
          <li key={item}>
            <Icon name={icon} /> <span>{item}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
