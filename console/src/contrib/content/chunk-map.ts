/** What a map of a file's chunks shows: repeats within the file, what another version shares, and where a cell is. Pure. */

export interface MapChunk {
  id: string;
  offset: number;
  size: number;
}

/** `repeated`: the same content stands elsewhere in this file. `shared`: the compared version has it as well. */
export interface ChunkCell extends MapChunk {
  index: number;
  repeats: number;
  shared: boolean;
}

export interface ChunkSums {
  chunks: number;
  bytes: number;
  /** Different contents, and their bytes: what has to be moved and stored. */
  distinct: number;
  distinctBytes: number;
  sharedChunks: number;
  sharedBytes: number;
}

/** The cells of a file's chunks, compared with those of another version if they are given. */
export function cellsOf(chunks: readonly MapChunk[], otherIds?: ReadonlySet<string>): ChunkCell[] {
  const times = new Map<string, number>();
  for (const { id } of chunks) times.set(id, (times.get(id) ?? 0) + 1);
  return chunks.map((chunk, index) => ({
    ...chunk,
    index,
    repeats: times.get(chunk.id) ?? 1,
    shared: otherIds?.has(chunk.id) ?? false,
  }));
}

/** Sums over the cells. */
export function sumsOf(cells: readonly ChunkCell[]): ChunkSums {
  const sums: ChunkSums = {
    chunks: cells.length,
    bytes: 0,
    distinct: 0,
    distinctBytes: 0,
    sharedChunks: 0,
    sharedBytes: 0,
  };
  const seen = new Set<string>();
  for (const { id, size, shared } of cells) {
    sums.bytes += size;
    if (shared) {
      sums.sharedChunks += 1;
      sums.sharedBytes += size;
    }
    if (seen.has(id)) continue;
    seen.add(id);
    sums.distinct += 1;
    sums.distinctBytes += size;
  }
  return sums;
}

/** A grid of equal cells that fills a width. */
export interface Grid {
  columns: number;
  rows: number;
  cellPx: number;
}

/** Cells are as large as WCAG 2.2 wants targets to be. */
export const CELL_PX = 24;

/** The grid for `count` cells in `widthPx`. */
export function gridOf(count: number, widthPx: number): Grid {
  const columns = Math.max(1, Math.floor(widthPx / CELL_PX));
  return { columns, rows: Math.ceil(count / columns), cellPx: CELL_PX };
}

/** The cell at a point of the grid; undefined beside it. */
export function cellAt({ columns, cellPx }: Grid, count: number, xPx: number, yPx: number): number | undefined {
  const column = Math.floor(xPx / cellPx);
  const index = Math.floor(yPx / cellPx) * columns + column;
  return column < 0 || column >= columns || index < 0 || index >= count ? undefined : index;
}

/** The cell a key leads to; undefined if the key does not move. */
export function cellAfterKey(key: string, index: number, count: number, columns: number): number | undefined {
  const last = count - 1;
  switch (key) {
    case 'ArrowRight':
      return Math.min(last, index + 1);
    case 'ArrowLeft':
      return Math.max(0, index - 1);
    case 'ArrowDown':
      return index + columns > last ? index : index + columns;
    case 'ArrowUp':
      return index - columns < 0 ? index : index - columns;
    case 'PageDown':
      return Math.min(last, index + columns * 10);
    case 'PageUp':
      return Math.max(0, index - columns * 10);
    case 'Home':
      return 0;
    case 'End':
      return last;
    default:
      return undefined;
  }
}
