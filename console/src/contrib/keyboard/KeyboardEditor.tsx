'use client';
/** The shortcut editor: all commands with their keys; keys are found by pressing them and changed by pressing new ones. */
import { type KeyboardEvent, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import { useText } from '../../i18n/I18n.tsx';
import { IconButton } from '../../ui/Button.tsx';
import { type Column, DataTable } from '../../ui/DataTable.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { KeyHint } from '../../ui/KeyHint.tsx';
import { SearchField } from '../../ui/SearchField.tsx';
import { EmptyFiltered } from '../../ui/states.tsx';
import { Toolbar } from '../../ui/Toolbar.tsx';
import { RECORDS_KEYS } from '../../workbench/keybindings/keybindings.ts';
import type { EditorProps } from '../../workbench/model.ts';
import { useWorkbench } from '../../workbench/services.tsx';
import { KeyRecorder } from './KeyRecorder.tsx';
import { keyboardMessages as messages } from './messages.ts';
import { record } from './recording.ts';
import { ROW_MENU, type RowTarget, searchForKey } from './row-commands.ts';
import { SEARCH_KEYS, type ShortcutRow, searchRows, shortcutRows } from './shortcut-rows.ts';

export function KeyboardEditor({ params, setParams, setTitle }: EditorProps) {
  const { keybindings, commands, menus } = useWorkbench();
  const text = useText();
  const title = text(messages.title);
  useEffect(() => setTitle(title), [setTitle, title]);
  const search = params.search ?? '';
  const setSearch = (next: string) => setParams(next === '' ? {} : { search: next });
  const rows = useShortcutRows();
  const found = useMemo(() => searchRows(rows, search), [rows, search]);
  const [selected, select] = useState<ReadonlySet<string>>(new Set());
  const [asked, ask] = useState<{ row: ShortcutRow; mode: 'change' | 'add' }>();
  const columns = useColumns();
  const targetOf = (row: ShortcutRow): RowTarget => ({
    row,
    askKey: (mode) => ask({ row, mode }),
    search: setSearch,
  });
  const chosen = found.find(({ id }) => selected.has(id));
  const run = (id: string, row = chosen) => void commands.run(id, row === undefined ? undefined : targetOf(row));
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Delete is a key of the table inside, which has no prop for it
    <div
      className="editor-body keyboard-editor"
      onKeyDown={(event) => {
        if (event.key !== 'Delete' || chosen === undefined || isField(event.target)) return;
        event.preventDefault();
        run('harp.keyboard.remove');
      }}
    >
      <h1>{title}</h1>
      <div className="keyboard-tools">
        <KeySearch search={search} setSearch={setSearch} found={found.length} />
        <Toolbar label={text(messages.tools)}>
          <RowButton icon="edit" command="harp.keyboard.change" row={chosen} run={run} title={text(messages.change)} />
          <RowButton icon="add" command="harp.keyboard.add" row={chosen} run={run} title={text(messages.add)} />
          <RowButton
            icon="trash"
            command="harp.keyboard.remove"
            row={chosen}
            run={run}
            title={text(messages.remove)}
            refusal={chosen?.binding === undefined ? text(messages.hasNoKey) : undefined}
          />
          <RowButton
            icon="discard"
            command="harp.keyboard.reset"
            row={chosen}
            run={run}
            title={text(messages.reset)}
            refusal={chosen?.isModified === false ? text(messages.isDefault) : undefined}
          />
        </Toolbar>
      </div>
      <DataTable
        label={text(messages.table)}
        columns={columns}
        rows={found}
        rowKey={idOf}
        storageKey="keyboard"
        hidesCount
        selection={selected}
        onSelect={select}
        onOpen={(row) => run('harp.keyboard.change', row)}
        onContextMenu={([row], at) => {
          if (row !== undefined) menus.openContext(ROW_MENU, at, targetOf(row));
        }}
        empty={<EmptyFiltered sentence={text(messages.noMatch)} onClear={() => setSearch('')} />}
      />
      {asked === undefined ? null : (
        <KeyRecorder
          row={asked.row}
          mode={asked.mode}
          onDone={(key) => {
            ask(undefined);
            if (key === undefined) return;
            const { binding, command } = asked.row;
            if (asked.mode === 'change' && binding !== undefined) keybindings.change(binding, key);
            else keybindings.add(command.id, key);
          }}
        />
      )}
    </div>
  );
}

function idOf({ id }: ShortcutRow): string {
  return id;
}

/** The command, and what it is given if the key gives it something. */
function labelOf({ command, binding }: ShortcutRow): string {
  const argument = binding?.argument;
  return typeof argument === 'string' || typeof argument === 'number'
    ? `${command.label} (${argument})`
    : command.label;
}

