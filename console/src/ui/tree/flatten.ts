/** From a tree to the rows that show it: what is expanded, what the filter keeps, and where each row stands among its siblings. */
import type { TreeFilter, TreeNode } from './model.ts';

/** One row as it is drawn. */
export interface Row<Data = unknown> {
  node: TreeNode<Data>;
  /** 0 for the top. */
  level: number;
  /** From 1, among its siblings that are shown. */
  position: number;
  siblings: number;
  isParent: boolean;
  isOpen: boolean;
  /** Where the filter's text stands in the name: from, to. */
  match?: readonly [number, number];
}

export interface FlattenOptions<Data> {
  isOpen(node: TreeNode<Data>): boolean;
  filter?: TreeFilter | undefined;
  /** The rows of the last time: one that is as it was is the same object again, and need not be drawn anew. */
  before?: readonly Row<Data>[];
}

export interface Flattened<Data> {
  rows: readonly Row<Data>[];
  /** How many nodes the filter's text was found in, shown or not. */
  matches: number;
}

/** Whether a node can be expanded. */
export function isParent(node: TreeNode): boolean {
  return node.hasChildren ?? (node.children !== undefined && node.children.length > 0);
}

/**
 * The rows of `nodes`. A filter that hides keeps what matches and everything above it, expanded; all below a match stays as it was. Ten thousand
 * nodes take a few milliseconds: nothing is copied that is not shown.
 */
export function flatten<Data>(nodes: readonly TreeNode<Data>[], options: FlattenOptions<Data>): Flattened<Data> {
  const text = options.filter?.text.trim().toLowerCase() ?? '';
  const rows: Row<Data>[] = [];
  if (text === '') {
    append(rows, nodes, 0, options, undefined);
    return { rows, matches: 0 };
  }
  const found = new Map<string, readonly [number, number] | undefined>();
  const kept = new Set<string>();
  collect(nodes, text, found, kept);
  const hides = options.filter?.mode === 'hide';
  append(rows, nodes, 0, options, { found, kept: hides ? kept : undefined });
  return { rows, matches: found.size };
}

interface Found {
  found: ReadonlyMap<string, readonly [number, number] | undefined>;
  /** The ancestors of matches; given when the rest is hidden. */
  kept: ReadonlySet<string> | undefined;
}

function append<Data>(
  rows: Row<Data>[],
  nodes: readonly TreeNode<Data>[],
  level: number,
  options: FlattenOptions<Data>,
  filter: Found | undefined,
): void {
  const { before } = options;
  const kept = filter?.kept;
  const shown = kept === undefined ? nodes : nodes.filter(({ id }) => kept.has(id) || filter?.found.has(id));
  for (let index = 0; index < shown.length; index += 1) {
    const node = shown[index] as TreeNode<Data>;
    const position = index + 1;
    const known = before?.[rows.length];
    const isInPlace =
      known !== undefined &&
      known.node === node &&
      known.level === level &&
      known.position === position &&
      known.siblings === shown.length;
    // A leaf that was there is taken as it is, without a look into it: of ten thousand nodes only the changed ones are touched.
    if (isInPlace && !known.isParent && filter === undefined && known.match === undefined) {
      rows.push(known);
      continue;
    }
    const parent = isParent(node);
    const hasMatchBelow = kept?.has(node.id) ?? false;
    const open = parent && (hasMatchBelow || options.isOpen(node));
    const match = filter?.found.get(node.id);
    if (isInPlace && known.isOpen === open && known.match === undefined && match === undefined) rows.push(known);
    else {
      const found = match === undefined ? {} : { match };
      rows.push({ node, level, position, siblings: shown.length, isParent: parent, isOpen: open, ...found });
    }
    if (!open || node.children === undefined) continue;
    // Below a match that has none of its own below it, everything is of interest.
    const inner = kept !== undefined && !hasMatchBelow ? withoutHiding(filter) : filter;
    append(rows, node.children, level + 1, options, inner);
  }
}

function withoutHiding(filter: Found | undefined): Found | undefined {
  return filter === undefined ? undefined : { found: filter.found, kept: undefined };
}

/** Notes what matches and what is above a match. */
function collect<Data>(
  nodes: readonly TreeNode<Data>[],
  text: string,
  found: Map<string, readonly [number, number] | undefined>,
  kept: Set<string>,
): boolean {
  let any = false;
  for (const node of nodes) {
    const at = node.name.toLowerCase().indexOf(text);
    // A name whose lower case has another length cannot be marked letter by letter; it matches all the same.
    if (at >= 0)
      found.set(node.id, node.name.toLowerCase().length === node.name.length ? [at, at + text.length] : undefined);
    else if (node.description?.toLowerCase().includes(text)) found.set(node.id, undefined);
    const below = node.children !== undefined && collect(node.children, text, found, kept);
    if (below) kept.add(node.id);
    if (below || found.has(node.id)) any = true;
  }
  return any;
}

/** The nodes above the one with this id, outermost first; `undefined` when it is nowhere in the tree. */
export function ancestorsOf<Data>(nodes: readonly TreeNode<Data>[], id: string): TreeNode<Data>[] | undefined {
  for (const node of nodes) {
    if (node.id === id) return [];
    const below = node.children === undefined ? undefined : ancestorsOf(node.children, id);
    if (below !== undefined) return [node, ...below];
  }
  return undefined;
}

/** The next row, from `from` on and around, whose name starts with `typed`; `undefined` when there is none. */
export function findByTyping(rows: readonly Row[], from: number, typed: string): number | undefined {
  const text = typed.toLowerCase();
  // The first letter moves on; more letters may stay where they are. The same letter again goes to the next.
  const isRepeated = text.length > 1 && [...text].every((letter) => letter === text[0]);
  const wanted = isRepeated ? (text[0] ?? '') : text;
  const start = text.length === 1 || isRepeated ? 1 : 0;
  for (let step = start; step < rows.length + start; step += 1) {
    const index = (from + step) % rows.length;
    if (rows[index]?.node.name.toLowerCase().startsWith(wanted)) return index;
  }
  return undefined;
}
