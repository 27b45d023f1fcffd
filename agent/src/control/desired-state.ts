import { createHash } from 'node:crypto';
import { Desired, HarpError, openSigned, SignedText, type SigningKey } from '@harp/broker/protocol';
import { verifyEd25519 } from '@harp/broker/protocol/node';
import type { Identity, Logger } from '../ports.ts';
import { readFileIfPresent, writeFileAtomic } from '../state/atomic-file.ts';
import { parseJson } from '../state/json.ts';

/**
 * Decides whether a desired state is to be followed: signed by a pinned key, for us, and not older than the last. Returns undefined when it is the
 * one we follow already.
 *
 * @throws {HarpError} `chain.signature_invalid`, `protocol.invalid_message`, `desired.wrong_agent`, `desired.rollback`
 */
export function judgeDesired(
  signed: SignedText,
  last: { text: string; revision: number } | undefined,
  self: { agent: string; keys: readonly SigningKey[] },
): Desired | undefined {
  if (signed.text === last?.text) return undefined;
  const desired = openSigned('harp/desired/v1', signed, Desired, self.keys, verifyEd25519);
  if (desired.agent !== self.agent) {
    throw new HarpError('desired.wrong_agent', `it is for agent ${desired.agent.slice(0, 8)}`);
  }
  if (last !== undefined && desired.revision < last.revision) {
    throw new HarpError(
      'desired.rollback',
      `revision ${desired.revision} is older than ${last.revision}, followed before`,
      {
        facts: { revision: desired.revision, followed: last.revision },
      },
    );
  }
  return desired;
}

/** The desired state this agent follows: the last good one, kept on disk so that an office goes on with console and broker away. */
export interface DesiredState {
  readonly current: Desired | undefined;
  /** Takes up what an earlier run followed. Undefined if there is none, or if it does not verify any more. */
  load(): Promise<Desired | undefined>;
  /**
   * Judges what the broker delivered and keeps it if it is good. Undefined if it changes nothing.
   *
   * @throws {HarpError} as `judgeDesired`, once for each bad text; `protocol.invalid_message` if it is no signed text at all
   */
  offer(payload: Uint8Array): Promise<Desired | undefined>;
}

/** The desired state kept at `path`. */
export function createDesiredState(path: string, identity: Identity, log: Logger): DesiredState {
  let last: { text: string; desired: Desired } | undefined;
  let refusedDigest: string | undefined;

  const judge = (signed: SignedText): Desired | undefined =>
    judgeDesired(signed, last && { text: last.text, revision: last.desired.revision }, {
      agent: identity.agent,
      keys: identity.signingKeys(),
    });

  return {
    get current() {
      return last?.desired;
    },
    async load() {
      const text = await readFileIfPresent(path);
      if (text === undefined) return undefined;
      try {
        const signed = parseSigned(text);
        const desired = judge(signed);
        if (desired !== undefined) last = { text: signed.text, desired };
        return desired;
      } catch (error) {
        log.warn({ error: String(error) }, 'the stored desired state is not usable; waiting for the broker');
        return undefined;
      }
    },
    async offer(payload) {
      const digest = createHash('sha256').update(payload).digest('base64');
      // The broker repeats what it retains at every reconnect; one report of one bad text is enough.
      if (digest === refusedDigest) return undefined;
      try {
        const signed = parseSigned(Buffer.from(payload).toString('utf8'));
        const desired = judge(signed);
        if (desired === undefined) return undefined;
        last = { text: signed.text, desired };
        // Followed even if the disk is full: the broker has it, and the next one is kept again.
        await writeFileAtomic(path, JSON.stringify(signed)).catch((error: unknown) => {
          log.warn({ error: String(error) }, 'the desired state could not be stored');
        });
        return desired;
      } catch (error) {
        refusedDigest = digest;
        throw error;
      }
    },
  };
}

/** @throws {HarpError} `protocol.invalid_message` */
export function parseSigned(text: string): SignedText {
  const parsed = SignedText.safeParse(parseJson(text));
  if (!parsed.success)
    throw new HarpError('protocol.invalid_message', 'it is not a signed text', { cause: parsed.error });
  return parsed.data;
}