function isField(target: EventTarget): boolean {
  return target instanceof HTMLInputElement;
}

function useShortcutRows(): readonly ShortcutRow[] {
  const { keybindings, commands } = useWorkbench();
  const text = useText();
  const bindings = useSyncExternalStore(keybindings.onDidChange, keybindings.all, keybindings.all);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the commands' labels follow the language
  return useMemo(
    () =>
      shortcutRows({
        commands: commands.all(),
        bindings,
        label: keybindings.label,
        conflictsWith: keybindings.conflictsWith,
        isModified: keybindings.isModified,
      }),
    [bindings, commands, keybindings, text],
  );
}

function useColumns(): readonly Column<ShortcutRow>[] {
  const text = useText();
  return useMemo(
    (): readonly Column<ShortcutRow>[] => [
      { id: 'command', title: text(messages.columnCommand), width: 300, value: labelOf },
      {
        id: 'key',
        title: text(messages.columnKey),
        width: 200,
        value: ({ keyLabel }) => keyLabel ?? null,
        render: (row) => <KeyCell row={row} />,
      },
      {
        id: 'when',
        title: text(messages.columnWhen),
        width: 220,
        value: ({ binding }) => (binding === undefined ? null : (binding.when ?? text(messages.always))),
        render: ({ binding }) => (binding?.when === undefined ? null : <code>{binding.when}</code>),
      },
      {
        id: 'source',
        title: text(messages.columnSource),
        width: 90,
        value: ({ binding }) =>
          binding === undefined ? null : text(binding.source === 'user' ? messages.sourceUser : messages.sourceDefault),
      },
      {
        id: 'conflicts',
        title: text(messages.columnConflicts),
        width: 220,
        hidden: true,
        value: ({ conflicts }) => (conflicts.length === 0 ? null : conflicts.join(', ')),
      },
      { id: 'id', title: text(messages.columnId), width: 240, hidden: true, value: ({ command }) => command.id },
    ],
    [text],
  );
}

function KeyCell({ row: { keyLabel, conflicts } }: { row: ShortcutRow }) {
  const text = useText();
  if (keyLabel === undefined) return <span className="visually-hidden">{text(messages.noKey)}</span>;
  const conflict = conflicts.length === 0 ? undefined : text(messages.conflict, { others: conflicts.join(', ') });
  return (
    <span className="key-cell">
      <KeyHint keys={keyLabel} />
      {conflict === undefined ? null : (
        <span title={conflict}>
          <Icon name="warning" tone="warning" />
          <span className="visually-hidden">{conflict}</span>
        </span>
      )}
    </span>
  );
}

interface RowButtonProps {
  icon: string;
  command: string;
  title: string;
  row: ShortcutRow | undefined;
  refusal?: string | undefined;
  run(command: string): void;
}

function RowButton({ icon, command, title, row, refusal, run }: RowButtonProps) {
  const text = useText();
  const disabledReason = row === undefined ? text(messages.selectFirst) : refusal;
  return <IconButton icon={icon} title={title} disabledReason={disabledReason} run={() => run(command)} />;
}

interface KeySearchProps {
  search: string;
  setSearch(search: string): void;
  found: number;
}

/** The search field; while it records, the keys pressed in it are what is searched for. */
function KeySearch({ search, setSearch, found }: KeySearchProps) {
  const { keybindings } = useWorkbench();
  const text = useText();
  const field = useRef<HTMLInputElement>(null);
  const [recorded, setRecorded] = useState<{ key: string | undefined }>();
  const isRecording = recorded !== undefined;
  const onKey = (event: KeyboardEvent) => {
    if (!isRecording || !isField(event.target)) return;
    const next = record(recorded.key, event.nativeEvent, keybindings.platform);
    if (next.kind === 'leading' && next.stroke.endsWith('tab')) return;
    event.preventDefault();
    event.stopPropagation();
    if (next.kind === 'leading') setRecorded(undefined);
    if (next.kind !== 'key') return;
    setRecorded({ key: next.key });
    setSearch(searchForKey(next.key));
  };
  return (
    <div className="key-search" onKeyDownCapture={onKey} {...(isRecording ? { [RECORDS_KEYS]: '' } : {})}>
      <SearchField
        label={isRecording ? text(messages.recording) : text(messages.search)}
        placeholder={isRecording ? text(messages.recording) : text(messages.searchPlaceholder)}
        value={search}
        onChange={setSearch}
        keys={SEARCH_KEYS}
        result={text(messages.found, { count: found })}
        inputRef={field}
      />
      <IconButton
        icon="record-keys"
        title={text(isRecording ? messages.stopRecording : messages.record)}
        pressed={isRecording}
        run={() => {
          setRecorded(isRecording ? undefined : { key: undefined });
          field.current?.focus();
        }}
      />
    </div>
  );
}
