import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { isIPv4 } from 'node:net';

/** A key and a certificate signed by it, both PEM. */
export interface SelfSigned {
  key: string;
  cert: string;
}

const dayMs = 24 * 60 * 60 * 1000;

/** Tags of ASN.1 (X.690) used in a certificate. */
const tags = {
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectId: 0x06,
  utf8: 0x0c,
  utcTime: 0x17,
  sequence: 0x30,
  set: 0x31,
} as const;
/** DER bodies of the object identifiers in it. */
const objectIds = { ecdsaWithSha256: '2a8648ce3d040302', commonName: '550403', subjectAltName: '551d11' } as const;

/** A P-256 certificate for a test server, valid from a day ago for two days; `hosts` are DNS names or IPv4 addresses (RFC 5280). */
export function selfSigned(hosts: readonly [string, ...string[]], nowMs: number): SelfSigned {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const algorithm = der(tags.sequence, objectId('ecdsaWithSha256'));
  const name = der(
    tags.sequence,
    der(tags.set, der(tags.sequence, objectId('commonName'), der(tags.utf8, Buffer.from(hosts[0])))),
  );
  const altNames = hosts.map((host) =>
    isIPv4(host) ? der(0x87, Buffer.from(host.split('.').map(Number))) : der(0x82, Buffer.from(host)),
  );
  const extension = der(
    tags.sequence,
    objectId('subjectAltName'),
    der(tags.octetString, der(tags.sequence, ...altNames)),
  );
  const toBeSigned = der(
    tags.sequence,
    der(0xa0, der(tags.integer, Buffer.from([2]))), // version 3
    der(tags.integer, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    algorithm,
    name,
    der(tags.sequence, utcTime(nowMs - dayMs), utcTime(nowMs + dayMs)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, der(tags.sequence, extension)),
  );
  const signature = der(tags.bitString, Buffer.from([0]), sign('sha256', toBeSigned, privateKey));
  const certificate = der(tags.sequence, toBeSigned, algorithm, signature).toString('base64');
  const lines = certificate.match(/.{1,64}/g) ?? [];
  return {
    key: String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
    cert: ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n'),
  };
}

function der(tag: number, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const { length } = body;
  const header =
    length < 0x80 ? [tag, length] : length < 0x100 ? [tag, 0x81, length] : [tag, 0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from(header), body]);
}

function objectId(name: keyof typeof objectIds): Buffer {
  return der(tags.objectId, Buffer.from(objectIds[name], 'hex'));
}

function utcTime(ms: number): Buffer {
  const digits = new Date(ms).toISOString().replace(/\D/g, '').slice(2, 14);
  return der(tags.utcTime, Buffer.from(`${digits}Z`));
}
