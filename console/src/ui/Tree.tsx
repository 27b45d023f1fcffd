'use client';
/**
 * A tree after the ARIA pattern: one tab stop, arrows, Home and End, type-ahead, selection apart from focus, a filter. Rows are virtual, so ten
 * thousand cost what forty do; the focused one always stays in the page.
 */
import { useVirtualizer } from '@tanstack/react-virtual';
import { type MouseEvent, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { z } from 'zod';
import { useText } from '../i18n/I18n.tsx';
import { useRowPixels } from '../theme/colors.ts';
import { useUiHost } from './host.tsx';
import { messages } from './messages.ts';
import { menuTargets, noSelection, type Selection, selectOne, selectRange, toggleOne } from './selection.ts';
import { useStored } from './stored.ts';
import { ancestorsOf, flatten, type Row } from './tree/flatten.ts';
import { type TreeKeys, treeKeyHandler } from './tree/keys.ts';
import type { TreeFilter, TreeNode, TreeProps } from './tree/model.ts';
import { TreeFilterBox } from './tree/TreeFilterBox.tsx';
import { TreeRow } from './tree/TreeRow.tsx';
import { OVERSCAN_ROWS, rangeWith } from './virtual-range.ts';

export type { TreeAction, TreeFilter, TreeNode, TreeProps } from './tree/model.ts';

/** What is kept of a tree between visits: the rows that differ from how they start. More than these are forgotten. */
const MAX_TOGGLED = 5000;
const Toggled = z.array(z.string()).max(MAX_TOGGLED);

/** Shows `nodes` and tells what is opened, selected and expanded. */
export function Tree<Data = unknown>(props: TreeProps<Data>) {
  const { label, nodes, onOpen, onContextMenu, startsExpanded, storageKey, revealId } = props;
  const text = useText();
  const host = useUiHost();
  const rowPixels = useRowPixels();
  const scroller = useRef<HTMLDivElement>(null);
  const filterInput = useRef<HTMLInputElement>(null);
  const wantsFocus = useRef(false);
  const hasFocus = useRef(false);

  const [stored, store] = useStored(storageKey === undefined ? undefined : `tree.${storageKey}`, Toggled, []);
  const toggled = useMemo(() => props.toggled ?? new Set(stored), [props.toggled, stored]);
  const isOpen = useCallback(
    (node: TreeNode<Data>) => (startsExpanded?.(node) ?? true) !== toggled.has(node.id),
    [startsExpanded, toggled],
  );
  const [ownFilter, setOwnFilter] = useState<TreeFilter>();
  const filter = props.filter ?? ownFilter;
  const { rows, matches, ids } = useRows(nodes, isOpen, filter);

  const [focusedId, setFocusedId] = useState<string>();
  const focusedIndex = useIndexOf(ids, focusedId);
  const [ownSelection, setOwnSelection] = useState<Selection>(noSelection);
  const selection = useMemo(
    () => (props.selection === undefined ? ownSelection : { ...ownSelection, selected: props.selection }),
    [props.selection, ownSelection],
  );

  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowPixels,
    overscan: OVERSCAN_ROWS,
    // The same function for the same rows: with another one ten thousand places are worked out again at every scroll.
    getItemKey: useCallback((index: number) => ids[index] ?? index, [ids]),
    rangeExtractor: useMemo(() => rangeWith(focusedIndex), [focusedIndex]),
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: rows are measured again when their height changes
  useEffect(() => virtual.measure(), [rowPixels]);

  // After the row is in the page: a focused row always is. One that went away, such as "more" when there is more, leaves its focus to what took its
  // place; React tells of no blur then.
  useLayoutEffect(() => {
    const isLost = hasFocus.current && (document.activeElement === document.body || document.activeElement === null);
    if (!wantsFocus.current && !isLost) return;
    wantsFocus.current = false;
    if (isLost) setFocusedId(ids[focusedIndex]);
    scroller.current?.querySelector<HTMLElement>(`[data-index="${focusedIndex}"]`)?.focus({ preventScroll: true });
  });
  const scrollToIndex = virtual.scrollToIndex;
  // Once for each row that is to be shown, as soon as it is there: a person may have scrolled or collapsed since.
  const revealed = useRef<string>(undefined);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is expanded matters only while the row is not there
  useEffect(() => {
    if (revealId === undefined || revealed.current === revealId) return;
    const index = ids.indexOf(revealId);
    if (index >= 0) {
      revealed.current = revealId;
      setFocusedId(revealId);
      scrollToIndex(index);
      return;
    }
    const closed = ancestorsOf(nodes, revealId)?.filter((node) => !isOpen(node)) ?? [];
    if (closed.length > 0 && props.toggled === undefined) {
      store([...symmetricDifference(toggled, closed)].slice(-MAX_TOGGLED));
    }
  }, [revealId, ids, scrollToIndex]);

  const focus = (index: number) => {
    const id = ids[Math.min(ids.length - 1, Math.max(0, index))];
    if (id === undefined) return;
    wantsFocus.current = true;
    setFocusedId(id);
    virtual.scrollToIndex(ids.indexOf(id));
  };
  const select = (next: Selection) => {
    setOwnSelection(next);
    host.setContext('treeSelectionCount', next.selected.size);
    props.onSelect?.(
      next.selected,
      rows.filter(({ node }) => next.selected.has(node.id)).map(({ node }) => node),
    );
  };
  const toggle = (index: number, expanded?: boolean) => {
    const row = rows[index];
    if (row === undefined || !row.isParent || (expanded ?? !row.isOpen) === row.isOpen) return;
    const next = symmetricDifference(toggled, [row.node]);
    if (props.toggled === undefined) store([...next].slice(-MAX_TOGGLED));
    props.onToggle?.(row.node, !row.isOpen, next);
  };
  const open = (index: number, preview: boolean) => {
    const row = rows[index];
    if (row !== undefined) onOpen(row.node, { preview });
  };
  const showMenu = (index: number, at: Parameters<NonNullable<typeof onContextMenu>>[1]) => {
    const row = rows[index];
    if (row === undefined || onContextMenu === undefined) return;
    const wanted = menuTargets(selection.selected, ids, row.node.id);
    if (!selection.selected.has(row.node.id)) select(selectOne(row.node.id));
    const byId = new Map(rows.map(({ node }) => [node.id, node]));
    onContextMenu(
      wanted.map((id) => byId.get(id)).filter((node) => node !== undefined),
      at,
    );
  };
  const openFilter = () => {
    if (props.filter !== undefined) return;
    setOwnFilter((present) => present ?? { text: '', mode: 'hide' });
    requestAnimationFrame(() => filterInput.current?.select());
  };

  const typed = useRef({ text: '', atMs: 0 });
  const keys: TreeKeys = {
    rows,
    ids,
    focusedIndex,
    pageRows: Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / rowPixels) - 1),
    selection,
    typed: typed.current,
    focus,
    select,
    toggle,
    open,
    openFilter,
    showMenu: (index) => {
      const element = scroller.current?.querySelector<HTMLElement>(`[data-index="${index}"]`);
      if (element != null) showMenu(index, element);
    },
  };

  // Rows keep their properties while the tree is drawn again and again; what they call is always the newest.
  const latest = useRef({ rows, selection, focus, select, toggle, open, showMenu });
  useLayoutEffect(() => {
    latest.current = { rows, selection, focus, select, toggle, open, showMenu };
  });
  const onRowClick = useCallback((index: number, event: MouseEvent) => {
    const now = latest.current;
    const id = now.rows[index]?.node.id;
    if (id === undefined) return;
    now.focus(index);
    if (event.shiftKey) {
      const shown = now.rows.map(({ node }) => node.id);
      now.select(selectRange(now.selection, shown, id));
    } else if (event.ctrlKey || event.metaKey) now.select(toggleOne(now.selection, id));
    else {
      now.select(selectOne(id));
      // The second click of two opens for good, below.
      if (event.detail < 2) now.open(index, true);
    }
  }, []);
  const onRowDoubleClick = useCallback((index: number) => latest.current.open(index, false), []);
  const onTwistie = useCallback((index: number) => {
    latest.current.focus(index);
    latest.current.toggle(index);
  }, []);
  const onRowMenu = useCallback((index: number, event: MouseEvent) => {
    event.preventDefault();
    latest.current.focus(index);
    latest.current.showMenu(index, { x: event.clientX, y: event.clientY });
  }, []);

  return (
    <div className="tree-box">
      {ownFilter === undefined || props.filter !== undefined ? null : (
        <TreeFilterBox
          filter={ownFilter}
          matches={matches}
          inputRef={filterInput}
          onChange={setOwnFilter}
          onClose={() => {
            setOwnFilter(undefined);
            focus(focusedIndex);
          }}
          onLeave={() => focus(focusedIndex)}
        />
      )}
      {rows.length === 0 && filter !== undefined && filter.text !== '' ? (
        <p className="tree-nothing">{text(messages.noMatch, { filter: filter.text })}</p>
      ) : null}
      <div className="tree" ref={scroller}>
        {/* One tab stop: the row that has it takes the keys, and this hears them. */}
        <div
          role="tree"
          aria-label={label}
          aria-multiselectable="true"
          className="tree-rows"
          style={{ height: virtual.getTotalSize() }}
          onKeyDown={treeKeyHandler(keys)}
          onFocus={() => {
            hasFocus.current = true;
            host.setContext('treeFocus', true);
            host.setContext('treeSelectionCount', selection.selected.size);
          }}
          onBlur={(event) => {
            if (event.currentTarget.contains(event.relatedTarget)) return;
            hasFocus.current = false;
            host.setContext('treeFocus', false);
          }}
        >
          {virtual.getVirtualItems().map(({ index, start, key }) => {
            const row = rows[index];
            if (row === undefined) return null;
            return (
              <TreeRow
                key={key}
                row={row as Row}
                index={index}
                startPixels={start}
                isTabStop={index === focusedIndex}
                isSelected={selection.selected.has(row.node.id)}
                onClick={onRowClick}
                onDoubleClick={onRowDoubleClick}
                onTwistie={onTwistie}
                onContextMenu={onRowMenu}
              />
            );
          })}
        </div>
      </div>
    </div>
  );
}

