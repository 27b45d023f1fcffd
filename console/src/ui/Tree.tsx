'use client';
/** A tree after the ARIA pattern: one tab stop, arrows, Home/End, type-ahead; rows are virtual, so ten thousand cost what forty do. */
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, useMemo, useRef, useState } from 'react';

/** One row. `icon` is a codicon name; `tone` colours it and never stands alone: `description` says the same in words. */
export interface TreeNode {
  id: string;
  name: string;
  icon: string;
  tone?: 'ok' | 'warning' | 'error' | 'unknown';
  description?: string;
  /** Read out and shown on hover: the state in words. */
  title?: string;
  children?: readonly TreeNode[];
}

interface Row {
  node: TreeNode;
  level: number;
  position: number;
  siblings: number;
}

const ROW_PIXELS = 24;

/** Shows `nodes`; `onOpen` is called on Enter and click. Everything is expanded until a person collapses it. */
export function Tree({
  label,
  nodes,
  onOpen,
}: {
  label: string;
  nodes: readonly TreeNode[];
  onOpen: (node: TreeNode) => void;
}) {
  const [collapsed, setCollapsed] = useState<ReadonlySet<string>>(new Set());
  const [focusedId, setFocusedId] = useState<string>();
  const scroller = useRef<HTMLDivElement>(null);
  const typed = useRef({ text: '', atMs: 0 });
  const rows = useMemo(() => flatten(nodes, collapsed), [nodes, collapsed]);
  const focusedIndex = Math.max(
    0,
    rows.findIndex(({ node }) => node.id === focusedId),
  );
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PIXELS,
    overscan: 8,
    getItemKey: (index) => rows[index]?.node.id ?? index,
    rangeExtractor: ({ startIndex, endIndex, overscan, count }) => {
      const from = Math.max(0, startIndex - overscan);
      const to = Math.min(count - 1, endIndex + overscan);
      const visible = Array.from({ length: to - from + 1 }, (_, index) => from + index);
      return focusedIndex < from
        ? [focusedIndex, ...visible]
        : focusedIndex > to
          ? [...visible, focusedIndex]
          : visible;
    },
  });

  const focus = (index: number) => {
    const row = rows[Math.min(rows.length - 1, Math.max(0, index))];
    if (row === undefined) return;
    setFocusedId(row.node.id);
    virtual.scrollToIndex(rows.indexOf(row));
    requestAnimationFrame(() =>
      scroller.current?.querySelector<HTMLElement>(`[data-id="${CSS.escape(row.node.id)}"]`)?.focus(),
    );
  };
  const setOpen = (id: string, open: boolean) => {
    const next = new Set(collapsed);
    if (open) next.delete(id);
    else next.add(id);
    setCollapsed(next);
  };

  const onKeyDown = (event: KeyboardEvent) => {
    const row = rows[focusedIndex];
    if (row === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    const isParent = (row.node.children?.length ?? 0) > 0;
    const isOpen = isParent && !collapsed.has(row.node.id);
    switch (event.key) {
      case 'ArrowDown':
        focus(focusedIndex + 1);
        break;
      case 'ArrowUp':
        focus(focusedIndex - 1);
        break;
      case 'Home':
        focus(0);
        break;
      case 'End':
        focus(rows.length - 1);
        break;
      case 'ArrowRight':
        if (isParent && !isOpen) setOpen(row.node.id, true);
        else if (isOpen) focus(focusedIndex + 1);
        break;
      case 'ArrowLeft':
        if (isOpen) setOpen(row.node.id, false);
        else focus(rows.findLastIndex(({ level }, index) => index < focusedIndex && level < row.level));
        break;
      case 'Enter':
      case ' ':
        onOpen(row.node);
        break;
      default:
        if (event.key.length !== 1) return;
        typeAhead(event.key, event.timeStamp);
    }
    event.preventDefault();
  };

  const typeAhead = (key: string, atMs: number) => {
    typed.current = { text: atMs - typed.current.atMs < 800 ? typed.current.text + key : key, atMs };
    const text = typed.current.text.toLowerCase();
    const order = [...rows.keys()].map((step) => (focusedIndex + step + (text.length === 1 ? 1 : 0)) % rows.length);
    const found = order.find((index) => rows[index]?.node.name.toLowerCase().startsWith(text));
    if (found !== undefined) focus(found);
  };

  return (
    <div className="tree" ref={scroller}>
      <div
        role="tree"
        aria-label={label}
        className="tree-rows"
        style={{ height: virtual.getTotalSize() }}
        onKeyDown={onKeyDown}
      >
        {virtual.getVirtualItems().map(({ index, start, key }) => {
          const row = rows[index];
          if (row === undefined) return null;
          const { node, level } = row;
          const isParent = (node.children?.length ?? 0) > 0;
          const isOpen = isParent && !collapsed.has(node.id);
          return (
            <div
              key={key}
              role="treeitem"
              data-id={node.id}
              className="tree-row"
              style={{ transform: `translateY(${start}px)`, paddingLeft: 8 }}
              tabIndex={index === focusedIndex ? 0 : -1}
              aria-level={level + 1}
              aria-posinset={row.position}
              aria-setsize={row.siblings}
              aria-selected={node.id === focusedId}
              {...(isParent ? { 'aria-expanded': isOpen } : {})}
              title={node.title}
              onClick={() => {
                setFocusedId(node.id);
                onOpen(node);
              }}
              onKeyDown={undefined}
              onFocus={() => setFocusedId(node.id)}
            >
              {Array.from({ length: level }, (_, depth) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: guides have no identity but their depth
                <span key={depth} className="guide" aria-hidden="true" />
              ))}
              <span
                className={`twistie codicon ${isParent ? `codicon-chevron-${isOpen ? 'down' : 'right'}` : ''}`}
                aria-hidden="true"
                onClick={(event) => {
                  if (!isParent) return;
                  event.stopPropagation();
                  setOpen(node.id, !isOpen);
                }}
                onKeyDown={undefined}
              />
              <i className={`codicon codicon-${node.icon} ${node.tone ?? ''}`} aria-hidden="true" />
              <span className="name">{node.name}</span>
              {node.description === undefined ? null : <span className="description">{node.description}</span>}
            </div>
          );
        })}
      </div>
    </div>
  );
}

function flatten(nodes: readonly TreeNode[], collapsed: ReadonlySet<string>, level = 0): Row[] {
  return nodes.flatMap((node, index) => [
    { node, level, position: index + 1, siblings: nodes.length },
    ...(node.children === undefined || collapsed.has(node.id) ? [] : flatten(node.children, collapsed, level + 1)),
  ]);
}
