/** The shapes of a tree: what its user gives and what it tells. */
import type { MenuPlace } from '../host.tsx';
import type { Tone } from '../tone.ts';

/** A button at the end of a row, shown on hover and focus. Runs a command with the node as its argument. */
export interface TreeAction {
  command: string;
  /** A codicon. */
  icon: string;
  title: string;
}

/** One row. `icon` is a codicon; `tone` colours it and never stands alone: `description` or `title` says the same in words. */
export interface TreeNode<Data = unknown> {
  /** Unique in the whole tree; what was expanded and selected is remembered by it. */
  id: string;
  name: string;
  icon: string;
  tone?: Tone | undefined;
  description?: string | undefined;
  /** A number or letter at the end of the row. */
  badge?: number | string | undefined;
  /** The row in words: read out, and shown on hover. */
  title?: string | undefined;
  children?: readonly TreeNode<Data>[] | undefined;
  /** True when there are children that are not here yet: the row can be expanded, and `onToggle` is where they are fetched. */
  hasChildren?: boolean | undefined;
  actions?: readonly TreeAction[] | undefined;
  /** The user's own; the tree does not look at it. */
  data?: Data | undefined;
}

/** Rows that match are marked among all others, or shown alone with their parents. */
export interface TreeFilter {
  text: string;
  mode: 'highlight' | 'hide';
}

export interface TreeProps<Data = unknown> {
  /** What the tree lists, for screen readers. */
  label: string;
  nodes: readonly TreeNode<Data>[];
  /** Click and Space open a preview; Enter and double click open for good. */
  onOpen(node: TreeNode<Data>, how: { preview: boolean }): void;
  /** The selected nodes, the clicked one first. */
  onContextMenu?(nodes: readonly TreeNode<Data>[], at: MenuPlace): void;
  /** Which rows are selected; the tree remembers it itself when this is not given. */
  selection?: ReadonlySet<string>;
  onSelect?(ids: ReadonlySet<string>, nodes: readonly TreeNode<Data>[]): void;
  /** A filter from outside; without it the tree has its own, opened with Ctrl+Alt+F. */
  filter?: TreeFilter;
  /** Whether a row is expanded until a person says otherwise. Not given: all are. */
  startsExpanded?(node: TreeNode<Data>): boolean;
  /** Which rows differ from `startsExpanded`; the tree remembers it itself when this is not given. */
  toggled?: ReadonlySet<string>;
  onToggle?(node: TreeNode<Data>, expanded: boolean, toggled: ReadonlySet<string>): void;
  /** Keeps what was expanded in this browser under this name. */
  storageKey?: string;
  /** Scrolls to this row and gives it the tab stop, without taking the focus; for "reveal the active editor". */
  revealId?: string | undefined;
}
