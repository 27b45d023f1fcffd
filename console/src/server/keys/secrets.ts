/** Secrets at rest: sealed with the master key, and bound to the place they stand in, so that a row's secret is worthless in another row. */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import path from 'node:path';
import { HarpError } from '@harp/broker/protocol';
import type { RandomBytes } from '../ports.ts';
import { readOrMakeKeyFile } from './key-file.ts';

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
/** 96 random bits: the size GCM is made for; safe for 2^32 seals per key (NIST SP 800-38D, 8.3). */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;

/** Seals with AES-256-GCM. `masterKey` has 32 bytes. */
export function createSecrets(masterKey: Uint8Array, random: RandomBytes): Secrets {
  if (masterKey.length !== KEY_BYTES) {
    throw new HarpError('internal.unexpected', `the master key has ${masterKey.length} bytes instead of ${KEY_BYTES}`);
  }
  return {
    seal(place, text) {
      const nonce = random(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', masterKey, nonce);
      cipher.setAAD(boundTo(place));
      const sealed = Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
      return `${PREFIX}${sealed.toString('base64url')}`;
    },
    open(place, sealed) {
      const bytes = Buffer.from(sealed.slice(PREFIX.length), 'base64url');
      if (!sealed.startsWith(PREFIX) || bytes.length < NONCE_BYTES + TAG_BYTES) throw unreadable(place);
      const decipher = createDecipheriv('aes-256-gcm', masterKey, bytes.subarray(0, NONCE_BYTES));
      decipher.setAAD(boundTo(place));
      decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
      try {
        return decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
      } catch (cause) {
        throw unreadable(place, cause);
      }
    },
  };
}

/** The secrets of this installation: `keys/master.key` in `dataDir`, made if it is absent. */
export async function openSecrets(dataDir: string, random: RandomBytes): Promise<Secrets> {
  const key = await readOrMakeKeyFile(
    path.join(dataDir, 'keys', 'master.key'),
    () => random(KEY_BYTES),
    Buffer.from(random(8)).toString('hex'),
  );
  return createSecrets(key, random);
}

function boundTo({ table, column, id }: SealedPlace): Buffer {
  return Buffer.from(`harp/sealed/v1\n${table}\n${column}\n${id}`, 'utf8');
}

function unreadable(place: SealedPlace, cause?: unknown): HarpError {
  return new HarpError(
    'internal.unexpected',
    `a secret in ${place.table}.${place.column} cannot be opened with keys/master.key`,
    { cause, facts: { ...place } },
  );
}
