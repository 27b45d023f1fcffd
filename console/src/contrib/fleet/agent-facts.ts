/** What an agent's report says about its health. The report is shown as it came: every field is looked at before it is believed. */
import type { AgentDetail } from '../../api/schemas.ts';

/** Free bytes on the agent's disk; null when it did not say. */
export function freeBytesOf({ reported }: Pick<AgentDetail, 'reported'>): number | null {
  const free = reported?.freeBytes;
  return typeof free === 'number' && Number.isFinite(free) && free >= 0 ? free : null;
}

/** Ids of the peers it has a live connection with; null when it did not say. */
export function peersOf({ reported }: Pick<AgentDetail, 'reported'>): readonly string[] | null {
  const peers = reported?.peers;
  return Array.isArray(peers) ? peers.filter((peer) => typeof peer === 'string') : null;
}

/** Whether it follows the desired state that was published last; null when it did not say. */
export function isFollowing({
  reported,
  desiredRevision,
}: Pick<AgentDetail, 'reported' | 'desiredRevision'>): boolean | null {
  const revision = reported?.desiredRevision;
  return typeof revision === 'number' ? revision >= desiredRevision : null;
}

const DAY_MS = 86_400_000;

/**
 * Agents renew at half of a certificate's 90 days: one that is this near to its end was not renewed in a month. The list of
 * problems draws the line at the same place.
 */
const CERTIFICATE_WARNING_MS = 14 * DAY_MS;

/** How urgent the end of a certificate is. */
export function certificateTone(endsAtMs: number, nowMs: number): 'ok' | 'warning' | 'error' {
  const leftMs = endsAtMs - nowMs;
  return leftMs <= 0 ? 'error' : leftMs < CERTIFICATE_WARNING_MS ? 'warning' : 'ok';
}

/** Below this a folder of ordinary size may not fit any more. */
const LOW_DISK_BYTES = 20e9;
const NO_DISK_BYTES = 2e9;

/** How urgent a disk is. */
export function diskTone(freeBytes: number): 'ok' | 'warning' | 'error' {
  return freeBytes < NO_DISK_BYTES ? 'error' : freeBytes < LOW_DISK_BYTES ? 'warning' : 'ok';
}
