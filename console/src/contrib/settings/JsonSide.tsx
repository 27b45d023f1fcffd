'use client';
import { useEffect, useId, useRef, useState } from 'react';
import { useText } from '../../i18n/I18n.tsx';
import { State } from '../../ui/states.tsx';
import { useWorkbench } from '../../workbench/services.tsx';
import type { TextProblem } from './check.ts';
import type { Scope } from './drafts.ts';
import { sayFault } from './fault.ts';
import { placeIn } from './json-text.ts';
import { FOCUSED_KEY } from './keys.ts';
import { settingsText } from './messages.ts';
import type { ScopeView } from './use-scope.ts';

/** The settings as text, with the place of the cursor and everything that is wrong. Tab leaves the field, as everywhere. */
export function JsonSide({ scope, view }: { scope: Scope; view: ScopeView }) {
  const text = useText();
  const { context } = useWorkbench();
  const id = useId();
  const field = useRef<HTMLTextAreaElement>(null);
  const [offset, setOffset] = useState(0);
  const place = placeIn(view.text, Math.min(offset, view.text.length));

  const goTo = (target: number) => {
    field.current?.focus();
    field.current?.setSelectionRange(target, target);
    setOffset(target);
  };
  // Where the form was: once, when this side is opened.
  const start = useRef(startOf(view, context.get(FOCUSED_KEY)));
  useEffect(() => {
    if (start.current === undefined) return;
    field.current?.setSelectionRange(start.current, start.current);
    setOffset(start.current);
  }, []);

  return (
    <div className="settings-json">
      <textarea
        ref={field}
        className="code"
        dir="ltr"
        value={view.text}
        spellCheck={false}
        autoCapitalize="off"
        autoComplete="off"
        wrap="off"
        aria-label={text(settingsText.text)}
        aria-describedby={`${id}-help ${id}-problems`}
        aria-invalid={view.problems.some(({ severity }) => severity === 'error')}
        data-scope={scope}
        onChange={({ target }) => {
          view.edit(target.value);
          setOffset(target.selectionStart);
        }}
        onSelect={({ currentTarget }) => setOffset(currentTarget.selectionStart)}
      />
      <div className="settings-json-status">
        <span id={`${id}-help`} className="muted">
          {text(settingsText.textHelp)}
        </span>
        <span className="muted">{text(settingsText.position, { line: place.line, column: place.column })}</span>
      </div>
      <div id={`${id}-problems`} className="settings-json-problems">
        <span role="status">
          <State tone={view.problems.length === 0 ? 'ok' : 'warning'}>
            {text(settingsText.problems, { count: view.problems.length })}
          </State>
        </span>
        <ul>
          {view.problems.map((problem) => (
            <Problem key={`${problem.offset} ${problem.fault.message.id}`} problem={problem} goTo={goTo} />
          ))}
        </ul>
      </div>
    </div>
  );
}

function Problem({ problem, goTo }: { problem: TextProblem; goTo(offset: number): void }) {
  const text = useText();
  const { line, column, offset, severity, fault } = problem;
  return (
    <li>
      <button type="button" onClick={() => goTo(offset)}>
        <State tone={severity}>{text(settingsText.problemAt, { line, column, problem: sayFault(fault, text) })}</State>
      </button>
    </li>
  );
}

function startOf({ read }: ScopeView, focusedKey: unknown): number | undefined {
  if (!read.ok) return read.error.offset;
  return typeof focusedKey === 'string' ? read.places.get(focusedKey)?.value.offset : undefined;
}
