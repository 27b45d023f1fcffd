'use client';
import { useText } from '../../i18n/I18n.tsx';
import { State } from '../../ui/states.tsx';
import { contentEditorText } from './editor-messages.ts';
import { nextStepOf, reasonOf } from './reasons.ts';

/** What does not work, in words, as the server said it, and what to do next. `code` is empty when only words are known. */
export function Trouble({ code, detail }: { code: string; detail: string }) {
  const text = useText();
  const reason = reasonOf(code);
  const step = nextStepOf(code);
  return (
    <div className="notice content-trouble" role="alert">
      <State tone="error">{reason === undefined ? <bdi>{detail}</bdi> : text(reason)}</State>
      {reason === undefined ? null : <bdi className="muted">{detail}</bdi>}
      {step === undefined ? null : <span>{text(contentEditorText.nextStep, { step: text(step) })}</span>}
      {code === '' ? null : <span className="muted code">{code}</span>}
    </div>
  );
}