/** Where a row is; where it was, once it is gone. */
function useIndexOf(ids: readonly string[], id: string | undefined): number {
  const [last] = useState({ index: 0 });
  return useMemo(() => {
    const index = id === undefined ? 0 : ids.indexOf(id);
    last.index = Math.max(0, index === -1 ? Math.min(last.index, ids.length - 1) : index);
    return last.index;
  }, [ids, id, last]);
}

/** The rows, and their ids. What did not change is the same object as the last time: live trees change a few rows of ten thousand, again and again. */
function useRows<Data>(
  nodes: readonly TreeNode<Data>[],
  isOpen: (node: TreeNode<Data>) => boolean,
  filter: TreeFilter | undefined,
) {
  const [last] = useState<{ rows: readonly Row<Data>[]; ids: readonly string[] }>(() => ({ rows: [], ids: [] }));
  return useMemo(() => {
    const { rows, matches } = flatten(nodes, { isOpen, filter, before: last.rows });
    const hasSameIds =
      rows.length === last.rows.length &&
      rows.every((row, index) => row === last.rows[index] || row.node.id === last.ids[index]);
    last.rows = rows;
    if (!hasSameIds) last.ids = rows.map(({ node }) => node.id);
    return { rows, matches, ids: last.ids };
  }, [nodes, isOpen, filter, last]);
}

/** The rows that differ from how they start, after these were expanded or collapsed. */
function symmetricDifference(toggled: ReadonlySet<string>, nodes: readonly { id: string }[]): Set<string> {
  const next = new Set(toggled);
  for (const { id } of nodes) if (!next.delete(id)) next.add(id);
  return next;
}
