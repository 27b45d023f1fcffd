/** Takes a chain export off the wire and writes its files. The server is trusted with content, not with where on this disk it lands. */
import { mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pathProblem } from '@harp/broker/protocol';
import { z } from 'zod';
import { CliFailure } from './failure.ts';

const Line = z.union([
  z.strictObject({ file: z.string() }),
  z.strictObject({ data: z.base64() }),
  z.strictObject({ end: z.literal(true), files: z.int() }),
  z.strictObject({ error: z.object({ code: z.string(), message: z.string() }) }),
]);
type Line = z.infer<typeof Line>;

/** A `data` line has 64 KiB; anything much longer is no export. */
const MAX_LINE_LENGTH = 1024 * 1024;

/** Writes the files of `stream` under `folder`, which is made. @throws {CliFailure} if the stream is not a whole export */
export async function writeExport(
  stream: AsyncIterable<Uint8Array>,
  folder: string,
): Promise<{ files: number; bytes: number }> {
  const written = { files: 0, bytes: 0 };
  let file: Awaited<ReturnType<typeof open>> | undefined;
  let ended = false;
  await mkdir(folder, { recursive: true });
  try {
    for await (const line of linesOf(stream)) {
      if (ended) throw broken('it goes on after its end');
      if ('error' in line) throw broken(line.error.message);
      if ('file' in line) {
        await file?.close();
        file = undefined;
        const problem = pathProblem(line.file);
        if (problem !== undefined) throw broken(`the file name ${JSON.stringify(line.file)} ${problem}`);
        const path = join(folder, ...line.file.split('/'));
        await mkdir(dirname(path), { recursive: true });
        file = await open(path, 'w');
        written.files++;
      } else if ('data' in line) {
        if (file === undefined) throw broken('it has bytes of no file');
        const bytes = Buffer.from(line.data, 'base64');
        await file.writeFile(bytes);
        written.bytes += bytes.length;
      } else {
        ended = true;
        if (line.files !== written.files) throw broken(`it has ${written.files} files instead of ${line.files}`);
      }
    }
  } finally {
    await file?.close();
  }
  if (!ended) throw broken('it broke off');
  return written;
}

async function* linesOf(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Line> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let rest = '';
  for await (const bytes of stream) {
    const pieces = (rest + decoder.decode(bytes, { stream: true })).split('\n');
    rest = pieces.pop() ?? '';
    if (rest.length > MAX_LINE_LENGTH) throw broken('it has a line without end');
    for (const piece of pieces) yield parseLine(piece);
  }
  if (rest !== '') throw broken('it broke off');
}

function parseLine(text: string): Line {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  const parsed = Line.safeParse(value);
  if (!parsed.success) throw broken('it has a line that is not understood');
  return parsed.data;
}

function broken(why: string): CliFailure {
  return new CliFailure('internal.unexpected', [`the export is not whole: ${why}`]);
}
