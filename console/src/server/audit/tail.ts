/** Whether what was added since the last signed place follows from it: nothing is signed that somebody slipped in. */
import {
  AuditHead,
  createAuditCheck,
  HarpError,
  isHarpError,
  openSigned,
  type SigningKey,
} from '@harp/broker/protocol';
import { sha3, verifyEd25519 } from '@harp/broker/protocol/node';
import { signedOf, type Tx } from '../content/rows.ts';
import { auditBatches } from './batches.ts';
import type { StateRow } from './trail.ts';

/** What is wrong between the last signed place and `state`, in words; undefined if nothing is. */
export async function soundSinceSigned(
  tx: Tx,
  state: StateRow,
  keys: readonly SigningKey[],
): Promise<string | undefined> {
  try {
    const from = await signedPlace(tx, state.signedSeq, keys);
    const check = createAuditCheck(sha3, from);
    for await (const batch of auditBatches(tx, state.signedSeq)) for (const row of batch) check.take(row);
    if (check.seq !== state.seq) return `${state.seq} entries were written, ${check.seq} are there`;
    return check.link === state.link ? undefined : 'the entries do not lead to the link that was kept';
  } catch (error) {
    if (isHarpError(error)) return error.message;
    throw error;
  }
}

/** The signed place of this number; the beginning for 0. */
async function signedPlace(
  tx: Tx,
  seq: number,
  keys: readonly SigningKey[],
): Promise<{ seq: number; link: string } | undefined> {
  if (seq === 0) return undefined;
  const row = await tx.auditHead.findUnique({ where: { seq } });
  if (row === null) throw new HarpError('chain.signature_invalid', `the signed head of entry ${seq} is gone`);
  return openSigned('harp/audit/v1', signedOf(row), AuditHead, keys, verifyEd25519);
}
