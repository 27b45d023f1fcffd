/** Which roots an agent trusts: those it has, and those that one it has vouches for. The gateway alone cannot make it trust another. */
import type { X509Certificate } from 'node:crypto';
import { HarpError } from '@harp/broker/protocol';
import { certificatesIn } from './identity-files.ts';

/** Roots as the gateway offers them, PEM. `cross`: keys of roots, certified by other roots. */
export interface OfferedRoots {
  ca: string;
  cross?: string;
}

/**
 * The roots of `offered` that may be trusted by whoever trusts `trusted`, PEM. A root is new only if its very key was certified by one that is trusted
 * already; what nobody vouches for is left out. A root that is offered no longer is trusted no longer.
 *
 * @throws {HarpError} `enrolment.ca_mismatch` if none is left
 */
export function adoptRoots(trusted: string, offered: OfferedRoots): string {
  const known = certificatesIn(trusted);
  const vouchers = certificatesIn(offered.cross ?? '');
  const mayTrust = (root: X509Certificate): boolean =>
    known.some(({ fingerprint256 }) => fingerprint256 === root.fingerprint256) ||
    vouchers.some(
      (voucher) =>
        voucher.subject === root.subject &&
        voucher.publicKey.equals(root.publicKey) &&
        known.some((one) => voucher.verify(one.publicKey)),
    );
  const adopted = certificatesIn(offered.ca).filter((root) => root.ca && root.verify(root.publicKey) && mayTrust(root));
  if (adopted.length === 0) {
    throw new HarpError(
      'enrolment.ca_mismatch',
      'the gateway names another CA, and none that is trusted vouches for it',
    );
  }
  return adopted.map((root) => root.toString()).join('');
}

/** SHA-256 of each certificate of a PEM bundle, hexadecimal. */
export function fingerprintsIn(pem: string): string[] {
  return certificatesIn(pem).map(({ fingerprint256 }) => fingerprint256.replaceAll(':', '').toLowerCase());
}
