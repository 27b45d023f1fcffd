/** Reads the bytes of one file version and nothing else: the ETag is pinned, lengths are counted, ranges are checked (api.md 4.3). */
import { HarpError } from '@harp/broker/protocol';
import { failureOf } from './failures.ts';
import { unquoteEtag } from './multistatus.ts';
import { davFilePath } from './paths.ts';
import type { OpenAnswer, Transport } from './transport.ts';
import { readBody } from './transport.ts';

/** The file version to read, and where to start. */
export interface FileRead {
  davUser: string;
  /** From the user's root, without leading slash. */
  path: string;
  /** Without quotes. */
  etag: string;
  /** Bytes of the whole file, more than `fromByte`. */
  size: number;
  fromByte: number;
}

const ERROR_TEXT_MAX_BYTES = 64 * 1024;

/**
 * The bytes from `fromByte` to the end, in pieces as they arrive; together exactly that many.
 *
 * @throws {HarpError} `origin.changed` if this version is gone (412, 416, other ETag or length); `origin.range_ignored` if a resumed read would
 * start at zero; `origin.short_body` if the body breaks off; else what the status means.
 */
export async function* readFileBody(transport: Transport, read: FileRead, signal: AbortSignal): AsyncGenerator<Buffer> {
  const { fromByte, size, etag, path } = read;
  const answer = await transport.open({
    method: 'GET',
    path: davFilePath(read.davUser, path),
    headers: {
      'if-match': `"${etag}"`,
      'accept-encoding': 'identity',
      ...(fromByte > 0 ? { range: `bytes=${fromByte}-${size - 1}` } : {}),
    },
    signal,
  });
  await checkAnswer(answer, read, signal);
  const expected = size - fromByte;
  let received = 0;
  for await (const part of readBody(answer, Number.POSITIVE_INFINITY, signal)) {
    received += part.length;
    if (received > expected) throw changed(path, 'it is longer than listed');
    yield part;
  }
  if (received < expected) {
    throw new HarpError('origin.short_body', `Nextcloud sent ${received} of ${expected} bytes`, {
      facts: { received, expected },
    });
  }
}

async function checkAnswer(answer: OpenAnswer, read: FileRead, signal: AbortSignal): Promise<void> {
  const { status, header, body } = answer;
  const { fromByte, size, etag, path } = read;
  if (status !== 200 && status !== 206) {
    const parts: Buffer[] = [];
    for await (const part of readBody(answer, ERROR_TEXT_MAX_BYTES, signal)) parts.push(part);
    throw failureOf({ status, header, text: Buffer.concat(parts).toString('utf8') }, 'reading a file');
  }
  const problem = problemOf();
  if (problem === undefined) return;
  body.destroy();
  throw problem;

  function problemOf(): HarpError | undefined {
    const given = header('oc-etag') ?? header('etag');
    if (given !== undefined && unquoteEtag(given) !== etag) return changed(path, 'it has another ETag');
    if ((header('content-encoding') ?? 'identity') !== 'identity') {
      return new HarpError('origin.unexpected', 'Nextcloud or a proxy compresses files without being asked to');
    }
    if (fromByte > 0) {
      if (status === 200)
        return new HarpError('origin.range_ignored', 'Nextcloud sent a whole file instead of a range');
      const range = header('content-range');
      return range === `bytes ${fromByte}-${size - 1}/${size}` ? undefined : changed(path, `the range is ${range}`);
    }
    if (status === 206) return new HarpError('origin.unexpected', 'Nextcloud sent a range that nobody asked for');
    const length = header('content-length');
    return length === undefined || Number(length) === size ? undefined : changed(path, `it has ${length} bytes`);
  }
}

function changed(path: string, how: string): HarpError {
  return new HarpError('origin.changed', `${path} changed while it was read: ${how}`);
}
