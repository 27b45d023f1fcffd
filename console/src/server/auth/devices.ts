/**
 * Browsers that a person has signed in with before, known by a cookie that opens nothing. Their failures are counted apart from everybody else's, so
 * whoever locks a name from afar does not lock out its owner at their own desk.
 */
import type { SealedPlace, Secrets } from '../keys/secrets.ts';
import type { Clock, RandomBytes } from '../ports.ts';
import { hashSecret, newId } from './secrets.ts';

/** Whoever was away for longer is a stranger again. */
export const DEVICE_MS = 180 * 86_400_000;

/** Whose device it is. Another password makes strangers of all of them. */
interface Owner {
  id: string;
  passwordHash: string;
}

export interface Devices {
  /** The cookie of a browser whose reader has just proved who they are. */
  mark(owner: Owner): string;
  /** The device's name if the cookie is one of this person's; undefined for anything else. */
  read(cookie: string | undefined, owner: Owner): string | undefined;
}

export function createDevices(secrets: Secrets, clock: Clock, randomBytes: RandomBytes): Devices {
  return {
    mark(owner) {
      const device = newId('dev-', randomBytes);
      return `${device}.${secrets.seal(placeOf(device, owner), String(clock.nowMs()))}`;
    },
    read(cookie, owner) {
      const [, device, sealed] = /^(dev-[a-z2-7]{16})\.([\w.-]{1,200})$/.exec(cookie ?? '') ?? [];
      if (device === undefined || sealed === undefined) return undefined;
      try {
        const markedAtMs = Number(secrets.open(placeOf(device, owner), sealed));
        return clock.nowMs() - markedAtMs < DEVICE_MS ? device : undefined;
      } catch {
        // Somebody else's, of an older password or master key, or made up: all the same.
        return undefined;
      }
    },
  };
}

function placeOf(device: string, { id, passwordHash }: Owner): SealedPlace {
  return { table: 'Device', column: 'cookie', id: `${id}/${device}/${hashSecret(passwordHash)}` };
}
