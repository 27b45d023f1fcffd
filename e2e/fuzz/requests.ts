/** Certificate requests, whole and damaged, and the questions of PCs that want to be let in. */
import { generateKeyPairSync } from 'node:crypto';
import { PROTOCOL_VERSION } from '@harp/broker/protocol';
import fc from 'fast-check';
import { certificateRequestFor } from '../harness/foreign-ca.ts';
import { damaged, hostileText, jsonText, nearly, utf8Of } from './bytes.ts';

/** `count` keys that no PC has, each with its certificate request in PEM. */
export function newRequests(count: number): Promise<string[]> {
  return Promise.all(
    Array.from({ length: count }, () => {
      const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      return certificateRequestFor(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
    }),
  );
}

const derOf = (pem: string) => Buffer.from(pem.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64');

function pemOf(der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE REQUEST-----\n${lines.join('\n')}\n-----END CERTIFICATE REQUEST-----\n`;
}

/** Lengths that announce more than there is, nesting without end, and numbers nobody has. */
const strangeDer: readonly Uint8Array[] = [
  Uint8Array.of(),
  Uint8Array.of(0x30),
  Uint8Array.of(0x30, 0x80),
  Uint8Array.of(0x30, 0x84, 0xff, 0xff, 0xff, 0xff),
  Uint8Array.of(0x30, 0x82, 0xff, 0xff, 0),
  Buffer.concat(Array.from({ length: 3000 }, () => Uint8Array.of(0x30, 0x80))),
  Buffer.alloc(9000, 0xff),
  Buffer.alloc(9000, 0x1f),
  Uint8Array.of(0x06, 0x05, 0x80, 0x80, 0x80, 0x80, 0x80),
];

/** PEM texts: most hold a request that was damaged somewhere in its DER. */
export function certificateRequests(good: readonly string[]): fc.Arbitrary<string> {
  const known = fc.constantFrom(...good);
  const der = damaged(known.map(derOf), 3);
  const text = damaged(known.map(utf8Of), 3).map((bytes) => Buffer.from(bytes).toString('utf8'));
  return fc.oneof(
    { weight: 12, arbitrary: der.map(pemOf) },
    { weight: 3, arbitrary: text },
    { weight: 3, arbitrary: known },
    { weight: 1, arbitrary: fc.tuple(known, known).map(([a, b]) => a + b) },
    { weight: 1, arbitrary: fc.constantFrom(...strangeDer).map(pemOf) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 3000 }).map(pemOf) },
    { weight: 1, arbitrary: hostileText },
  );
}

const base64Url = (characters: number) =>
  fc
    .uint8Array({ minLength: characters, maxLength: characters })
    .map((bytes) => Buffer.from(bytes).toString('base64url').slice(0, characters));
const hex = (characters: number) =>
  base64Url(characters).map((text) => Buffer.from(text).toString('hex').slice(0, characters));

const machine = fc.record(
  {
    hardwareId: nearly(hex(64)),
    serial: nearly(fc.constant('S-1')),
    user: nearly(fc.constant('ada')),
    domain: nearly(fc.constant('example.test')),
    addresses: nearly(fc.array(nearly(fc.oneof(fc.ipV4(), fc.ipV6())), { maxLength: 17 })),
  },
  { requiredKeys: ['addresses'] },
);

/** Bodies of POST /v1/enrol. Some are what a PC sends that has the token. */
export function enrolBodies(csrs: readonly string[], secret: string): fc.Arbitrary<string> {
  const csr = fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(...csrs) },
    { weight: 1, arbitrary: certificateRequests(csrs) },
  );
  const said = {
    protocol: nearly(fc.constant(PROTOCOL_VERSION)),
    csr: nearly(csr),
    hostname: nearly(fc.stringMatching(/^[a-z]{1,12}-[0-9]{1,3}$/)),
    platform: nearly(fc.constant('linux-x64')),
    version: nearly(fc.constant('0.1.0')),
    machine: nearly(machine),
  };
  const withToken = fc.record({ ...said, secret: nearly(fc.oneof(fc.constant(secret), base64Url(43)), 6) });
  const pointed = fc.record({
    ...said,
    via: nearly(fc.constantFrom('neighbour', 'dns')),
    proof: nearly(base64Url(43), 6),
  });
  const anything = fc.record(
    {
      ...said,
      via: nearly(fc.constantFrom('token', 'file', 'neighbour', 'dns')),
      proof: nearly(base64Url(43)),
      secret: nearly(fc.constant(secret)),
      extra: hostileText,
    },
    { requiredKeys: [] },
  );
  return jsonText(fc.oneof(withToken, pointed, anything));
}

/** Bodies of POST /v1/enrol/wait from PCs that nobody knows. */
export function waitBodies(): fc.Arbitrary<string> {
  return jsonText(
    fc.record(
      {
        request: nearly(fc.oneof(fc.uuid(), fc.stringMatching(/^[a-z]{3}-[a-z2-7]{16}$/), base64Url(26))),
        ticket: nearly(base64Url(43)),
        confirm: nearly(base64Url(86)),
        machine: nearly(machine),
      },
      { requiredKeys: ['request', 'ticket'] },
    ),
  );
}
