import { AgentEvent, Report } from '@harp/broker/protocol';
import { z } from 'zod';

/** Most events of one report, as its schema says. */
const EVENTS_MAX = 200;
/** Most deliveries in one event, as its schema says. */
const DELIVERIES_MAX = 1000;
/** Raw size of a batch: far below the 256 KiB of one MQTT message, and 1.5 s of a 1 Mbit/s line. */
const BATCH_MAX_BYTES = 192 * 1024;
/** Longest explanation in an event; what follows is cut off rather than the event refused. */
const DETAIL_MAX_CHARACTERS = 500;

type FilesDelivered = Extract<AgentEvent, { kind: 'files.delivered' }>;

/**
 * Events that will travel as one report. Deliveries of a folder are joined into one event, because a thousand small files would otherwise cost
 * more in reports than some of them weigh. Order between different events is kept; the same events in the same order give the same batch.
 */
export interface Batch {
  /** Takes `event`, or returns false if the batch is full. `sizeBytes` is its size as one line. */
  add(event: AgentEvent, sizeBytes: number): boolean;
  readonly events: readonly AgentEvent[];
  readonly sizeBytes: number;
}

/** An empty batch. An event always fits into an empty batch. */
export function createBatch(): Batch {
  const events: AgentEvent[] = [];
  let sizeBytes = 0;

  const joinable = (event: AgentEvent): FilesDelivered | undefined => {
    if (event.kind !== 'files.delivered') return undefined;
    const earlier = events.findLast(
      (other): other is FilesDelivered => other.kind === 'files.delivered' && other.folder === event.folder,
    );
    return earlier !== undefined && earlier.files.length + event.files.length <= DELIVERIES_MAX ? earlier : undefined;
  };

  return {
    events,
    get sizeBytes() {
      return sizeBytes;
    },
    add(event, eventBytes) {
      if (events.length > 0 && sizeBytes + eventBytes > BATCH_MAX_BYTES) return false;
      const earlier = joinable(event);
      if (earlier === undefined) {
        if (events.length === EVENTS_MAX) return false;
        events.push(event.kind === 'files.delivered' ? { ...event, files: [...event.files] } : event);
      } else if (event.kind === 'files.delivered') {
        earlier.files.push(...event.files);
        earlier.atMs = Math.max(earlier.atMs, event.atMs);
      }
      sizeBytes += eventBytes;
      return true;
    },
  };
}

const Clipped = z.object({ detail: z.string().optional(), reason: z.string().optional() }).loose();

/** `event` as it may be sent: explanations clipped; undefined if it does not match its schema, because ingest would refuse its whole report. */
export function sendable(event: AgentEvent): AgentEvent | undefined {
  const { detail, reason } = Clipped.parse(event);
  const clipped = {
    ...event,
    ...(detail === undefined ? {} : { detail: detail.slice(0, DETAIL_MAX_CHARACTERS) }),
    ...(reason === undefined ? {} : { reason: reason.slice(0, DETAIL_MAX_CHARACTERS) }),
  };
  const parsed = AgentEvent.safeParse(clipped);
  return parsed.success ? parsed.data : undefined;
}

/** The report `id` with these events. */
export function reportOf(id: string, events: readonly AgentEvent[]): Report {
  return Report.parse({ v: 1, id, events });
}
