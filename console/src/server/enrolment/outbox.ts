/**
 * Takes what the broker changed by itself over into the audit log. The broker writes into an outbox in the transaction of its change; here rows leave it in
 * the transaction that writes their entries, so each stands in the log once.
 */
import type { Notifier } from '@harp/prisma';
import { z } from 'zod';
import type { AuditAction, AuditedChange, AuditOrigin, AuditTrail } from '../audit/trail.ts';
import type { Logger } from '../ports.ts';

/** The broker notifies on it after it wrote into its outbox. */
export const OUTBOX_CHANNEL = 'harp_audit_outbox';

const brokerOrigin: AuditOrigin = {
  actor: { kind: 'system', id: null, name: 'broker', operator: null },
  requestId: null,
  address: null,
};

/** Rows in one transaction. */
const BATCH = 500;

const Fields = z.record(z.string(), z.unknown()).nullable().optional();

/** As the trail takes it; what PCs say of themselves stands in names. */
const OutboxChange = z.object({
  action: z
    .string()
    .regex(/^[a-z][a-z-]{0,39}\.[a-z][a-z-]{0,39}$/)
    .transform((action) => action as AuditAction),
  object: z.object({
    kind: z.string().regex(/^[a-z][a-z-]{0,39}$/),
    id: z.string().max(300),
    name: z.string().max(1000),
  }),
  office: z.string().max(100).nullable().optional(),
  before: Fields,
  after: Fields,
});

/** Takes over everything that is in the outbox. @returns how many rows */
export async function takeOutbox(trail: AuditTrail, logger: Pick<Logger, 'error'>): Promise<number> {
  let taken = 0;
  for (;;) {
    const rows = await trail.change(brokerOrigin, async (tx, record) => {
      const batch = await tx.auditOutbox.findMany({ orderBy: { id: 'asc' }, take: BATCH });
      if (batch.length === 0) return record.nothing();
      for (const { id, change } of batch) record.add(changeOf(id, change, logger));
      await tx.auditOutbox.deleteMany({ where: { id: { in: batch.map(({ id }) => id) } } });
      return batch.length;
    });
    taken += rows ?? 0;
    if ((rows ?? 0) < BATCH) return taken;
  }
}

/** What cannot be read leaves an entry too: that something was done is worth more than no entry. */
function changeOf(id: bigint, change: unknown, logger: Pick<Logger, 'error'>): AuditedChange {
  const parsed = OutboxChange.safeParse(change);
  if (parsed.success) {
    const { office = null, before = null, after = null, ...rest } = parsed.data;
    return { ...rest, office, before, after };
  }
  logger.error({ row: String(id) }, 'the broker recorded a change that cannot be read');
  return { action: 'request.unrecorded', object: { kind: 'outbox', id: String(id), name: 'broker' } };
}

/** Takes the outbox over now and whenever the broker wrote into it, one at a time. @returns ends it, when what has begun is done */
export function watchOutbox(notifier: Notifier, trail: AuditTrail, logger: Logger): () => Promise<void> {
  let running: Promise<void> | undefined;
  let again = false;
  const run = async () => {
    do {
      again = false;
      try {
        await takeOutbox(trail, logger);
      } catch (error) {
        logger.error({ error: String(error) }, 'what the broker changed cannot be taken over into the audit log');
      }
    } while (again);
  };
  const wake = () => {
    again = true;
    running ??= run().finally(() => {
      running = undefined;
    });
  };
  const listening = notifier.listen(OUTBOX_CHANNEL, wake);
  return async () => {
    listening[Symbol.dispose]();
    await running;
  };
}
