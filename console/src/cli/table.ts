/** Plain tables: columns as wide as their widest cell, two spaces between. */

/** The lines of a table. Numbers stand right, text left. */
export function tableLines(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string[] {
  const widths = head.map((title, column) =>
    Math.max(widthOf(title), ...rows.map((row) => widthOf(String(row[column] ?? '')))),
  );
  const line = (cells: readonly (string | number)[]) =>
    cells
      .map((cell, column) => {
        const text = String(cell);
        const padding = ' '.repeat((widths[column] ?? 0) - widthOf(text));
        return typeof cell === 'number' ? padding + text : text + padding;
      })
      .join('  ')
      .trimEnd();
  return [line(head), ...rows.map(line)];
}

/** Characters, not UTF-16 units. */
function widthOf(text: string): number {
  return [...text].length;
}
