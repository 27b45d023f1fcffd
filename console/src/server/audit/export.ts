/** The audit log as lines of JSON, for archives and log collectors: entries with their links, signed heads where they stand, and an end. */
import type { SigningKey } from '@harp/broker/protocol';
import type { PrismaClient } from '@harp/prisma';
import type { StreamingApi } from 'hono/utils/stream';
import { signedOf } from '../content/rows.ts';
import type { Logger } from '../ports.ts';
import { auditBatches } from './batches.ts';

/** The stream's media type. Any text to the compiler: the router takes what ends in `json` for one JSON value. */
export const AUDIT_EXPORT_TYPE: string = 'application/x-ndjson';

/** Writes the log after entry `after` to `output`, no faster than the other side reads; stops when it goes away. */
export async function streamAudit(
  { database, keys, logger }: { database: PrismaClient; keys: readonly SigningKey[]; logger: Logger },
  after: number,
  output: StreamingApi,
): Promise<void> {
  let isGone = false;
  output.onAbort(() => {
    isGone = true;
  });
  try {
    // Entries are only ever added: what is there now is what is sent, however long it takes.
    const state = await database.auditState.findUnique({ where: { id: 1 } });
    const toSeq = state?.seq ?? 0;
    let sent = 0;
    for await (const batch of auditBatches(database, after, toSeq)) {
      const seqs = batch.map(({ seq }) => seq);
      const heads = await database.auditHead.findMany({ where: { seq: { in: seqs } } });
      const headAt = new Map(heads.map((head) => [head.seq, signedOf(head)]));
      const lines: string[] = [];
      for (const { seq, body, link } of batch) {
        // The text as it was hashed: an object of ours would have to be put into canonical form again.
        lines.push(`{"entry":${body},"link":"${link}"}\n`);
        const head = headAt.get(seq);
        if (head !== undefined) lines.push(`${JSON.stringify({ head })}\n`);
      }
      if (isGone) return;
      await output.write(lines.join(''));
      sent += batch.length;
    }
    await output.write(`${JSON.stringify({ end: true, entries: sent, toSeq, keys })}\n`);
  } catch (error) {
    if (isGone) return;
    // The answer's status has long been sent: a stream without its end says that it is not whole.
    logger.error({ error: String(error) }, 'an export of the audit log broke off');
    await output.write(
      `${JSON.stringify({ error: { code: 'internal.unexpected', message: 'the export broke off' } })}\n`,
    );
  }
}
