'use client';
/** The small box at the top of a tree in which its rows are filtered. */
import { type KeyboardEvent, type Ref, useId } from 'react';
import { useText } from '../../i18n/I18n.tsx';
import { Icon } from '../Icon.tsx';
import { messages } from '../messages.ts';
import type { TreeFilter } from './model.ts';

export interface TreeFilterBoxProps {
  filter: TreeFilter;
  matches: number;
  inputRef: Ref<HTMLInputElement>;
  onChange(filter: TreeFilter): void;
  onClose(): void;
  /** To the rows, without closing. */
  onLeave(): void;
}

export function TreeFilterBox({ filter, matches, inputRef, onChange, onClose, onLeave }: TreeFilterBoxProps) {
  const text = useText();
  const countId = useId();
  const isEmpty = filter.text.trim() === '';
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') onClose();
    else if (event.key === 'ArrowDown' || event.key === 'Enter') onLeave();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <search className={`tree-filter ${!isEmpty && matches === 0 ? 'no-matches' : ''}`}>
      <input
        ref={inputRef}
        type="text"
        value={filter.text}
        placeholder={text(messages.filterPlaceholder)}
        aria-label={text(messages.filter)}
        aria-describedby={countId}
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => onChange({ ...filter, text: event.target.value })}
        onKeyDown={onKeyDown}
      />
      <span id={countId} className="tree-filter-count" role="status">
        {isEmpty ? '' : text(messages.filterMatches, { count: matches })}
      </span>
      <button
        type="button"
        className="icon-button small"
        aria-pressed={filter.mode === 'hide'}
        title={text(messages.filterHides)}
        aria-label={text(messages.filterHides)}
        onClick={() => onChange({ ...filter, mode: filter.mode === 'hide' ? 'highlight' : 'hide' })}
      >
        <Icon name="list-filter" />
      </button>
      <button
        type="button"
        className="icon-button small"
        title={text(messages.filterClose)}
        aria-label={text(messages.filterClose)}
        onClick={onClose}
      >
        <Icon name="close" />
      </button>
    </search>
  );
}
