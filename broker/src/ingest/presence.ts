import { Presence } from '../protocol/index.ts';
import type { PresenceRow } from '../store/ingest-store.ts';
import { type Receipt, readPayload } from './intake.ts';

/**
 * Reads a presence message. A retained one, sent again because we subscribed, says whether the agent is online but not when it was last heard:
 * the last will has no other way to reach us after a restart.
 */
export function readPresence(
  payload: Buffer,
  { agent, receivedAtMs }: Receipt,
  isRetained: boolean,
): PresenceRow | undefined {
  const presence = readPayload(Presence, payload);
  return presence && { agent, online: presence.online, ...(isRetained ? {} : { seenAtMs: receivedAtMs }) };
}

/** Any other message that is not retained proves that its agent is there. */
export function seenBy({ agent, receivedAtMs }: Receipt): PresenceRow {
  return { agent, online: true, seenAtMs: receivedAtMs };
}

/** Two rows of one agent, the older first, as one. */
export function mergePresence(older: PresenceRow, newer: PresenceRow): PresenceRow {
  return { ...older, ...newer };
}

/** Whether the message says that its agent has gone. */
export function isOffline(payload: Buffer): boolean {
  return readPayload(Presence, payload)?.online === false;
}
