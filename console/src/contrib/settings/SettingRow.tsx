'use client';
import { useId, useState } from 'react';
import { useText } from '../../i18n/I18n.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { State } from '../../ui/states.tsx';
import type { SettingDefinition } from '../../workbench/model.ts';
import { useWorkbench } from '../../workbench/services.tsx';
import { boundsOf, faultOf, sameValue } from './check.ts';
import { sayFault } from './fault.ts';
import { FOCUSED_KEY, SETTING_MENU } from './keys.ts';
import { settingsText } from './messages.ts';

export interface SettingRowProps {
  definition: SettingDefinition;
  value: unknown;
  isModified: boolean;
  isReadOnly: boolean;
  /** Takes a value that fits, or undefined for the default. */
  onChange(value: unknown): void;
}

/** One setting: its name, what it does, its field, and a bar at the left when it was changed. What does not fit is said below and not taken. */
export function SettingRow({ definition, value, isModified, isReadOnly, onChange }: SettingRowProps) {
  const text = useText();
  const { context, menus } = useWorkbench();
  const id = useId();
  // What is typed and does not fit stays in the field; a change from elsewhere replaces it.
  const [typed, setTyped] = useState<{ shown: string; over: unknown }>();
  const isTyping = typed !== undefined && sameValue(typed.over, value);
  const shown = isTyping ? typed.shown : value === undefined || value === null ? '' : String(value);
  const attempt = isTyping ? valueIn(definition, typed.shown) : value;
  const fault = faultOf(definition, attempt);
  const { title, description, key } = definition;
  const defaultWords = useDefaultWords(definition);

  const take = (next: unknown, nextShown: string) => {
    if (faultOf(definition, next) !== undefined) return setTyped({ shown: nextShown, over: value });
    setTyped(undefined);
    onChange(sameValue(next, definition.default) ? undefined : next);
  };
  const field = {
    id: `${id}-field`,
    'aria-describedby': `${id}-about ${id}-fault`,
    'aria-invalid': fault !== undefined,
    onFocus: () => context.set(FOCUSED_KEY, key),
  };
  return (
    <div className={`setting ${isModified ? 'modified' : ''}`} data-setting={key}>
      <div className="setting-head">
        <h3>
          <label htmlFor={field.id}>{text(title)}</label>
        </h3>
        <span className="code muted">{key}</span>
        {isModified ? <span className="muted">{text(settingsText.modified)}</span> : null}
        <button
          type="button"
          className="icon-button small setting-more"
          aria-haspopup="menu"
          aria-label={text(settingsText.more, { setting: text(title) })}
          title={text(settingsText.more, { setting: text(title) })}
          onClick={({ currentTarget }) => menus.openContext(SETTING_MENU, currentTarget, key)}
        >
          <Icon name="settings-gear" />
        </button>
      </div>
      <p id={`${id}-about`}>{text(description)}</p>
      {definition.kind === 'boolean' ? (
        <input
          {...field}
          type="checkbox"
          checked={value === true}
          disabled={isReadOnly}
          onChange={({ target }) => take(target.checked, String(target.checked))}
        />
      ) : definition.kind === 'choice' ? (
        <select
          {...field}
          value={shown}
          disabled={isReadOnly}
          onChange={({ target }) => take(target.value, target.value)}
        >
          {(definition.choices ?? []).some((choice) => choice.value === shown) ? null : (
            <option value={shown}>{shown}</option>
          )}
          {(definition.choices ?? []).map((choice) => (
            <option key={choice.value} value={choice.value}>
              {text(choice.label)}
            </option>
          ))}
        </select>
      ) : (
        <input
          {...field}
          // Numbers as text, so that what is no number can be seen and mended.
          type="text"
          inputMode={definition.kind === 'number' ? (boundsOf(definition).step === 1 ? 'numeric' : 'decimal') : 'text'}
          value={shown}
          readOnly={isReadOnly}
          spellCheck={false}
          onKeyDown={(event) => {
            // What was typed and not taken gives way to what is set.
            if (event.key === 'Escape') setTyped(undefined);
          }}
          onChange={({ target }) => take(valueIn(definition, target.value), target.value)}
        />
      )}
      <div id={`${id}-fault`} className="setting-fault" role="status">
        {fault === undefined ? (
          <span className="muted">{text(settingsText.defaultIs, { value: defaultWords })}</span>
        ) : (
          <State tone="error">{sayFault(fault, text)}</State>
        )}
      </div>
    </div>
  );
}

/** What is meant by a text in a field; a text that is no number stays a text, and so is refused as one. */
function valueIn({ kind }: SettingDefinition, shown: string): unknown {
  if (kind !== 'number') return shown;
  const number = Number(shown.trim());
  return shown.trim() === '' || !Number.isFinite(number) ? shown : number;
}

function useDefaultWords({ default: value, choices, kind }: SettingDefinition): string {
  const text = useText();
  if (kind === 'boolean') return text(value === true ? settingsText.on : settingsText.off);
  const label = choices?.find((choice) => choice.value === value)?.label;
  if (label !== undefined) return text(label);
  return value === '' || value === undefined || value === null ? text(settingsText.nothing) : String(value);
}
