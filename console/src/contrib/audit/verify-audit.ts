/** Checks the audit log in the browser: the same code as the server's, on rows that are taken as nobody's word. */
import { AuditHead, createAuditCheck, isHarpError, portableSha3, SignedText, SigningKey } from '@harp/broker/protocol';
import { z } from 'zod';
import type { AuditChainPage } from '../../api/schemas.ts';
import { type ProveSignature, signerOf } from '../../api/signature.ts';

/** The first thing that is not right. */
export interface AuditFinding {
  what: 'missing' | 'missingEnd' | 'changed' | 'unlikeSigned' | 'form' | 'head';
  seq: number;
  to: number;
}

export interface AuditVerdict {
  finding: AuditFinding | undefined;
  entries: number;
  /** Up to there the log is signed; 0 for nothing. */
  signedSeq: number;
  /** Whether the signatures were proved, or this browser cannot tell. */
  signatures: 'proved' | 'notChecked' | 'none';
  /** Id of the key that signed the newest place. */
  key: string | undefined;
}

export interface VerifyAuditOptions {
  read(from: number, signal: AbortSignal): Promise<AuditChainPage>;
  prove: ProveSignature;
  onProgress(done: number, total: number): void;
  signal: AbortSignal;
}

/** @throws the reader's error when a page cannot be read, the signal's reason when it is aborted; what is wrong with the log stands in the verdict */
export async function verifyAudit({ read, prove, onProgress, signal }: VerifyAuditOptions): Promise<AuditVerdict> {
  const check = createAuditCheck(portableSha3);
  let signatures: AuditVerdict['signatures'] = 'none';
  let key: string | undefined;
  let newest = 0;
  const verdict = (finding?: AuditFinding): AuditVerdict => ({
    finding,
    entries: check.seq,
    signedSeq: check.signedSeq,
    signatures,
    key,
  });
  for (let from: number | null = 1; from !== null; ) {
    const page: AuditChainPage = await read(from, signal);
    signal.throwIfAborted();
    const keys = z.array(SigningKey).safeParse(page.keys);
    if (!keys.success) return verdict({ what: 'head', seq: 0, to: 0 });
    try {
      for (const raw of page.heads) {
        const opened = await openHead(raw, keys.data, prove);
        if (opened === undefined) return verdict({ what: 'head', seq: seqIn(raw.text), to: 0 });
        if (signatures !== 'notChecked') signatures = opened.proved ? 'proved' : 'notChecked';
        if (opened.head.seq > newest) [newest, key] = [opened.head.seq, raw.key];
        check.expect(opened.head);
      }
      for (const row of page.entries) check.take(row);
    } catch (error) {
      return verdict(findingOf(error));
    }
    onProgress(check.seq, page.total);
    // A server that gives the same page for ever must not keep us here.
    from = page.entries.length === 0 ? null : page.nextFrom;
  }
  try {
    check.end();
  } catch (error) {
    return verdict(findingOf(error));
  }
  return verdict();
}

/** Undefined if no key of the server signed it, or it is no head. */
async function openHead(
  raw: unknown,
  keys: readonly SigningKey[],
  prove: ProveSignature,
): Promise<{ head: AuditHead; proved: boolean } | undefined> {
  const signed = SignedText.safeParse(raw);
  if (!signed.success) return undefined;
  const pinned = keys.filter(({ key }) => key === signed.data.key);
  const signer = await signerOf('harp/audit/v1', signed.data.text, signed.data.signature, pinned, prove);
  if (signer === null) return undefined;
  const head = AuditHead.safeParse(parseJson(signed.data.text));
  return head.success ? { head: head.data, proved: signer !== undefined } : undefined;
}

function seqIn(text: string): number {
  return AuditHead.safeParse(parseJson(text)).data?.seq ?? 0;
}

function findingOf(error: unknown): AuditFinding {
  if (!isHarpError(error)) throw error;
  const seq = Number(error.facts.seq ?? 0);
  const to = error.facts.to === undefined ? undefined : Number(error.facts.to);
  switch (error.code) {
    case 'chain.sequence_gap':
      return { what: to === undefined ? 'missing' : 'missingEnd', seq, to: to ?? seq };
    case 'chain.link_mismatch':
      return { what: to === undefined ? 'changed' : 'unlikeSigned', seq, to: to ?? seq };
    case 'chain.malformed':
      return { what: 'form', seq, to: seq };
    default:
      return { what: 'head', seq, to: seq };
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
