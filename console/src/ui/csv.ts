/** Tables as CSV (RFC 4180), safe to open in a spreadsheet. */

type Cell = string | number | null;

/** What a spreadsheet would take for a formula when it stands first. */
const formula = /^[=+\-@\t\r]/;

/** Lines of cells, the first being the titles. `null` is an empty cell. Text that would run as a formula gets a quote mark before it. */
export function toCsv(lines: Iterable<readonly Cell[]>): string {
  let text = '';
  for (const line of lines) text += `${line.map(cell).join(',')}\r\n`;
  return text;
}

function cell(value: Cell): string {
  if (value === null) return '';
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : '';
  const safe = formula.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) || safe !== safe.trim() ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** A file name that every system takes. */
export function fileNameOf(title: string): string {
  const name = title
    .normalize('NFKD')
    .replace(/[^\w.-]+/g, '-')
    .replace(/^[-.]+|[-.]+$/g, '')
    .slice(0, 80);
  return name === '' ? 'harp' : name;
}

/** Hands a file to the browser to save. */
export function saveFile(name: string, type: string, text: string): void {
  // With the mark, spreadsheets read the file as UTF-8.
  const url = URL.createObjectURL(new Blob(['\ufeff', text], { type: `${type};charset=utf-8` }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 0);
}
