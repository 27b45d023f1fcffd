/** A security key in software: ES256, CBOR and COSE as real ones write them, and every lie that a broken or hostile one may tell. */
import { createHash, createSign, generateKeyPairSync, randomBytes } from 'node:crypto';

const base64Url = (bytes: Uint8Array | string) => Buffer.from(bytes).toString('base64url');
const sha256 = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest();

/** What a key may be told to do otherwise. */
export interface PasskeyLies {
  origin?: string;
  rpId?: string;
  challenge?: string;
  type?: string;
  /** Nobody showed a finger or a PIN. */
  unverified?: boolean;
  userHandle?: string;
  counter?: number;
  /** The signature is another key's. */
  forged?: boolean;
}

interface Place {
  origin: string;
  rpId: string;
}

/** A key that was never used. `counts`: whether it counts its signatures. */
export function softwarePasskey({ origin, rpId }: Place, counts = true) {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  const id = randomBytes(32);
  let counter = 0;
  let userHandle = '';

  const clientData = (type: string, challenge: string, lies: PasskeyLies) =>
    JSON.stringify({
      type: lies.type ?? type,
      challenge: lies.challenge ?? challenge,
      origin: lies.origin ?? origin,
      crossOrigin: false,
    });
  const authenticatorData = (lies: PasskeyLies, attested: Uint8Array = new Uint8Array()) => {
    if (counts) counter += 1;
    const present = 0x01 | (lies.unverified === true ? 0 : 0x04) | (attested.length === 0 ? 0 : 0x40);
    const count = Buffer.alloc(4);
    count.writeUInt32BE(lies.counter ?? counter);
    return Buffer.concat([sha256(lies.rpId ?? rpId), Buffer.from([present]), count, attested]);
  };

  return {
    id: base64Url(id),
    /** Answers what the server asks a device to make. */
    make(options: Record<string, unknown>, lies: PasskeyLies = {}) {
      const { challenge, user } = options as { challenge: string; user: { id: string } };
      userHandle = user.id;
      // A COSE key: kty EC2, alg ES256, crv P-256, x, y.
      const key = cbor(
        new Map<number, CborValue>([
          [1, 2],
          [3, -7],
          [-1, 1],
          [-2, Buffer.from(x, 'base64url')],
          [-3, Buffer.from(y, 'base64url')],
        ]),
      );
      const length = Buffer.alloc(2);
      length.writeUInt16BE(id.length);
      const attested = Buffer.concat([Buffer.alloc(16), length, id, key]);
      const attestationObject = cbor(
        new Map<string, CborValue>([
          ['fmt', 'none'],
          ['attStmt', new Map()],
          ['authData', authenticatorData(lies, attested)],
        ]),
      );
      return {
        id: base64Url(id),
        rawId: base64Url(id),
        type: 'public-key',
        response: {
          clientDataJSON: base64Url(clientData('webauthn.create', challenge, lies)),
          attestationObject: base64Url(attestationObject),
          transports: ['internal'],
        },
        clientExtensionResults: {},
      };
    },
    /** Signs what the server asks to be signed. */
    sign(options: Record<string, unknown>, lies: PasskeyLies = {}) {
      const data = clientData('webauthn.get', (options as { challenge: string }).challenge, lies);
      const shown = authenticatorData(lies);
      const signer = createSign('sha256').update(Buffer.concat([shown, sha256(data)]));
      const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
      return {
        id: base64Url(id),
        rawId: base64Url(id),
        type: 'public-key',
        response: {
          clientDataJSON: base64Url(data),
          authenticatorData: base64Url(shown),
          signature: base64Url(signer.sign(lies.forged === true ? other : privateKey)),
          userHandle: lies.userHandle ?? userHandle,
        },
        clientExtensionResults: {},
      };
    },
  };
}

type CborValue = number | string | Uint8Array | Map<number | string, CborValue>;

/** As much of CBOR (RFC 8949) as WebAuthn needs. */
function cbor(value: CborValue): Buffer {
  if (typeof value === 'number') return value < 0 ? head(1, -1 - value) : head(0, value);
  if (typeof value === 'string') return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (value instanceof Uint8Array) return Buffer.concat([head(2, value.length), value]);
  return Buffer.concat([head(5, value.size), ...[...value].flatMap(([key, inner]) => [cbor(key), cbor(inner)])]);
}

function head(major: number, length: number): Buffer {
  const type = major << 5;
  if (length < 24) return Buffer.from([type | length]);
  if (length < 256) return Buffer.from([type | 24, length]);
  return Buffer.from([type | 25, length >> 8, length & 255]);
}
