import { HarpError } from '@harp/broker/protocol';
import type { Disk } from '../files/disk.ts';

/**
 * Stops before the disk is full to the last byte: the agent's own state, the system's logs and everybody's open documents are often on the same one,
 * and a database that cannot commit loses more than a download that waits.
 */
export interface SpaceGuard {
  /** Announces that `bytes` are about to be written. @throws {HarpError} `disk.full` if they would eat into the reserve */
  take(bytes: number): Promise<void>;
  /** Whether a file that needs `neededBytes` more may be begun. @throws {HarpError} `disk.full` with `facts.neededBytes` and `facts.freeBytes` */
  check(neededBytes: number): Promise<void>;
}

/** One hundredth of the disk stays free, but not less or more than this. */
const RESERVE_SHARE = 0.01;
const RESERVE_MIN_BYTES = 1024 * 1024;
const RESERVE_MAX_BYTES = 64 * 1024 * 1024;
/** The disk is asked again after this much was written: others write, too. */
const ASK_AFTER_BYTES = 16 * 1024 * 1024;

/** A guard of the disk that holds `path`. */
export function createSpaceGuard(disk: Disk, path: string): SpaceGuard {
  /** Bytes that may be written before the disk is asked again. */
  let known = 0;
  let sinceAsked = 0;
  let asking: Promise<void> | undefined;

  const ask = async () => {
    sinceAsked = 0;
    try {
      const { bavail, bsize, blocks } = await disk.space(path);
      const reserve = Math.min(RESERVE_MAX_BYTES, Math.max(RESERVE_MIN_BYTES, blocks * bsize * RESERVE_SHARE));
      // Some network file systems do not tell.
      known = blocks === 0 ? Number.POSITIVE_INFINITY : bavail * bsize - reserve;
    } catch {
      // The write itself will tell what is wrong with the disk.
      known = Number.POSITIVE_INFINITY;
    }
  };
  const refresh = async () => {
    asking ??= ask().finally(() => {
      asking = undefined;
    });
    await asking;
  };

  return {
    async take(bytes) {
      if (sinceAsked >= ASK_AFTER_BYTES || known < bytes) await refresh();
      if (known < bytes) throw new HarpError('disk.full', 'what is free of the disk is kept as a reserve');
      known -= bytes;
      sinceAsked += bytes;
    },
    async check(neededBytes) {
      if (known < neededBytes) await refresh();
      if (known >= neededBytes) return;
      const freeBytes = Math.max(0, Math.floor(known));
      throw new HarpError('disk.full', `${neededBytes} bytes are needed, ${freeBytes} may be used`, {
        facts: { neededBytes, freeBytes },
      });
    },
  };
}
