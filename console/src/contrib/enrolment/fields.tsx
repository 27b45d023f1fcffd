'use client';
/** What the forms of enrolment are made of: labelled fields with a hint. */
import { type ReactNode, useId } from 'react';

export interface TextFieldProps {
  label: string;
  value: string;
  onChange(value: string): void;
  hint?: string;
  type?: 'text' | 'number' | 'datetime-local';
  required?: boolean;
  min?: number;
  max?: number;
  maxLength?: number;
  invalid?: string | undefined;
}

/** One line of text, or a number, with what is wrong with it. */
export function TextField({ label, value, onChange, hint, invalid, type = 'text', ...rest }: TextFieldProps) {
  const hintId = useId();
  const said = invalid ?? hint;
  return (
    <div className="enrolment-field">
      <label>
        {label}
        <input
          className="field"
          type={type}
          value={value}
          autoComplete="off"
          spellCheck={false}
          aria-invalid={invalid !== undefined}
          aria-describedby={said === undefined ? undefined : hintId}
          onChange={({ target }) => onChange(target.value)}
          {...rest}
        />
      </label>
      {said === undefined ? null : (
        <span id={hintId} className={invalid === undefined ? 'muted' : 'enrolment-invalid'}>
          {said}
        </span>
      )}
    </div>
  );
}

export interface ChoiceFieldProps {
  label: string;
  value: string;
  onChange(value: string): void;
  choices: readonly { value: string; label: string }[];
}

/** One of some. */
export function ChoiceField({ label, value, onChange, choices }: ChoiceFieldProps) {
  return (
    <label>
      {label}
      <select className="field" value={value} onChange={({ target }) => onChange(target.value)}>
        {choices.map((choice) => (
          <option key={choice.value} value={choice.value}>
            {choice.label}
          </option>
        ))}
      </select>
    </label>
  );
}

/** Fields that belong next to each other where there is room. */
export function FieldRow({ children }: { children: ReactNode }) {
  return <div className="enrolment-row">{children}</div>;
}

/** Words with white space or commas between. */
export function wordsIn(text: string): string[] {
  return text.split(/[\s,;]+/).filter(Boolean);
}
