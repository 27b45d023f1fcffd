'use client';
/** The dialog in which a key is pressed to be given to a command. It says what the key is used for already, before it is saved. */
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import { useText } from '../../i18n/I18n.tsx';
import { Button } from '../../ui/Button.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { KeyHint } from '../../ui/KeyHint.tsx';
import { RECORDS_KEYS } from '../../workbench/keybindings/keybindings.ts';
import { isKeptByBrowsers } from '../../workbench/keybindings/rules.ts';
import { useContextKey, useWorkbench } from '../../workbench/services.tsx';
import { keyboardMessages as messages } from './messages.ts';
import { needsList, record } from './recording.ts';
import type { ShortcutRow } from './shortcut-rows.ts';

export interface KeyRecorderProps {
  row: ShortcutRow;
  mode: 'change' | 'add';
  onDone(key: string | undefined): void;
}

export function KeyRecorder({ row, mode, onDone }: KeyRecorderProps) {
  const { keybindings } = useWorkbench();
  const text = useText();
  const titleId = useId();
  const hintId = useId();
  const field = useRef<HTMLInputElement>(null);
  const [key, setKey] = useState<string>();
  useEffect(() => {
    const before = document.activeElement;
    field.current?.focus();
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  const onFieldKey = (event: KeyboardEvent<HTMLInputElement>) => {
    const recorded = record(key, event.nativeEvent, keybindings.platform);
    if (recorded.kind === 'key') setKey(recorded.key);
    if (recorded.kind === 'leading' && recorded.stroke !== 'enter') return;
    if (recorded.kind === 'leading' && key !== undefined) onDone(key);
    event.preventDefault();
    event.stopPropagation();
  };
  const title = mode === 'add' ? messages.dialogAdd : messages.dialogChange;
  const label = key === undefined ? '' : keybindings.label(key);
  return (
    <div className="key-recorder-veil">
      <div
        className="key-recorder"
        role="dialog"
        aria-modal="true"
        aria-labelledby={titleId}
        onKeyDown={(event) => keepInside(event, () => onDone(undefined))}
      >
        <h2 id={titleId}>{text(title, { command: row.command.label })}</h2>
        <input
          ref={field}
          type="text"
          readOnly
          value={label}
          placeholder={text(messages.press)}
          aria-label={text(messages.press)}
          aria-describedby={hintId}
          {...{ [RECORDS_KEYS]: '' }}
          onKeyDown={onFieldKey}
        />
        <div className="key-recorder-caps" aria-hidden="true">
          {key === undefined ? null : <KeyHint keys={label} />}
        </div>
        <p id={hintId} className="muted">
          {text(messages.pressHint)}
        </p>
        <div role="status">
          {key === undefined ? null : (
            <>
              <span className="visually-hidden">{text(messages.pressed, { key: label })}</span>
              <Warnings row={row} recordedKey={key} mode={mode} />
            </>
          )}
        </div>
        <div className="key-recorder-buttons">
          <Button
            run={() => onDone(key)}
            disabledReason={key === undefined ? text(messages.nothingPressed) : undefined}
          >
            {text(messages.save)}
          </Button>
          <Button kind="secondary" run={() => onDone(undefined)}>
            {text(messages.cancel)}
          </Button>
        </div>
      </div>
    </div>
  );
}

/** Escape ends the dialog, Tab stays in it. */
function keepInside(event: KeyboardEvent<HTMLElement>, cancel: () => void) {
  if (event.key === 'Escape') cancel();
  else if (event.key === 'Tab') {
    const stops = [...event.currentTarget.querySelectorAll<HTMLElement>('input, button')];
    const at = stops.indexOf(document.activeElement as HTMLElement);
    stops[(at + (event.shiftKey ? -1 : 1) + stops.length) % stops.length]?.focus();
  } else return;
  event.preventDefault();
  event.stopPropagation();
}

function Warnings({ row, recordedKey, mode }: { row: ShortcutRow; recordedKey: string; mode: 'change' | 'add' }) {
  const { keybindings, commands } = useWorkbench();
  const isPwa = useContextKey('isPwa') === true;
  const text = useText();
  const when = mode === 'change' ? row.binding?.when : undefined;
  const others = keybindings
    .conflictsWith({ command: row.command.id, key: recordedKey, when })
    .map(({ command }) => commands.get(command)?.label ?? command);
  const warnings = [
    others.length === 0 ? undefined : text(messages.conflictsWarning, { others: [...new Set(others)].join(', ') }),
    isKeptByBrowsers(recordedKey) && !isPwa ? text(messages.browserWarning) : undefined,
    needsList(recordedKey) ? text(messages.letterWarning) : undefined,
  ].filter((warning) => warning !== undefined);
  return warnings.map((warning) => (
    <p key={warning} className="key-recorder-warning">
      <Icon name="warning" tone="warning" />
      {warning}
    </p>
  ));
}
