'use client';
/** A search field that understands `office:lyon` and `-tag:old`, and shows such terms as chips that can be taken away. */
import { type Ref, useId } from 'react';
import { useText } from '../i18n/I18n.tsx';
import { Icon } from './Icon.tsx';
import { messages } from './messages.ts';
import { formatTerm, parseQuery, withoutTerm } from './query.ts';

export interface SearchFieldProps {
  label: string;
  value: string;
  onChange(value: string): void;
  /** The keys that terms may have. */
  keys?: readonly string[];
  placeholder?: string;
  /** How much was found, in words; said to screen readers as well. */
  result?: string;
  onSubmit?(): void;
  inputRef?: Ref<HTMLInputElement>;
}

export function SearchField(props: SearchFieldProps) {
  const { label, value, onChange, keys, placeholder, result, onSubmit, inputRef } = props;
  const text = useText();
  const resultId = useId();
  const terms = parseQuery(value, keys).filter(
    ({ key, isNegated, value: wanted }) => (key !== undefined || isNegated) && wanted !== '',
  );
  return (
    <search className="search">
      <div className="search-line">
        <Icon name="search" />
        <input
          ref={inputRef}
          type="text"
          value={value}
          aria-label={label}
          aria-describedby={resultId}
          placeholder={placeholder ?? keys?.map((key) => `${key}:`).join(' ')}
          spellCheck={false}
          autoComplete="off"
          onChange={(event) => onChange(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter') onSubmit?.();
            else if (event.key === 'Escape' && value !== '') onChange('');
            else return;
            event.preventDefault();
            event.stopPropagation();
          }}
        />
        <span id={resultId} className="search-result" role="status">
          {result}
        </span>
        {value === '' ? null : (
          <button
            type="button"
            className="icon-button small"
            title={text(messages.clearSearch)}
            aria-label={text(messages.clearSearch)}
            onClick={() => onChange('')}
          >
            <Icon name="close" />
          </button>
        )}
      </div>
      {terms.length === 0 ? null : (
        <ul className="chips">
          {terms.map((term) => {
            const shown = formatTerm({ ...term, isNegated: false });
            const words = term.isNegated ? text(messages.without, { term: shown }) : shown;
            return (
              <li key={term.from} className="chip">
                <bdi>{words}</bdi>
                <button
                  type="button"
                  className="icon-button small"
                  title={text(messages.removeTerm, { term: words })}
                  aria-label={text(messages.removeTerm, { term: words })}
                  onClick={() => onChange(withoutTerm(value, term))}
                >
                  <Icon name="close" />
                </button>
              </li>
            );
          })}
        </ul>
      )}
    </search>
  );
}
