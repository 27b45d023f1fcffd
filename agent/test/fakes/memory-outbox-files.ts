import type { AgentEvent, ReportId } from '@harp/broker/protocol';
import type { OutboxFiles } from '../../src/telemetry/outbox-files.ts';

/** An outbox on a disk that is always there and takes no time. */
export function memoryOutboxFiles(): OutboxFiles {
  const sealed = new Map<ReportId, readonly string[]>();
  let open: string[] = [];
  const eventsOf = (lines: readonly string[]) => lines.map((line): AgentEvent => JSON.parse(line));
  return {
    load: async () => ({
      sealed: [...sealed].map(([id, lines]) => ({ id, sizeBytes: lines.join('').length })),
      open: eventsOf(open),
    }),
    append: async (lines) => void open.push(...lines),
    seal: async (id) => {
      sealed.set(id, open);
      open = [];
    },
    write: async (id, lines) => void sealed.set(id, lines),
    read: async (id) => eventsOf(sealed.get(id) ?? []),
    remove: async (id) => void sealed.delete(id),
    discardOpen: async () => {
      open = [];
    },
    close: async () => undefined,
  };
}
