'use client';
/** What the quick input has open: a search, a choice or a question. */
import { type KeyboardEvent, useEffect, useId, useMemo, useState, useSyncExternalStore } from 'react';
import { useText } from '../../i18n/I18n.tsx';
import type { QuickAccessContribution, QuickItem } from '../model.ts';
import { useWorkbench } from '../services.tsx';
import type { AccessSearch } from './access-search.ts';
import { type ActiveRow, useActiveRow } from './active-row.ts';
import { type FuzzyQuery, parseQuery } from './fuzzy.ts';
import { quickInputMessages } from './messages.ts';
import { QuickBox } from './QuickBox.tsx';
import { QuickList, rowId } from './QuickList.tsx';
import type { AskOptions, PickOptions, QuickInputState } from './quick-input.ts';
import { rowsFor } from './rows.ts';

/** A page of the list, for Page Up and Page Down. */
const PAGE_ROWS = 10;
/** Nobody scrolls further; who wants what comes later types another letter. */
const MAX_ROWS = 1_000;
/** The number of results is said when typing pauses, not at every letter. */
const STATUS_DELAY_MS = 800;

interface QuickInputBoxProps {
  state: Exclude<QuickInputState, { kind: 'closed' }>;
  quickAccess: readonly QuickAccessContribution[];
}

export default function QuickInputBox({ state, quickAccess }: QuickInputBoxProps) {
  switch (state.kind) {
    case 'access':
      return (
        <Access key={state.id} id={state.id} search={state.search} initial={state.text} quickAccess={quickAccess} />
      );
    case 'pick':
      return <Pick key={state.id} id={state.id} options={state.options} />;
    case 'ask':
      return <Ask key={state.id} id={state.id} options={state.options} />;
  }
}

interface AccessProps {
  id: number;
  search: AccessSearch;
  initial: string;
  quickAccess: readonly QuickAccessContribution[];
}

function Access({ id, search, initial, quickAccess }: AccessProps) {
  const text = useText();
  const [value, setValue] = useState(initial);
  const read = () => search.state;
  const { prefix, rows, query, isLoading, failure } = useSyncExternalStore(search.onDidChange, read, read);
  const placeholder = quickAccess.find((provider) => provider.prefix === prefix)?.placeholder;
  return (
    <Choice
      id={id}
      value={value}
      placeholder={text(placeholder ?? quickInputMessages.placeholder)}
      rows={rows}
      query={query}
      isLoading={isLoading}
      notice={failure === undefined ? undefined : text(quickInputMessages.failed, { cause: causeOf(failure) })}
      nothing={text(prefix === '>' ? quickInputMessages.noCommands : quickInputMessages.noResults)}
      onChange={(next) => {
        setValue(next);
        search.search(next);
      }}
    />
  );
}

function causeOf(failure: unknown): string {
  return failure instanceof Error ? failure.message : String(failure);
}

function Pick({ id, options }: { id: number; options: PickOptions }) {
  const text = useText();
  const [value, setValue] = useState('');
  const query = useMemo(() => parseQuery(value), [value]);
  // Every item must fit here, also one that carries matches: nobody has matched it to this text.
  const rows = useMemo(() => rowsFor(query, [{ items: options.items, isCurrent: false }], []), [query, options.items]);
  return (
    <Choice
      id={id}
      title={options.title}
      step={options.step}
      value={value}
      placeholder={options.placeholder ?? text(quickInputMessages.placeholder)}
      rows={rows}
      query={query}
      nothing={text(quickInputMessages.noResults)}
      activeId={options.activeId}
      onActive={options.onActive}
      onChange={setValue}
    />
  );
}

interface ChoiceProps {
  id: number;
  title?: string;
  step?: readonly [number, number] | undefined;
  value: string;
  placeholder: string;
  rows: readonly QuickItem[];
  query: FuzzyQuery;
  isLoading?: boolean;
  notice?: string | undefined;
  nothing: string;
  activeId?: string | undefined;
  onActive?: ((item: QuickItem) => void) | undefined;
  onChange(value: string): void;
}

