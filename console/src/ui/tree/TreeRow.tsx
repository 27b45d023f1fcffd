'use client';
/** One row of a tree. Drawn again only when something of its own changed: trees are live. */
import { type MouseEvent, memo, useState } from 'react';
import { tame } from '../foreign-text.ts';
import { useUiHost } from '../host.tsx';
import { Icon } from '../Icon.tsx';
import { Marked } from '../Marked.tsx';
import type { Row } from './flatten.ts';
import type { TreeAction } from './model.ts';

export interface TreeRowProps {
  row: Row;
  index: number;
  startPixels: number;
  isTabStop: boolean;
  isSelected: boolean;
  onClick(index: number, event: MouseEvent): void;
  onDoubleClick(index: number): void;
  onTwistie(index: number): void;
  onContextMenu(index: number, event: MouseEvent): void;
}

/** The indent of one level, in pixels. */
const INDENT_PIXELS = 12;

export const TreeRow = memo(function TreeRow(props: TreeRowProps) {
  const { row, index, startPixels, isTabStop, isSelected } = props;
  const { node, level } = row;
  const [isPointedAt, pointAt] = useState(false);
  return (
    // The keys of all rows are handled by the tree, which is one widget with one tab stop.
    // biome-ignore lint/a11y/useKeyWithClickEvents: see above
    <div
      role="treeitem"
      data-index={index}
      className="tree-row"
      style={{ transform: `translateY(${startPixels}px)` }}
      tabIndex={isTabStop ? 0 : -1}
      aria-level={level + 1}
      aria-posinset={row.position}
      aria-setsize={row.siblings}
      aria-selected={isSelected}
      aria-expanded={row.isParent ? row.isOpen : undefined}
      aria-label={labelOf(row)}
      title={node.title === undefined ? undefined : tame(node.title)}
      onClick={(event) => props.onClick(index, event)}
      onDoubleClick={() => props.onDoubleClick(index)}
      onContextMenu={(event) => props.onContextMenu(index, event)}
      onPointerEnter={() => pointAt(true)}
      onPointerLeave={() => pointAt(false)}
    >
      <span className="tree-guides" style={{ width: level * INDENT_PIXELS }} aria-hidden="true" />
      {/* The arrow keys do what this does for the keyboard. */}
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: see above */}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: see above */}
      <span
        className="tree-twistie"
        onClick={(event) => {
          if (!row.isParent) return;
          event.stopPropagation();
          props.onTwistie(index);
        }}
      >
        {row.isParent ? <Icon name={row.isOpen ? 'chevron-down' : 'chevron-right'} /> : null}
      </span>
      <Icon name={node.icon} tone={node.tone} />
      <Marked className="tree-name" text={node.name} match={row.match} />
      {node.description === undefined ? null : <bdi className="tree-description">{tame(node.description)}</bdi>}
      {node.actions !== undefined && (isPointedAt || isTabStop || isSelected) ? (
        <Actions node={node} actions={node.actions} />
      ) : null}
      {node.badge === undefined ? null : <span className={`tree-badge ${node.tone ?? ''}`}>{node.badge}</span>}
    </div>
  );
});

/** The buttons of a row. Made when somebody could see them: a tree that is scrolled makes dozens of rows in every frame. */
function Actions({ node, actions }: { node: Row['node']; actions: readonly TreeAction[] }) {
  const host = useUiHost();
  if (actions.length === 0) return null;
  return (
    <span className="tree-actions">
      {actions.map((action) => (
        <button
          key={action.command}
          type="button"
          className="icon-button small"
          // The context menu has the same commands for the keyboard; the tree keeps one tab stop.
          tabIndex={-1}
          title={withKey(action.title, host.keyFor(action.command))}
          aria-label={action.title}
          onClick={(event) => {
            event.stopPropagation();
            host.runCommand(action.command, node);
          }}
          onDoubleClick={(event) => event.stopPropagation()}
        >
          <Icon name={action.icon} />
        </button>
      ))}
    </span>
  );
}

/** Name, state and number in one sentence: what a screen reader says of the row. */
function labelOf({ node }: Row): string {
  const state = node.title?.startsWith(node.name) ? node.title : [node.name, node.title ?? node.description].join(', ');
  return tame([state.replace(/, $/, ''), node.badge].filter((part) => part !== undefined).join(', '));
}

function withKey(title: string, key: string | undefined): string {
  return key === undefined ? title : `${title} (${key})`;
}
