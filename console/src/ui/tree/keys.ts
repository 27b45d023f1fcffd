/** The keys of a tree, after the ARIA pattern and VS Code's lists. */
import type { KeyboardEvent } from 'react';
import { type Selection, selectAll, selectOne, selectRange, toggleOne } from '../selection.ts';
import { findByTyping, type Row } from './flatten.ts';

/** What the keys look at and do. */
export interface TreeKeys {
  rows: readonly Row[];
  ids: readonly string[];
  focusedIndex: number;
  /** How many rows Page Up and Page Down go. */
  pageRows: number;
  selection: Selection;
  /** What was typed last, and when: letters that follow each other make a word. */
  typed: { text: string; atMs: number };
  focus(index: number): void;
  select(selection: Selection): void;
  toggle(index: number, expanded?: boolean): void;
  open(index: number, preview: boolean): void;
  openFilter(): void;
  showMenu(index: number): void;
}

/** Letters this close together are one word. */
const TYPING_MS = 800;

/** Handles a key of the tree; one that is none of its own goes on to the page. */
export function treeKeyHandler(tree: TreeKeys): (event: KeyboardEvent) => void {
  return (event) => {
    // Keys inside of buttons of a row are theirs.
    if (!(event.target instanceof HTMLElement) || event.target.getAttribute('role') !== 'treeitem') return;
    if (handle(tree, event)) {
      event.preventDefault();
      event.stopPropagation();
    }
  };
}

function handle(tree: TreeKeys, event: KeyboardEvent): boolean {
  const control = event.ctrlKey || event.metaKey;
  if (control && event.altKey && event.key.toLowerCase() === 'f') {
    tree.openFilter();
    return true;
  }
  if (event.altKey) return false;
  if (control) return withControl(tree, event);
  const moved = targetOf(tree, event.key);
  if (moved !== undefined) {
    move(tree, moved, event.shiftKey);
    return true;
  }
  return plain(tree, event);
}

function withControl(tree: TreeKeys, event: KeyboardEvent): boolean {
  const { focusedIndex, ids, selection } = tree;
  const id = ids[focusedIndex];
  if (event.key === ' ' && id !== undefined) tree.select(toggleOne(selection, id));
  else if (event.key.toLowerCase() === 'a' && !event.shiftKey) tree.select(selectAll(selection, ids));
  else return false;
  return true;
}

/** The row that a key goes to. */
function targetOf({ focusedIndex, rows, pageRows }: TreeKeys, key: string): number | undefined {
  switch (key) {
    case 'ArrowDown':
      return focusedIndex + 1;
    case 'ArrowUp':
      return focusedIndex - 1;
    case 'PageDown':
      return focusedIndex + pageRows;
    case 'PageUp':
      return focusedIndex - pageRows;
    case 'Home':
      return 0;
    case 'End':
      return rows.length - 1;
    default:
      return undefined;
  }
}

function move(tree: TreeKeys, to: number, isExtending: boolean): void {
  const { ids, focusedIndex } = tree;
  const index = Math.min(ids.length - 1, Math.max(0, to));
  const id = ids[index];
  if (id === undefined) return;
  if (isExtending) {
    const anchored = tree.selection.anchor === undefined ? selectOne(ids[focusedIndex] ?? id) : tree.selection;
    tree.select(selectRange(anchored, ids, id));
  }
  tree.focus(index);
}

function plain(tree: TreeKeys, event: KeyboardEvent): boolean {
  const { rows, focusedIndex, selection } = tree;
  const row = rows[focusedIndex];
  if (row === undefined) return false;
  switch (event.key) {
    case 'ArrowRight':
      if (row.isParent && !row.isOpen) tree.toggle(focusedIndex, true);
      else if (row.isOpen) tree.focus(focusedIndex + 1);
      return true;
    case 'ArrowLeft': {
      if (row.isOpen) tree.toggle(focusedIndex, false);
      else {
        const parent = rows.findLastIndex(({ level }, index) => index < focusedIndex && level < row.level);
        if (parent >= 0) tree.focus(parent);
      }
      return true;
    }
    case 'Enter':
    case ' ':
      // A space within a word that is being typed belongs to the word.
      if (event.key === ' ' && isTyping(tree, event)) return type(tree, event);
      tree.select(selectOne(row.node.id));
      tree.open(focusedIndex, event.key === ' ');
      return true;
    case 'Escape':
      if (selection.selected.size < 2) return false;
      tree.select({ selected: new Set(), anchor: undefined });
      return true;
    case 'ContextMenu':
      tree.showMenu(focusedIndex);
      return true;
    case 'F10':
      if (!event.shiftKey) return false;
      tree.showMenu(focusedIndex);
      return true;
    default:
      return event.key.length === 1 && type(tree, event);
  }
}

function isTyping({ typed }: TreeKeys, event: KeyboardEvent): boolean {
  return typed.text !== '' && event.timeStamp - typed.atMs < TYPING_MS;
}

function type(tree: TreeKeys, event: KeyboardEvent): boolean {
  const { typed, rows, focusedIndex } = tree;
  typed.text = isTyping(tree, event) ? typed.text + event.key : event.key;
  typed.atMs = event.timeStamp;
  const found = findByTyping(rows, focusedIndex, typed.text);
  if (found !== undefined) tree.focus(found);
  return true;
}