/** A field with a list below it. */
function Choice(props: ChoiceProps) {
  const { id, title, step, value, placeholder, query, isLoading = false, notice, nothing, onChange } = props;
  const rows = useMemo(() => props.rows.slice(0, MAX_ROWS), [props.rows]);
  const { quickInput } = useWorkbench();
  const text = useText();
  const listId = useId();
  const active = useActiveRow(rows, props.activeId);
  useOnActive(rows[active.index], props.onActive);
  const [refusal, setRefusal] = useState<string>();
  const accept = (index: number) => {
    const item = rows[index];
    if (item === undefined) return;
    if (item.disabledReason !== undefined) setRefusal(item.disabledReason);
    else quickInput.end(id, { kind: 'item', item });
  };
  const isEmpty = rows.length === 0 && !isLoading;
  const result = isEmpty
    ? nothing
    : isLoading
      ? undefined
      : text(quickInputMessages.count, { count: props.rows.length });
  return (
    <QuickBox
      title={title}
      step={step}
      placeholder={placeholder}
      value={value}
      isBusy={isLoading}
      error={refusal}
      list={{ id: listId, activeId: active.index < 0 ? undefined : rowId(listId, active.index) }}
      status={useAfterPause(result)}
      onChange={(next) => {
        setRefusal(undefined);
        active.restart();
        onChange(next);
      }}
      onKey={(event) => moveByKey(event, active, rows.length)}
      onEnter={() => accept(active.index)}
      onLeave={(focusIsElsewhere) => quickInput.end(id, { kind: 'cancelled', focusIsElsewhere })}
    >
      {notice === undefined ? null : <div className="quick-input-notice">{notice}</div>}
      {isEmpty ? <div className="quick-input-notice">{nothing}</div> : null}
      <QuickList id={listId} rows={rows} query={query} active={active.index} onAccept={accept} />
    </QuickBox>
  );
}

function moveByKey(event: KeyboardEvent, active: ActiveRow, count: number) {
  if (count === 0 || event.altKey || event.metaKey || event.shiftKey) return;
  if (event.key === 'ArrowDown') active.move(active.index + 1);
  else if (event.key === 'ArrowUp') active.move(active.index - 1);
  else if (event.key === 'PageDown') active.moveBy(PAGE_ROWS);
  else if (event.key === 'PageUp') active.moveBy(-PAGE_ROWS);
  // Home and End alone are the field's.
  else if (event.key === 'Home' && event.ctrlKey) active.move(0);
  else if (event.key === 'End' && event.ctrlKey) active.move(count - 1);
  else return;
  event.preventDefault();
}

/** Tells who wants to know which row is marked, whenever it is another one. */
function useOnActive(item: QuickItem | undefined, onActive: ((item: QuickItem) => void) | undefined) {
  // biome-ignore lint/correctness/useExhaustiveDependencies: another row is news, another object or listener for it is not
  useEffect(() => {
    if (item !== undefined) onActive?.(item);
  }, [item?.id]);
}

/** A text once it has stayed the same for a moment. */
function useAfterPause(text: string | undefined): string | undefined {
  const [settled, settle] = useState<string>();
  useEffect(() => {
    const timer = setTimeout(() => settle(text), STATUS_DELAY_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}

function Ask({ id, options }: { id: number; options: AskOptions }) {
  const { quickInput } = useWorkbench();
  const text = useText();
  const [value, setValue] = useState(options.value ?? '');
  // An untouched field is not wrong yet; Enter asks anyway.
  const [wasTouched, touch] = useState(false);
  const error = options.validate?.(value);
  return (
    <QuickBox
      title={options.title}
      step={options.step}
      placeholder={options.placeholder ?? options.title}
      value={value}
      selectsValue
      error={wasTouched ? error : undefined}
      onChange={(next) => {
        touch(true);
        setValue(next);
      }}
      onEnter={() => {
        if (error === undefined) quickInput.end(id, { kind: 'text', text: value });
        else touch(true);
      }}
      onLeave={(focusIsElsewhere) => quickInput.end(id, { kind: 'cancelled', focusIsElsewhere })}
    >
      <div className="quick-input-notice">{text(quickInputMessages.pressEnter)}</div>
    </QuickBox>
  );
}
