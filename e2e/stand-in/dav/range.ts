/** Bytes to send of a file, `end` exclusive, or why a range cannot be had. */
export type RangeResult =
  | { kind: 'whole' }
  | { kind: 'part'; start: number; end: number }
  | { kind: 'unsatisfiable'; message: string };

/**
 * Reads a `Range` header as Sabre does (lib/DAV/CorePlugin.php, httpGet): one `bytes` range only, anything else means the whole file,
 * as does any range on an empty file. `bytes=5-0` runs to the end of the file, and so does `bytes=0-0`: Sabre takes a last byte 0 for "none".
 */
export function parseRange(header: string | undefined, sizeBytes: number): RangeResult {
  const [, first, last] = /^bytes=([0-9]*)-([0-9]*)$/i.exec(header ?? '') ?? [];
  if (first === undefined || last === undefined || first + last === '' || sizeBytes === 0) return { kind: 'whole' };
  if (first === '') return { kind: 'part', start: Math.max(0, sizeBytes - Number(last)), end: sizeBytes };
  const start = Number(first);
  const lastByte = Number(last) || sizeBytes - 1;
  if (start >= sizeBytes) {
    return {
      kind: 'unsatisfiable',
      message: `The start offset (${start}) exceeded the size of the entity (${sizeBytes})`,
    };
  }
  if (lastByte < start) {
    return { kind: 'unsatisfiable', message: `The end offset (${lastByte}) is lower than the start offset (${start})` };
  }
  return { kind: 'part', start, end: Math.min(lastByte, sizeBytes - 1) + 1 };
}

/** Whether `If-Range` lets the range stand: a date not before the last change, or exactly the quoted ETag. */
export function ifRangeHolds(header: string | undefined, etag: string, mtimeSeconds: number): boolean {
  if (header === undefined || header === `"${etag}"`) return true;
  if (/^(W\/)?"/.test(header)) return false;
  const dateMs = Date.parse(header);
  return !Number.isNaN(dateMs) && mtimeSeconds * 1000 <= dateMs;
}
