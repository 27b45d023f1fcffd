import type { EnrolmentSummary } from '../../api/schemas.ts';

/** A PC that waits, for tests and the workshop: from an image, in the network of Lyon, unless told otherwise. */
export function waitingRow(differs: Partial<EnrolmentSummary> = {}): EnrolmentSummary {
  return {
    id: 'enr-1',
    agentId: 'a'.repeat(52),
    hostname: 'LYO-LAP-07',
    platform: 'linux',
    version: '0.1.0',
    hardwareId: 'f'.repeat(64),
    serial: 'SN-0042',
    userName: 'marie',
    domain: 'example.lan',
    addresses: ['10.4.0.7'],
    seenAddress: '10.4.0.7',
    via: 'file',
    tokenId: null,
    tokenName: null,
    state: 'waiting',
    cause: 'enrolment.approval_needed',
    officeId: 'off-lyon',
    officeName: 'Lyon',
    officeBy: 'subnet',
    officeWhy: '10.4.0.0/16',
    ruleId: null,
    tags: [],
    duplicateOf: null,
    needsCode: false,
    decidedBy: null,
    decidedAtMs: null,
    effectiveAtMs: null,
    createdAtMs: 1000,
    lastSeenAtMs: 1000,
    ...differs,
  };
}
