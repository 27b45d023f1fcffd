/** The greeting of a TLS client that is older than the servers allow. */
import { randomBytes } from 'node:crypto';

/** What is wrong with each of these was published long ago; the last is as good as TLS 1.2 gets. */
const oldSuites = {
  RSA_EXPORT_WITH_RC4_40_MD5: 0x0003,
  RSA_WITH_RC4_128_SHA: 0x0005,
  RSA_WITH_3DES_EDE_CBC_SHA: 0x000a,
  RSA_WITH_AES_128_CBC_SHA: 0x002f,
  RSA_WITH_NULL_SHA256: 0x003b,
  ECDHE_ECDSA_WITH_AES_128_GCM_SHA256: 0xc02b,
} as const;

/** The versions before 1.3, as they call themselves. */
export const oldVersions = { 'TLS 1.0': 0x0301, 'TLS 1.1': 0x0302, 'TLS 1.2': 0x0303 } as const;

/** A ClientHello (RFC 5246, 7.4.1.2) that knows nothing newer than `version`. Made by hand: libraries of today refuse to. */
export function oldHello(version: keyof typeof oldVersions): Buffer {
  const number16 = (value: number) => Buffer.from([value >> 8, value & 255]);
  const withLength = (bytes: Buffer) => Buffer.concat([number16(bytes.length), bytes]);
  const suites = Buffer.concat(Object.values(oldSuites).map(number16));
  // supported_groups: P-256; signature_algorithms: ECDSA with SHA-256.
  const extensions = Buffer.from('000a000400020017000d000400020403', 'hex');
  const hello = Buffer.concat([
    number16(oldVersions[version]),
    randomBytes(32),
    Buffer.from([0]),
    withLength(suites),
    Buffer.from([1, 0]),
    withLength(extensions),
  ]);
  const message = Buffer.concat([Buffer.from([1, 0]), withLength(hello)]);
  return Buffer.concat([Buffer.from([0x16, 3, 1]), withLength(message)]);
}
