'use client';
/** The frame of the quick input: title and step, the field, and the keys that the field passes on to the list. */
import { type KeyboardEvent, type ReactNode, useId, useLayoutEffect, useRef } from 'react';
import { useText } from '../../i18n/I18n.tsx';
import { quickInputMessages } from './messages.ts';

export interface QuickBoxProps {
  title?: string | undefined;
  step?: readonly [number, number] | undefined;
  placeholder: string;
  value: string;
  /** Selects the text at first, so that typing replaces it. */
  selectsValue?: boolean;
  isBusy?: boolean;
  error?: string | undefined;
  /** With a list, the field is a combobox. */
  list?: { readonly id: string; readonly activeId: string | undefined } | undefined;
  /** What screen readers are told; changes rarely. */
  status?: string | undefined;
  onChange(value: string): void;
  onKey?(event: KeyboardEvent): void;
  onEnter(): void;
  onLeave(focusIsElsewhere: boolean): void;
  children?: ReactNode;
}

export function QuickBox(props: QuickBoxProps) {
  const {
    title,
    step,
    placeholder,
    value,
    selectsValue = false,
    isBusy = false,
    error,
    list,
    status,
    children,
  } = props;
  const text = useText();
  const box = useRef<HTMLDivElement>(null);
  const field = useRef<HTMLInputElement>(null);
  const messageId = useId();
  useLayoutEffect(() => {
    const input = field.current;
    input?.focus();
    if (selectsValue) input?.select();
    else input?.setSelectionRange(input.value.length, input.value.length);
  }, [selectsValue]);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'Escape') props.onLeave(false);
    else if (event.key === 'Enter') props.onEnter();
    // Nothing else in here takes the focus; Escape leads out.
    else if (event.key !== 'Tab') return props.onKey?.(event);
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div
      className="quick-input"
      role="dialog"
      aria-label={title ?? text(quickInputMessages.label)}
      ref={box}
      onKeyDown={onKeyDown}
      onBlur={({ relatedTarget }) => {
        // Another window in front is no reason to lose what was typed.
        if (document.hasFocus() && !box.current?.contains(relatedTarget)) props.onLeave(relatedTarget !== null);
      }}
    >
      {title === undefined ? null : (
        <div className="quick-input-title">
          <bdi>{title}</bdi>
          {step === undefined ? null : (
            <span className="quick-input-step">{text(quickInputMessages.step, { step: step[0], total: step[1] })}</span>
          )}
        </div>
      )}
      <div className="quick-input-field">
        <input
          ref={field}
          type="text"
          dir="auto"
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          placeholder={placeholder}
          aria-label={placeholder}
          aria-invalid={error !== undefined}
          aria-describedby={error === undefined ? undefined : messageId}
          {...(list === undefined
            ? {}
            : {
                role: 'combobox',
                'aria-autocomplete': 'list' as const,
                'aria-haspopup': 'listbox' as const,
                'aria-expanded': true,
                'aria-controls': list.id,
                'aria-activedescendant': list.activeId,
              })}
          value={value}
          onChange={(event) => props.onChange(event.target.value)}
        />
        <div className={`quick-input-progress ${isBusy ? 'busy' : ''}`} aria-hidden="true" />
      </div>
      {error === undefined ? null : (
        <div className="quick-input-error" id={messageId} role="alert">
          {error}
        </div>
      )}
      {children}
      <div className="visually-hidden" role="status">
        {status}
      </div>
    </div>
  );
}
