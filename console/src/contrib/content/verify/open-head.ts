/** Reads a signed head as an agent does: the signature first, then what it says. */
import {
  type FolderId,
  Head,
  isHarpError,
  openSigned,
  SignedText,
  SigningKey,
  snapshotSigningText,
} from '@harp/broker/protocol';
import { z } from 'zod';
import { type ProveSignature, signerOf } from '../../../api/signature.ts';
import type { Finding, Proof } from './finding.ts';

/** A head that may be followed, with what is known of its signatures; or what is wrong with it. */
export type OpenedHead =
  | { finding: Finding }
  | { finding: undefined; head: Head; key: string; headSignature: Proof; snapshotSignature: Proof };

const Keys = z.array(SigningKey);

/** Checks the signature of a head, its form, its folder, and the signature of the snapshot it names. */
export async function openHead(
  answer: { signed: unknown; keys: unknown; folder: string },
  prove: ProveSignature,
): Promise<OpenedHead> {
  const signed = SignedText.safeParse(answer.signed);
  const keys = Keys.safeParse(answer.keys);
  if (!signed.success || !keys.success) return wrong('headForm', 'protocol.invalid_message');
  const pinned = keys.data.filter(({ key }) => key === signed.data.key);
  if (pinned.length === 0) return wrong('headSignature', 'chain.signature_invalid', `key ${signed.data.key}`);
  let head: Head;
  let headSignature: Proof;
  try {
    const signer = await signerOf('harp/head/v1', signed.data.text, signed.data.signature, pinned, prove);
    headSignature = signer === undefined ? 'notChecked' : 'proved';
    // The same function as the agents'; the signature itself was computed above, because browsers only do that asynchronously.
    head = openSigned('harp/head/v1', signed.data, Head, pinned, () => signer !== null);
  } catch (error) {
    if (isHarpError(error, 'chain.signature_invalid')) return wrong('headSignature', error.code, error.message);
    if (isHarpError(error)) return wrong('headForm', error.code, error.message);
    throw error;
  }
  if (head.folder !== answer.folder) return wrong('headFolder', 'chain.signature_invalid', head.folder);
  const { snapshot } = head;
  if (snapshot === null)
    return { finding: undefined, head, key: signed.data.key, headSignature, snapshotSignature: 'none' };
  const text = snapshotSigningText(head.folder as FolderId, snapshot);
  // A head does not say which key signed its snapshot, which may be older than the key now in use.
  const signer = await signerOf('harp/snapshot/v1', text, snapshot.signature, keys.data, prove);
  if (signer === null) {
    return {
      finding: { what: 'snapshotSignature', code: 'chain.signature_invalid', seq: snapshot.seq },
    };
  }
  return {
    finding: undefined,
    head,
    key: signed.data.key,
    headSignature,
    snapshotSignature: signer === undefined ? 'notChecked' : 'proved',
  };
}

function wrong(what: Finding['what'], code: string, detail?: string): { finding: Finding } {
  return { finding: { what, code, ...(detail === undefined ? {} : { detail }) } };
}
