import type { Report, ReportId } from '@harp/broker/protocol';
import type { Clock, Logger } from '../ports.ts';
import type { Wake } from '../wake.ts';
import type { ReportQueue } from './outbox.ts';

/** Events that come within this time share a report: on a thin line an envelope costs as much as ten deliveries. */
const LINGER_MS = 3_000;
/** A report that is not acknowledged after this is sent again, then after twice that, and so on up to the maximum. */
const RESEND_FIRST_MS = 30_000;
const RESEND_MAX_MS = 3_600_000;
/** Reports sent and not yet due again: bounds what a reconnect puts on the line at once. */
const IN_FLIGHT_MAX = 4;

/** The way to ingest. */
interface ReportChannel {
  readonly connected: boolean;
  /** Resolves when the broker has the report; rejects with a HarpError when the connection breaks first. */
  send(report: Report): Promise<void>;
}

export interface ReportSenderDeps {
  queue: ReportQueue;
  channel: ReportChannel;
  clock: Clock;
  log: Logger;
  /** Must be notified when an event was recorded, reports were acknowledged, or the channel connected. */
  wake: Wake;
}

export interface ReportSender {
  /** Sends until `signal` aborts. */
  run(signal: AbortSignal): Promise<void>;
  /** The channel is new: what was sent on the old one may be lost and is due at once. */
  reconnected(): void;
}

/** Sends what is in the queue, oldest first, again and again until it is acknowledged. While the channel is down, nothing is done but collecting. */
export function createReportSender({ queue, channel, clock, log, wake }: ReportSenderDeps): ReportSender {
  const sent = new Map<ReportId, { atMs: number; times: number; dueMs: number }>();
  let lingerSinceMs: number | undefined;

  const sealIfDue = async (nowMs: number): Promise<number> => {
    if (queue.openEvents === 0) {
      lingerSinceMs = undefined;
      return Number.POSITIVE_INFINITY;
    }
    lingerSinceMs ??= nowMs;
    const dueMs = lingerSinceMs + LINGER_MS;
    if (nowMs < dueMs) return dueMs - nowMs;
    lingerSinceMs = undefined;
    await queue.seal();
    return Number.POSITIVE_INFINITY;
  };

  const send = async (id: ReportId, nowMs: number) => {
    const report = await queue.read(id);
    if (report === undefined) return;
    const times = (sent.get(id)?.times ?? 0) + 1;
    sent.set(id, { atMs: nowMs, times, dueMs: nowMs + Math.min(RESEND_MAX_MS, RESEND_FIRST_MS * 2 ** (times - 1)) });
    channel
      .send(report)
      .catch((error: unknown) => log.debug({ id, error: String(error) }, 'a report was not delivered'));
  };

  /** Sends what is due; returns after how many milliseconds to look again. */
  const pump = async (): Promise<number> => {
    const nowMs = clock.monotonicMs();
    let waitMs = await sealIfDue(nowMs);
    const waiting = queue.sealed();
    const known = new Set(waiting);
    for (const id of sent.keys()) if (!known.has(id)) sent.delete(id);
    // Only the newly sent count, and the never sent go first: a report that ingest cannot store must not hold up those behind it.
    let room = IN_FLIGHT_MAX - [...sent.values()].filter(({ atMs }) => nowMs - atMs < RESEND_FIRST_MS).length;
    const fresh = waiting.filter((id) => !sent.has(id));
    for (const id of [...fresh, ...waiting.filter((id) => sent.has(id))]) {
      const dueMs = sent.get(id)?.dueMs ?? nowMs;
      if (dueMs <= nowMs && room > 0) {
        await send(id, nowMs);
        room -= 1;
      }
      waitMs = Math.min(waitMs, dueMs > nowMs ? dueMs - nowMs : RESEND_FIRST_MS);
    }
    return waitMs;
  };

  return {
    async run(signal) {
      let waitMs = 0;
      while (await wake.wait(waitMs, signal)) {
        waitMs = channel.connected ? await pump() : Number.POSITIVE_INFINITY;
      }
    },
    reconnected() {
      sent.clear();
      wake.notify();
    },
  };
}
