/** Secrets at rest: sealed with the master key, and bound to the place they stand in, so that a row's secret is worthless in another row. */
import { HarpError } from '@harp/broker/protocol';
import { createSealing, type Sealing } from '@harp/broker/protocol/node';
import type { RandomBytes } from '../ports.ts';

/** Where a sealed value stands. For rows with several key columns, `id` joins them with `/`. */
export interface SealedPlace {
  table: string;
  column: string;
  id: string;
}

export interface Secrets {
  /** Seals `text` for `place`. Two seals of one text differ. */
  seal(place: SealedPlace, text: string): string;
  /** @throws {HarpError} `internal.unexpected` if the value was sealed with another master key, for another place, or was changed. */
  open(place: SealedPlace, sealed: string): string;
}

const PREFIX = 'v1.';

/** Seals with AES-256-GCM. `masterKey` has 32 bytes. @throws {HarpError} `keys.wrong_master` if it has not */
export function createSecrets(masterKey: Uint8Array, random: RandomBytes): Secrets {
  return secretsWith(createSealing(masterKey, random));
}

/** Secrets sealed with `sealing`. */
export function secretsWith(sealing: Sealing): Secrets {
  return {
    seal: (place, text) => `${PREFIX}${sealing.seal(boundTo(place), Buffer.from(text, 'utf8')).toString('base64url')}`,
    open(place, sealed) {
      const plain = sealed.startsWith(PREFIX)
        ? sealing.open(boundTo(place), Buffer.from(sealed.slice(PREFIX.length), 'base64url'))
        : undefined;
      if (plain === undefined) {
        throw new HarpError(
          'internal.unexpected',
          `a secret in ${place.table}.${place.column} cannot be opened with the master key`,
          { facts: { ...place } },
        );
      }
      return plain.toString('utf8');
    },
  };
}

function boundTo({ table, column, id }: SealedPlace): string {
  return `harp/sealed/v1\n${table}\n${column}\n${id}`;
}
