/** Why something does not work and what helps, by error code, for people. Codes nobody wrote words for are shown as they are. */
import type { Message } from '../../i18n/messages.ts';
import { reasonText, stepText } from './reason-messages.ts';

const reasons: Readonly<Record<string, keyof typeof reasonText>> = {
  'disk.full': 'diskFull',
  'disk.failed': 'diskFailed',
  'name.refused': 'nameRefused',
  'file.locally_changed': 'locallyChanged',
  'peer.unreachable': 'peerUnreachable',
  'chunk.digest_mismatch': 'chunkWrong',
  'chain.link_mismatch': 'chainBroken',
  'chain.sequence_gap': 'chainGap',
  'chain.signature_invalid': 'signatureWrong',
  'chain.rollback': 'rollback',
  'chain.fork': 'fork',
  'chain.malformed': 'chainMalformed',
  'blob.absent': 'blobAbsent',
  'blob.digest_mismatch': 'blobWrong',
  'manifest.malformed': 'manifestMalformed',
  'gateway.unreachable': 'gatewayUnreachable',
  'broker.unreachable': 'brokerUnreachable',
  'origin.unreachable': 'originUnreachable',
  'origin.unauthorised': 'originUnauthorised',
  'origin.forbidden': 'originForbidden',
  'origin.throttled': 'originThrottled',
  'origin.maintenance': 'originMaintenance',
  'origin.changed': 'originChanged',
  'origin.not_found': 'originNotFound',
  'origin.range_ignored': 'rangeIgnored',
  'origin.short_body': 'shortBody',
  'origin.unexpected': 'originUnexpected',
};

const steps: Readonly<Record<string, keyof typeof stepText>> = {
  'disk.full': 'freeSpace',
  'name.refused': 'renameFile',
  'file.locally_changed': 'moveLocalFile',
  'chain.link_mismatch': 'verifyChain',
  'chain.sequence_gap': 'verifyChain',
  'chain.signature_invalid': 'compareKeys',
  'chain.rollback': 'compareKeys',
  'chain.fork': 'verifyChain',
  'gateway.unreachable': 'checkNetwork',
  'broker.unreachable': 'checkNetwork',
  'origin.unreachable': 'checkAddress',
  'origin.unauthorised': 'newPassword',
  'origin.forbidden': 'grantAccess',
  'origin.throttled': 'waitThrottle',
  'origin.maintenance': 'waitMaintenance',
  'origin.not_found': 'checkPath',
  'origin.range_ignored': 'checkProxy',
  'origin.unexpected': 'readLog',
};

/** A code in words; undefined when there are none. */
export function reasonOf(code: string): Message | undefined {
  const key = reasons[code];
  return key === undefined ? undefined : reasonText[key];
}

/** What a person can do about a code; undefined when it passes by itself or nothing is known. */
export function nextStepOf(code: string): Message | undefined {
  const key = steps[code];
  return key === undefined ? undefined : stepText[key];
}
