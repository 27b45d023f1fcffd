/** The closing table of the demo. */

export interface OfficeResult {
  office: string;
  pcs: number;
  files: number;
  /** Content of the folder. */
  bytes: number;
  /** Bytes the office's line carried from Nextcloud. */
  wanBytes: number;
  /** Bytes PCs got from each other instead. */
  lanBytes: number;
  /** Files whose SHA-256 matches the source, over all PCs. */
  verified: number;
  expected: number;
  seconds: number;
}

const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;

/** Plain text, one row per office. `saved` is against every PC pulling its own copy. */
export function renderTable(results: readonly OfficeResult[]): string {
  const header = ['office', 'PCs', 'files', 'bytes', 'WAN bytes', 'LAN bytes', 'saved %', 'verified', 'time'];
  const rows = results.map((result) => [
    result.office,
    String(result.pcs),
    String(result.files),
    megabytes(result.bytes),
    megabytes(result.wanBytes),
    megabytes(result.lanBytes),
    `${((100 * result.lanBytes) / (result.bytes * result.pcs)).toFixed(1)} %`,
    `${result.verified}/${result.expected}`,
    `${result.seconds.toFixed(1)} s`,
  ]);
  const widths = header.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `  ${cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join('   ')}`;
  return [line(header), `  ${widths.map((width) => '─'.repeat(width)).join('   ')}`, ...rows.map(line), ''].join('\n');
}
