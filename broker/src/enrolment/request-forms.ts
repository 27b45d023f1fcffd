/** A PC's request between its three forms: what the PC sends, the row it becomes, and what it hears. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import {
  type EnrolmentRequestId,
  HarpError,
  type Machine,
  toBase32,
  type Waiting,
  type WaitingCause,
  waitingCauses,
} from '../protocol/index.ts';
import type { AskingPc, RequestRow } from '../store/request-store.ts';

/** What a PC hears that waits. */
export function waitingOf(row: RequestRow, ticket: string): Waiting {
  const { proof } = row;
  return {
    request: row.id,
    ticket,
    cause: waitingCause(row.cause),
    retryAfterMs: 0,
    ...(proof === undefined ? {} : { proof: { answer: proof.answer, confirm: proof.confirm } }),
  };
}

/** Why it waits; a cause that PCs do not know counts as the plain one. */
export function waitingCause(cause: string | null): WaitingCause {
  return waitingCauses.find((known) => known === cause) ?? 'enrolment.approval_needed';
}

/** What a PC says of its hardware, as columns. */
export function saidOf({ hardwareId, serial, user, domain }: Machine) {
  return {
    hardwareId: hardwareId ?? null,
    serial: serial ?? null,
    userName: user ?? null,
    domain: domain ?? null,
  };
}

/** Whether it was told by somebody unknown where the server is. */
export function isUnpinned({ via }: Pick<AskingPc, 'via'>): boolean {
  return via === 'neighbour' || via === 'dns';
}

/** In constant time. */
export function isTicketOf({ ticketHash }: RequestRow, ticket: string): boolean {
  return timingSafeEqual(Buffer.from(ticketHash), Buffer.from(hashOf(ticket)));
}

/** Secrets that are random already: nothing slower is needed. SHA-256, hexadecimal. */
export function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** 80 random bits. */
export function newRequestId(): EnrolmentRequestId {
  return `enr-${toBase32(randomBytes(10))}` as EnrolmentRequestId;
}

/** The columns that a PC fills. */
export function askingOf(row: RequestRow): AskingPc {
  const { agentId, csr, hostname, platform, version, hardwareId, serial, userName, domain, addresses } = row;
  const { seenAddress, via, tokenId } = row;
  return {
    ...{ agentId, csr, hostname, platform, version, hardwareId, serial, userName, domain, addresses },
    ...{ seenAddress, via, tokenId },
  };
}

/** `enrolment.request_unknown`. */
export function unknownRequest(): HarpError {
  return new HarpError('enrolment.request_unknown', 'there is no such request');
}

/** `enrolment.rejected`. */
export function rejected(): HarpError {
  return new HarpError('enrolment.rejected', 'somebody declined to let this computer in');
}

/** `enrolment.blocked`. */
export function blocked(): HarpError {
  return new HarpError('enrolment.blocked', 'this computer is blocked');
}
