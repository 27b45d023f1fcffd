/**
 * Passkeys: a key pair of a person's device, unlocked there with a finger, a face or a PIN. So one counts as both factors, and nothing of it can be
 * guessed, phished or read from the database. What authenticators send is checked by @simplewebauthn/server.
 */
import { HarpError, toBase64Url, utf8 } from '@harp/broker/protocol';
import { Prisma, type PrismaClient } from '@harp/prisma';
import {
  type AuthenticationResponseJSON,
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  type RegistrationResponseJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import type { Changes } from '../audit/request-audit.ts';
import type { Clock, RandomBytes } from '../ports.ts';
import type { ConsoleAddress } from './console-address.ts';
import { createPending, PENDING_MS } from './pending.ts';
import { newId, newSecret } from './secrets.ts';

/** Telephone, laptop, two security keys, and their successors. */
const MAX_PASSKEYS = 20;
const CHALLENGE_BYTES = 32;
const UNIQUE_VIOLATION = 'P2002';

interface Person {
  id: string;
  name: string;
}

/** A passkey as its owner sees it. */
export interface PasskeyInfo {
  id: string;
  name: string;
  createdAtMs: number;
  lastUsedAtMs: number | null;
}

/** What an authenticator answered to a registration. */
export type NewCredential = Omit<RegistrationResponseJSON, 'clientExtensionResults'>;
/** What an authenticator answered at a sign-in. */
export type ShownCredential = Omit<AuthenticationResponseJSON, 'clientExtensionResults'>;

export interface Passkeys {
  readonly address: ConsoleAddress;
  /** A person's passkeys, oldest first. */
  listOf(userId: string): Promise<PasskeyInfo[]>;
  /** What a device is asked to make. Good once, for this session. @throws {HarpError} `account.passkey_refused` where none can be */
  beginAdding(person: Person & { sessionId: string }, from: string): Promise<PublicKeyCredentialCreationOptionsJSON>;
  /** Adds what the device made. @throws {HarpError} `account.passkey_refused` */
  add(person: Person & { sessionId: string }, name: string, made: NewCredential, changes: Changes): Promise<void>;
  /** Forgets one of a person's passkeys. Says whether there was one. */
  remove(person: Person, id: string, changes: Changes): Promise<boolean>;
  /** What a device is asked to sign, and the secret by which the browser is known when it comes back. @throws {HarpError} `account.passkey_refused` */
  beginSignIn(from: string): Promise<{ options: PublicKeyCredentialRequestOptionsJSON; secret: string }>;
  /** Whose passkey signed; undefined if it is not known here. @throws {HarpError} `account.passkey_refused` */
  signIn(secret: string | undefined, shown: ShownCredential): Promise<{ userId: string; passkey: string } | undefined>;
}

export function createPasskeys(
  database: Pick<PrismaClient, 'passkey'>,
  { address, clock, randomBytes }: { address: ConsoleAddress; clock: Clock; randomBytes: RandomBytes },
): Passkeys {
  const { origin, rpId, obstacle } = address;
  /** By session for what is added, by a secret of the browser's for who signs in. */
  const adding = createPending<string>(clock);
  const signingIn = createPending<string>(clock);
  const newChallenge = () => Uint8Array.from(randomBytes(CHALLENGE_BYTES));
  const possible = () => {
    if (obstacle !== null) throw refused(`passkeys need https and a name, and the console’s address is ${origin}`);
  };
  return {
    address,

    async listOf(userId) {
      const rows = await database.passkey.findMany({
        where: { userId },
        orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
      });
      return rows.map(({ id, name, createdAt, lastUsedAt }) => ({
        id,
        name,
        createdAtMs: createdAt.getTime(),
        lastUsedAtMs: lastUsedAt?.getTime() ?? null,
      }));
    },

    async beginAdding({ id, name, sessionId }, from) {
      possible();
      const known = await database.passkey.findMany({ where: { userId: id } });
      if (known.length >= MAX_PASSKEYS) throw refused(`a person may have ${MAX_PASSKEYS} passkeys: remove one first`);
      const challenge = newChallenge();
      adding.put(sessionId, from, toBase64Url(challenge));
      return generateRegistrationOptions({
        rpName: 'Harp',
        rpID: rpId,
        userID: Uint8Array.from(utf8(id)),
        userName: name,
        userDisplayName: name,
        challenge,
        timeout: PENDING_MS,
        // Who made the device is nobody's business here.
        attestationType: 'none',
        excludeCredentials: known.map(({ credentialId, transports }) => ({ id: credentialId, transports })),
        authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
      });
    },

    async add({ id: userId, name: userName, sessionId }, name, made, changes) {
      const expectedChallenge = adding.take(sessionId);
      if (expectedChallenge === undefined) throw refused('it was asked for too long ago, or used already: begin again');
      const { registrationInfo } = await checked(() =>
        verifyRegistrationResponse({
          response: { ...made, clientExtensionResults: {} },
          expectedChallenge,
          expectedOrigin: origin,
          expectedRPID: rpId,
          requireUserVerification: true,
        }),
      );
      if (registrationInfo === undefined) throw refused('its signature is wrong');
      const { id: credentialId, publicKey, counter } = registrationInfo.credential;
      const id = newId('psk-', randomBytes);
      const row = { id, credentialId, userId, name, publicKey, counter, transports: made.response.transports ?? [] };
      try {
        await changes.change(async (tx, record) => {
          if ((await tx.passkey.count({ where: { userId } })) >= MAX_PASSKEYS) throw refused('there are too many');
          await tx.passkey.create({ data: { ...row, createdAt: new Date(clock.nowMs()) } });
          record.add({
            action: 'passkey.create',
            object: { kind: 'user', id: userId, name: userName },
            after: { id, name },
          });
        });
      } catch (error) {
        if (error instanceof Prisma.PrismaClientKnownRequestError && error.code === UNIQUE_VIOLATION)
          throw refused('it is registered already');
        throw error;
      }
    },

    remove: ({ id: userId, name: userName }, id, changes) =>
      changes.change(async (tx, record) => {
        const row = await tx.passkey.findFirst({ where: { userId, id } });
        const { count } = await tx.passkey.deleteMany({ where: { userId, id } });
        if (row === null || count === 0) {
          record.nothing();
          return false;
        }
        record.add({
          action: 'passkey.remove',
          object: { kind: 'user', id: userId, name: userName },
          before: { id, name: row.name },
        });
        return true;
      }),

    async beginSignIn(from) {
      possible();
      const challenge = newChallenge();
      const secret = newSecret('', randomBytes);
      signingIn.put(secret, from, toBase64Url(challenge));
      // No list of keys: it would say which accounts there are. The device knows which it has for this place.
      const options = await generateAuthenticationOptions({
        rpID: rpId,
        challenge,
        timeout: PENDING_MS,
        userVerification: 'required',
      });
      return { options, secret };
    },

    async signIn(secret, shown) {
      const expectedChallenge = secret === undefined ? undefined : signingIn.take(secret);
      if (expectedChallenge === undefined) throw refused('it was asked for too long ago, or used already: begin again');
      const row = await database.passkey.findUnique({ where: { credentialId: shown.id } });
      if (row === null) return undefined;
      const { userHandle } = shown.response;
      if (userHandle !== undefined && userHandle !== toBase64Url(utf8(row.userId)))
        throw refused('it says it is somebody else’s');
      const { verified, authenticationInfo } = await checked(() =>
        verifyAuthenticationResponse({
          response: { ...shown, clientExtensionResults: {} },
          expectedChallenge,
          expectedOrigin: origin,
          expectedRPID: rpId,
          credential: {
            id: row.credentialId,
            publicKey: Uint8Array.from(row.publicKey),
            counter: Number(row.counter),
            transports: row.transports,
          },
          requireUserVerification: true,
        }),
      );
      if (!verified) throw refused('its signature is wrong');
      // Only from the counter that was compared: of two copies of a key that sign at once, one is in.
      const { count } = await database.passkey.updateMany({
        where: { id: row.id, counter: row.counter },
        data: { counter: authenticationInfo.newCounter, lastUsedAt: new Date(clock.nowMs()) },
      });
      if (count === 0) throw refused('it was removed, or used elsewhere at the same moment');
      return { userId: row.userId, passkey: row.name };
    },
  };
}

/** What the library throws is about what was sent, never about this server. */
async function checked<T>(check: () => Promise<T>): Promise<T> {
  try {
    return await check();
  } catch (error) {
    throw refused(error instanceof Error ? error.message.slice(0, 200) : 'it cannot be read', error);
  }
}

function refused(why: string, cause?: unknown): HarpError {
  return new HarpError('account.passkey_refused', `the passkey was not accepted: ${why}`, { cause });
}
