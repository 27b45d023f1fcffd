/** A chain export on the wire: files as lines of JSON, so that any language can take it apart and a stream that broke off shows. */
import { isHarpError } from '@harp/broker/protocol';
import type { StreamingApi } from 'hono/utils/stream';
import type { Logger } from '../ports.ts';
import type { FolderServices } from './ports.ts';

/** The stream's media type. */
export const EXPORT_TYPE = 'application/vnd.harp.chain-export';

/** Bytes in one `data` line, a multiple of three so that base64 needs no padding: one line stays below 64 KiB. */
const PIECE_BYTES = 48 * 1024;

/** Writes the export of `folder` to `output`, no faster than the other side reads; stops when it goes away. */
export async function streamExport(
  folder: string,
  services: Pick<FolderServices, 'exportChain'>,
  output: StreamingApi,
  logger: Logger,
): Promise<void> {
  const gone = new AbortController();
  output.onAbort(() => gone.abort());
  const writeLine = async (line: object) => {
    gone.signal.throwIfAborted();
    await output.write(`${JSON.stringify(line)}\n`);
  };
  let files = 0;
  try {
    await services.exportChain(
      folder,
      {
        async file(path, bytes) {
          files++;
          await writeLine({ file: path });
          for await (const piece of bytes) {
            for (let at = 0; at < piece.length; at += PIECE_BYTES)
              await writeLine({ data: Buffer.from(piece.subarray(at, at + PIECE_BYTES)).toString('base64') });
          }
        },
      },
      gone.signal,
    );
    await writeLine({ end: true, files });
  } catch (error) {
    if (gone.signal.aborted) return;
    // The answer's status has long been sent: the last line is the only place left to say it.
    logger.error({ folder, error: error instanceof Error ? error.message : String(error) }, 'a chain export broke off');
    const known = isHarpError(error) ? error : undefined;
    const refusal = { code: known?.code ?? 'internal.unexpected', message: known?.message ?? 'the export broke off' };
    await writeLine({ error: refusal });
  }
}
