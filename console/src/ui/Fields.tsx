'use client';
/** A short form of an editor: labelled fields, one button, and what the server had against it. */
import { type FormEvent, type ReactNode, useId, useState } from 'react';
import { useText } from '../i18n/I18n.tsx';
import { messages } from './messages.ts';
import { State } from './states.tsx';
import './fields.css';

export interface FieldSpec {
  name: string;
  label: string;
  type?: 'text' | 'password' | 'number';
  autoComplete?: string;
  initial?: string;
  min?: number;
  max?: number;
  minLength?: number;
  maxLength?: number;
  /** May be left empty. */
  optional?: boolean;
  hint?: string;
  /** One of these instead of a text. */
  choices?: readonly { value: string; label: string }[];
  /** Several lines. */
  lines?: number;
}

export interface FieldsProps {
  fields: readonly FieldSpec[];
  action: string;
  /** Does it; the fields are emptied when it resolves. */
  submit(values: Readonly<Record<string, string>>): Promise<void>;
  children?: ReactNode;
}

/** The form. Its fields are the browser's own, so that password managers find them. */
export function Fields({ fields, action, submit, children }: FieldsProps) {
  const text = useText();
  const errorId = useId();
  const [refusal, setRefusal] = useState<string>();
  const [isSending, setIsSending] = useState(false);
  const onSubmit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const values = new FormData(form);
    setIsSending(true);
    setRefusal(undefined);
    try {
      await submit(Object.fromEntries(fields.map(({ name }) => [name, String(values.get(name) ?? '')])));
      form.reset();
    } catch (error) {
      setRefusal(error instanceof Error ? error.message : String(error));
    } finally {
      setIsSending(false);
    }
  };
  return (
    <form className="fields" onSubmit={(event) => void onSubmit(event)}>
      {fields.map((field) => (
        <Field key={field.name} field={field} errorId={refusal === undefined ? undefined : errorId} />
      ))}
      {children}
      {refusal === undefined ? null : (
        <span id={errorId} role="alert">
          <State tone="error">{text(messages.notDone, { why: refusal })}</State>
        </span>
      )}
      <button type="submit" className="button" disabled={isSending}>
        {action}
      </button>
    </form>
  );
}

function Field({ field, errorId }: { field: FieldSpec; errorId: string | undefined }) {
  const { label, type = 'text', initial, optional = false, hint, choices, lines, ...rest } = field;
  const id = useId();
  const hintId = useId();
  const describedBy = [errorId, hint === undefined ? undefined : hintId].filter((id) => id !== undefined).join(' ');
  const common = {
    id,
    className: 'field',
    defaultValue: initial,
    required: !optional,
    'aria-describedby': describedBy === '' ? undefined : describedBy,
  };
  return (
    <>
      <label htmlFor={id}>
        {label}
        {choices !== undefined ? (
          <select {...common} name={rest.name}>
            {choices.map((choice) => (
              <option key={choice.value} value={choice.value}>
                {choice.label}
              </option>
            ))}
          </select>
        ) : lines !== undefined ? (
          <textarea {...common} name={rest.name} rows={lines} spellCheck={false} maxLength={rest.maxLength} />
        ) : (
          <input {...common} type={type} {...rest} />
        )}
      </label>
      {hint === undefined ? null : (
        <span id={hintId} className="muted">
          {hint}
        </span>
      )}
    </>
  );
}
