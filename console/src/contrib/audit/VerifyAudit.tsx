'use client';
/** Verifies the log in this browser: a button, a bar, a verdict. Leaving the editor ends it. */
import { useCallback, useEffect, useRef, useState } from 'react';
import { useText } from '../../i18n/I18n.tsx';
import type { Translate } from '../../i18n/translate.ts';
import { Button } from '../../ui/Button.tsx';
import { ProgressBar } from '../../ui/charts/ProgressBar.tsx';
import { ErrorNotice, State } from '../../ui/states.tsx';
import { useContextKey, useWorkbench } from '../../workbench/services.tsx';
import { auditContext } from './keys.ts';
import { auditLogText } from './log-messages.ts';
import { readAuditChain } from './queries.ts';
import type { AuditFinding, AuditVerdict } from './verify-audit.ts';

/** Entries of a page: some hundred kilobytes, and some ten milliseconds to check. */
const PAGE_ENTRIES = 500;

type Verification =
  | { kind: 'idle' | 'cancelled' }
  | { kind: 'running'; done: number; total: number | undefined }
  | { kind: 'failed'; error: unknown }
  | { kind: 'done'; verdict: AuditVerdict };

export function VerifyAudit() {
  const text = useText();
  const { context, notifications } = useWorkbench();
  const [state, setState] = useState<Verification>({ kind: 'idle' });
  const running = useRef<AbortController>(undefined);
  useEffect(() => () => running.current?.abort(), []);

  const start = useCallback(() => {
    running.current?.abort();
    const control = new AbortController();
    running.current = control;
    const show = (next: Verification) => {
      if (running.current === control) setState(next);
    };
    show({ kind: 'running', done: 0, total: undefined });
    verify(control.signal, (done, total) => show({ kind: 'running', done, total })).then(
      (verdict) => {
        show({ kind: 'done', verdict });
        notifications.announce(sayVerdict(verdict, text));
      },
      (error: unknown) => show(control.signal.aborted ? { kind: 'cancelled' } : { kind: 'failed', error }),
    );
  }, [notifications, text]);

  const isAsked = useContextKey(auditContext.verify) === true;
  useEffect(() => {
    if (!isAsked) return;
    context.set(auditContext.verify, false);
    start();
  }, [isAsked, context, start]);

  return (
    <div className="audit-verify">
      <p className="muted">{text(auditLogText.explain)}</p>
      <div>
        {state.kind === 'running' ? (
          <Button kind="secondary" icon="close" run={() => running.current?.abort()}>
            {text(auditLogText.cancel)}
          </Button>
        ) : (
          <Button icon="verified" run={start}>
            {text(state.kind === 'idle' ? auditLogText.verify : auditLogText.verifyAgain)}
          </Button>
        )}
      </div>
      {state.kind === 'running' ? (
        <ProgressBar
          label={text(auditLogText.verifying)}
          share={state.total === undefined || state.total === 0 ? null : state.done / state.total}
          words={text(auditLogText.progress, { done: state.done, total: state.total ?? 0 })}
          size="wide"
        />
      ) : state.kind === 'cancelled' ? (
        <State tone="unknown">{text(auditLogText.cancelled)}</State>
      ) : state.kind === 'failed' ? (
        <ErrorNotice error={state.error} what={text(auditLogText.theLog)} retry={start} />
      ) : state.kind === 'done' ? (
        <Outcome verdict={state.verdict} />
      ) : null}
      <p className="muted">{text(auditLogText.alsoServer)}</p>
    </div>
  );
}

/** The code of the contract is fetched only now. */
async function verify(signal: AbortSignal, onProgress: (done: number, total: number) => void): Promise<AuditVerdict> {
  const [{ verifyAudit }, { proveByWebCrypto }] = await Promise.all([
    import('./verify-audit.ts'),
    import('../../api/signature.ts'),
  ]);
  return verifyAudit({
    read: (from, pageSignal) => readAuditChain(from, PAGE_ENTRIES, pageSignal),
    prove: proveByWebCrypto,
    onProgress,
    signal,
  });
}

function Outcome({ verdict }: { verdict: AuditVerdict }) {
  const text = useText();
  const { finding, entries, signatures } = verdict;
  if (finding !== undefined)
    return (
      <State tone="error" icon="error">
        {text(auditLogText.wrong)} {sayFinding(finding, text)}
      </State>
    );
  const said = sayVerdict(verdict, text);
  if (entries === 0) return <State tone="unknown">{said}</State>;
  return signatures === 'proved' ? (
    <State tone="ok" icon="verified-filled">
      {said}
    </State>
  ) : (
    <State tone="warning">{said}</State>
  );
}

function sayVerdict({ finding, entries, signedSeq, signatures, key = '' }: AuditVerdict, text: Translate): string {
  if (finding !== undefined) return text(auditLogText.wrong);
  if (entries === 0) return text(auditLogText.empty);
  if (signatures === 'notChecked') return text(auditLogText.rightUnproved, { count: entries });
  if (signatures === 'none') return text(auditLogText.rightUnsigned, { count: entries });
  return text(auditLogText.right, { count: entries, seq: signedSeq, key });
}

const findings = {
  missing: auditLogText.wrongMissing,
  missingEnd: auditLogText.wrongMissingEnd,
  changed: auditLogText.wrongChanged,
  unlikeSigned: auditLogText.wrongSigned,
  form: auditLogText.wrongForm,
  head: auditLogText.wrongHead,
} as const;

function sayFinding({ what, seq, to }: AuditFinding, text: Translate): string {
  return text(findings[what], { seq, to });
}
