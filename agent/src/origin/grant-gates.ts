/**
 * May this grant be used now? Nextcloud counts failures per network address, so one agent that goes on asking gets the whole office blocked
 * (shared/nextcloud/api.md 0.1 and 2.3). What one agent has learnt it tells the others in its have answers, so that they need not learn it by asking too.
 */
import { type Desired, type FolderId, HarpError, type OriginGrant } from '@harp/broker/protocol';
import type { Clock, Logger, Outbox } from '../ports.ts';
import { THROTTLED_MS } from './answer.ts';
import { grantFingerprint } from './share-request.ts';

export interface GrantGates {
  /** @throws {HarpError} `origin.unauthorised`, `origin.throttled`, `origin.maintenance` while the folder's grant must not be used */
  check(folder: FolderId): void;
  /** Takes note of a failed read. That a link was refused says nothing of the one that has taken its place meanwhile; `fingerprint` names it. */
  failed(folder: FolderId, fingerprint: string, error: HarpError): void;
  /** What to tell peers about the folder's grant: `<fingerprint> unauthorised` or `<fingerprint> throttled <seconds>`. */
  hint(folder: FolderId): string | undefined;
  /** Takes a peer's hint; ignored if it is about another grant or cannot be read. */
  learn(folder: FolderId, hint: string): void;
  /** New grants: one that was refused and is gone opens the folder again. */
  configure(desired: Desired): void;
}

export interface GrantGatesDeps {
  clock: Clock;
  outbox: Outbox;
  logger: Logger;
}

/** Nothing is closed at first. */
export function createGrantGates({ clock, outbox, logger }: GrantGatesDeps): GrantGates {
  let grants = new Map<FolderId, { fingerprint: string; url: string }>();
  /** Folder → fingerprint of the grant that was refused. */
  const refused = new Map<FolderId, string>();
  /** Per server, because Nextcloud counts per network address. */
  const pauses = new Map<string, { untilMs: number; code: 'origin.throttled' | 'origin.maintenance' }>();

  const pauseOf = (folder: FolderId) => {
    const pause = pauses.get(grants.get(folder)?.url ?? '');
    return pause !== undefined && pause.untilMs > clock.monotonicMs() ? pause : undefined;
  };
  const isRefused = (folder: FolderId) => {
    const fingerprint = refused.get(folder);
    return fingerprint !== undefined && fingerprint === grants.get(folder)?.fingerprint;
  };
  const pause = (folder: FolderId, code: 'origin.throttled' | 'origin.maintenance', forMs: number) => {
    const url = grants.get(folder)?.url;
    if (url === undefined) return;
    const untilMs = Math.max(pauses.get(url)?.untilMs ?? 0, clock.monotonicMs() + forMs);
    pauses.set(url, { untilMs, code });
    logger.warn({ code, forSeconds: Math.round(forMs / 1000) }, 'Nextcloud is left alone for a while');
  };
  const record = (event: Parameters<Outbox['record']>[0]) => {
    outbox.record(event).catch((error: unknown) => logger.error({ error }, 'an event could not be recorded'));
  };
  const refuse = (folder: FolderId, detail: string, report: boolean) => {
    const fingerprint = grants.get(folder)?.fingerprint;
    if (fingerprint === undefined || isRefused(folder)) return;
    refused.set(folder, fingerprint);
    logger.error({ folder, grant: fingerprint }, 'Nextcloud refused this folder’s share link: it is not used again');
    if (report) record({ kind: 'folder.blocked', atMs: clock.nowMs(), folder, code: 'origin.unauthorised', detail });
  };

  return {
    check(folder) {
      if (isRefused(folder)) {
        throw new HarpError('origin.unauthorised', 'the folder’s share link was refused; a new one is needed');
      }
      const pause = pauseOf(folder);
      if (pause === undefined) return;
      const retryAfterMs = pause.untilMs - clock.monotonicMs();
      throw new HarpError(pause.code, 'Nextcloud is left alone for a while', { facts: { retryAfterMs } });
    },
    failed(folder, fingerprint, error) {
      const isNow = fingerprint === grants.get(folder)?.fingerprint;
      if (error.code === 'origin.unauthorised' && isNow) refuse(folder, error.message, true);
      if (error.code === 'origin.throttled' || error.code === 'origin.maintenance') {
        pause(folder, error.code, Number(error.facts.retryAfterMs ?? THROTTLED_MS));
      }
    },
    hint(folder) {
      const fingerprint = grants.get(folder)?.fingerprint;
      if (isRefused(folder)) return `${fingerprint} unauthorised`;
      const pause = pauseOf(folder);
      if (pause?.code !== 'origin.throttled') return undefined;
      return `${fingerprint} throttled ${Math.ceil((pause.untilMs - clock.monotonicMs()) / 1000)}`;
    },
    learn(folder, hint) {
      const [fingerprint, what, seconds] = hint.split(' ');
      if (fingerprint !== grants.get(folder)?.fingerprint) return;
      if (what === 'unauthorised') refuse(folder, 'a neighbour was refused', false);
      const forMs = Number(seconds) * 1000;
      // A second of slack, or two agents would keep each other's pause alive by rounding up.
      if (what === 'throttled' && forMs > 0 && pauseOf(folder) === undefined) {
        pause(folder, 'origin.throttled', Math.min(forMs, THROTTLED_MS) - 1000);
      }
    },
    configure(desired) {
      grants = new Map(
        desired.folders.flatMap(({ id, origin }) =>
          origin === null ? [] : [[id, { fingerprint: grantFingerprint(origin), url: hostOf(origin) }] as const],
        ),
      );
      for (const [folder, fingerprint] of refused) {
        const now = grants.get(folder)?.fingerprint;
        if (now === fingerprint) continue;
        refused.delete(folder);
        if (now !== undefined) record({ kind: 'folder.unblocked', atMs: clock.nowMs(), folder });
      }
    },
  };
}

function hostOf(grant: OriginGrant): string {
  return new URL(grant.url).origin;
}
