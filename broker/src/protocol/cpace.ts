/**
 * CPace (draft-irtf-cfrg-cpace) over ristretto255 with SHA-512, initiator and responder, and explicit key confirmation: proves to a PC and a console
 * that both know the code which the PC shows and that they speak with each other. Who does not know the code has one guess and is found out by it; what
 * travels tells nothing about the code. The PC is the initiator; the console answers, and is the first to confirm.
 *
 * The group is loaded when it is first needed: agents and pages that never prove anything do not pay for it.
 */
import { hmac } from '@noble/hashes/hmac.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { concat, fromBase64Url, toBase64Url, utf8 } from './bytes.ts';

const DSI = utf8('CPaceRistretto255');
const DSI_ISK = utf8('CPaceRistretto255_ISK');
const MAC_PREFIX = utf8('CPaceMac');
/** Input block of SHA-512, which the padding fills so that the code is hashed apart from what follows. */
const BLOCK_BYTES = 128;
const POINT_BYTES = 32;
const TAG_BYTES = 64;

/** What both sides must see alike, each by its own eyes. */
export interface ProofView {
  /** SHA-256 of the root certificate that ends the server's chain, hexadecimal. */
  rootFingerprint: string;
  /** The id that the PC's key gives it. */
  agentId: string;
}

/** The PC's side of one proof. Good for one answer. */
export interface ProofStart {
  /** To the server, base64url. */
  message: string;
  /** Checks what came back for `request`; the PC's own confirmation, or undefined: wrong code, or somebody in between. */
  finish(answer: string, confirm: string, request: string): Promise<string | undefined>;
}

/** The console's side, all base64url: `answer` and `confirm` go to the PC, which must send `expected`. */
export interface ProofAnswer {
  answer: string;
  confirm: string;
  expected: string;
}

/** Begins a proof on the PC that shows `code`. */
export async function startProof(code: string, view: ProofView): Promise<ProofStart> {
  const sides = await openSides(utf8(code), channelOf(view));
  const mine = sides.share(randomScalarBytes());
  return {
    message: toBase64Url(mine.point),
    async finish(answer, confirm, request) {
      const theirs = bytesOf(answer, POINT_BYTES);
      const tag = bytesOf(confirm, TAG_BYTES);
      const secret = theirs && mine.secretWith(theirs);
      if (theirs === undefined || tag === undefined || secret === undefined) return undefined;
      const [first, second] = [message(mine.point, NO_DATA), message(theirs, utf8(request))];
      const key = confirmationKey(sessionKey(NO_DATA, secret, first, second));
      return areEqual(tag, hmac(sha512, key, second)) ? toBase64Url(hmac(sha512, key, first)) : undefined;
    },
  };
}

/**
 * Answers the PC's `message` with the code a person typed. Undefined if the message is none. The caller keeps what it returns, never the code, and lets
 * the PC in only if what the PC sends `isSameProof` as `expected`.
 */
export async function answerProof(
  code: string,
  view: ProofView,
  { message: received, request }: { message: string; request: string },
): Promise<ProofAnswer | undefined> {
  const theirs = bytesOf(received, POINT_BYTES);
  const sides = await openSides(utf8(code), channelOf(view));
  const mine = sides.share(randomScalarBytes());
  const secret = theirs && mine.secretWith(theirs);
  if (theirs === undefined || secret === undefined) return undefined;
  const [first, second] = [message(theirs, NO_DATA), message(mine.point, utf8(request))];
  const key = confirmationKey(sessionKey(NO_DATA, secret, first, second));
  return {
    answer: toBase64Url(mine.point),
    confirm: toBase64Url(hmac(sha512, key, second)),
    expected: toBase64Url(hmac(sha512, key, first)),
  };
}

/** Whether two confirmations are the same, in a time that does not tell where they differ. */
export function isSameProof(a: string, b: string): boolean {
  const [left, right] = [bytesOf(a, TAG_BYTES), bytesOf(b, TAG_BYTES)];
  return left !== undefined && right !== undefined && areEqual(left, right);
}

/** One side's share: its point, and the secret point with another's, undefined where the draft says to abort. */
export interface CpaceShare {
  point: Uint8Array;
  secretWith(theirs: Uint8Array): Uint8Array | undefined;
}

/** The group with the generator that password, channel and session give. For tests with the draft's vectors; others call startProof and answerProof. */
export async function openSides(
  password: Uint8Array,
  channel: Uint8Array,
  session: Uint8Array = NO_DATA,
): Promise<{ generator: Uint8Array; share(scalarBytes: Uint8Array): CpaceShare }> {
  const { ristretto255, ristretto255_hasher } = await import('@noble/curves/ed25519.js');
  const { Point } = ristretto255;
  const generator = ristretto255_hasher.deriveToCurve!(sha512(generatorString(password, channel, session)));
  return {
    generator: generator.toBytes(),
    share(scalarBytes) {
      const scalar = Point.Fn.create(littleEndian(scalarBytes));
      return {
        point: generator.multiply(scalar).toBytes(),
        secretWith(theirs) {
          try {
            const product = Point.fromBytes(theirs).multiply(scalar);
            return product.equals(Point.ZERO) ? undefined : product.toBytes();
          } catch {
            // Not the encoding of a point, or the neutral element.
            return undefined;
          }
        },
      };
    },
  };
}

/** What is hashed to the generator (draft, section 7.1): the password fills the first block. */
export function generatorString(password: Uint8Array, channel: Uint8Array, session: Uint8Array): Uint8Array {
  const taken = 1 + withLength(password).length + withLength(DSI).length;
  const padding = new Uint8Array(Math.max(0, BLOCK_BYTES - taken));
  return concat(...[DSI, password, padding, channel, session].map(withLength));
}

/** The intermediate session key of initiator and responder (draft, section 7.2). */
export function sessionKey(session: Uint8Array, secret: Uint8Array, first: Uint8Array, second: Uint8Array): Uint8Array {
  return sha512(concat(withLength(DSI_ISK), withLength(session), withLength(secret), first, second));
}

/** A share and the data that goes with it, as they stand in the transcript. */
export function message(point: Uint8Array, data: Uint8Array): Uint8Array {
  return concat(withLength(point), withLength(data));
}

const NO_DATA = new Uint8Array(0);

/** The draft's channel identifier: what both must see alike before they begin. */
function channelOf({ rootFingerprint, agentId }: ProofView): Uint8Array {
  return concat(...['harp/enrol/v1', rootFingerprint, agentId].map((part) => withLength(utf8(part))));
}

function confirmationKey(sharedKey: Uint8Array): Uint8Array {
  return sha512(concat(MAC_PREFIX, sharedKey));
}

/** A length in LEB128 before the bytes. */
function withLength(bytes: Uint8Array): Uint8Array {
  const length: number[] = [];
  let rest = bytes.length;
  for (; rest > 127; rest >>>= 7) length.push((rest & 127) | 128);
  return concat(Uint8Array.of(...length, rest), bytes);
}

/** Below 2^252 and so below the group's order, as the draft samples scalars; zero once in 2^252. */
function randomScalarBytes(): Uint8Array {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  bytes[31]! &= 0x0f;
  return bytes;
}

function littleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

function bytesOf(text: string, length: number): Uint8Array | undefined {
  const bytes = fromBase64Url(text);
  return bytes?.length === length ? bytes : undefined;
}

function areEqual(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length;
  for (let index = 0; index < a.length; index++) difference |= a[index]! ^ (b[index] ?? 0);
  return difference === 0;
}
