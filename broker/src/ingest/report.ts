import { z } from 'zod';
import { AgentEvent, Report, ReportId } from '../protocol/index.ts';
import type { DeliveryRow, EventRow, ReportRow } from '../store/ingest-store.ts';
import { isStorable } from '../store/storable.ts';
import { clampInstant } from './clamp-instant.ts';
import { type Receipt, readPayload } from './intake.ts';

/** PostgreSQL's `integer`. */
const INT_MAX = 2 ** 31 - 1;

/**
 * A report whose events are looked at one by one: an agent newer than we may send a kind that we do not know, and has to hear an acknowledgement
 * all the same, or its outbox would repeat the report for ever.
 */
const Envelope = z.object({ ...Report.shape, id: ReportId, events: z.array(z.unknown()).min(1).max(200) });

/** Reads a report from an outbox. `unknownEvents` counts what had to be left out. Undefined if not even its id can be read. */
export function readReport(
  payload: Buffer,
  { agent, receivedAtMs }: Receipt,
): { report: ReportRow; unknownEvents: number } | undefined {
  const envelope = readPayload(Envelope, payload);
  if (envelope === undefined) return undefined;
  const deliveries: DeliveryRow[] = [];
  const events: EventRow[] = [];
  let unknownEvents = 0;
  for (const [index, value] of envelope.events.entries()) {
    const event = AgentEvent.safeParse(value).data;
    if (event === undefined || !isStorable(event)) {
      unknownEvents += 1;
      continue;
    }
    const atMs = clampInstant(event.atMs, receivedAtMs);
    if (event.kind === 'files.delivered') {
      const known = event.files.filter(([seq]) => seq <= INT_MAX);
      if (known.length < event.files.length) unknownEvents += 1;
      for (const [seq, fromPeers, fromOrigin, fromLocal, tookMs] of known) {
        const { folder } = event;
        deliveries.push({
          agent,
          folder,
          seq,
          atMs,
          fromPeers,
          fromOrigin,
          fromLocal,
          tookMs: Math.min(tookMs, INT_MAX),
        });
      }
    } else {
      const { kind, atMs: _, ...body } = event;
      const folder = 'folder' in event ? event.folder : null;
      events.push({ id: `${envelope.id}.${index}`, agent, atMs, kind, folder, body });
    }
  }
  return { report: { id: envelope.id, agent, receivedAtMs, deliveries, events }, unknownEvents };
}
