/**
 * Frames: how peers and the gateway answer a want request. One response carries many items, in whatever order they become available, so a
 * requester waits once and the bytes flow as soon as they are verified.
 *
 * Frame = type (u8) ‖ id (32 bytes) ‖ payload length (u32 BE) ‖ payload.
 */
import { fromHex, toHex } from './bytes.ts';
import { HarpError } from './errors.ts';
import { limits } from './limits.ts';

export const frameType = {
  /** Payload: the item's bytes. */
  data: 1,
  /** Payload: the item's bytes, gzip (RFC 1952). Blobs only. */
  gzip: 2,
  /** The answerer is getting this item. Payload: u64 BE, a counter that grows while it makes progress. */
  waiting: 3,
  /** The answerer will not send this item in this response. No payload. */
  absent: 4,
  /** Last frame; id is zero. A response without it broke off. */
  end: 5,
} as const;
export type FrameType = (typeof frameType)[keyof typeof frameType];

export interface Frame {
  type: FrameType;
  /** 64 hexadecimal digits. */
  id: string;
  /** Owned by the receiver: the decoder allocates it anew for every frame. */
  payload: Uint8Array;
}

export const FRAME_HEADER_BYTES = 37;
const ZERO_ID = '0'.repeat(64);
const knownTypes = new Set<number>(Object.values(frameType));

/** The 37 bytes before a payload of `payloadLength` bytes. */
export function frameHeader(type: FrameType, id: string, payloadLength: number): Uint8Array {
  const header = new Uint8Array(FRAME_HEADER_BYTES);
  header[0] = type;
  header.set(fromHex(id), 1);
  new DataView(header.buffer).setUint32(33, payloadLength);
  return header;
}

/** A `waiting` frame with its progress counter. */
export function waitingFrame(id: string, progress: number): Uint8Array {
  const frame = new Uint8Array(FRAME_HEADER_BYTES + 8);
  frame.set(frameHeader(frameType.waiting, id, 8));
  new DataView(frame.buffer).setBigUint64(FRAME_HEADER_BYTES, BigInt(progress));
  return frame;
}

/** The closing frame. */
export function endFrame(): Uint8Array {
  return frameHeader(frameType.end, ZERO_ID, 0);
}

/** The progress counter of a `waiting` frame. */
export function progressOf(frame: Frame): number {
  return frame.payload.length === 8
    ? Number(new DataView(frame.payload.buffer, frame.payload.byteOffset, 8).getBigUint64(0))
    : 0;
}

/** Takes a response apart as its bytes arrive. Holds at most one frame. */
export interface FrameDecoder {
  /** Takes the next bytes and returns the frames that are complete. @throws {HarpError} `protocol.invalid_message`, `protocol.too_large` */
  push(bytes: Uint8Array): Frame[];
  /** Whether the `end` frame has come. */
  readonly ended: boolean;
  /** Bytes of the frame under way that have arrived: progress within a large frame. */
  readonly partialBytes: number;
}

/** A decoder that refuses payloads above `maxPayloadBytes` before it allocates for them. */
export function createFrameDecoder(maxPayloadBytes: number = limits.chunkMaxBytes): FrameDecoder {
  const header = new Uint8Array(FRAME_HEADER_BYTES);
  let headerFilled = 0;
  let payload: Uint8Array | undefined;
  let payloadFilled = 0;
  let ended = false;

  const finish = (): Frame => {
    const frame: Frame = {
      type: header[0] as FrameType,
      id: toHex(header.subarray(1, 33)),
      payload: payload ?? new Uint8Array(0),
    };
    headerFilled = 0;
    payload = undefined;
    payloadFilled = 0;
    if (frame.type === frameType.end) ended = true;
    return frame;
  };

  return {
    get ended() {
      return ended;
    },
    get partialBytes() {
      return headerFilled + payloadFilled;
    },
    push(bytes) {
      const frames: Frame[] = [];
      let position = 0;
      while (position < bytes.length) {
        if (ended) throw new HarpError('protocol.invalid_message', 'bytes after the end frame');
        if (payload === undefined) {
          const take = Math.min(FRAME_HEADER_BYTES - headerFilled, bytes.length - position);
          header.set(bytes.subarray(position, position + take), headerFilled);
          headerFilled += take;
          position += take;
          if (headerFilled < FRAME_HEADER_BYTES) break;
          if (!knownTypes.has(header[0]!))
            throw new HarpError('protocol.invalid_message', `unknown frame type ${header[0]}`);
          const length = new DataView(header.buffer).getUint32(33);
          if (length > maxPayloadBytes) throw new HarpError('protocol.too_large', `a frame of ${length} bytes`);
          payload = new Uint8Array(length);
          payloadFilled = 0;
          if (length === 0) frames.push(finish());
          continue;
        }
        const take = Math.min(payload.length - payloadFilled, bytes.length - position);
        payload.set(bytes.subarray(position, position + take), payloadFilled);
        payloadFilled += take;
        position += take;
        if (payloadFilled === payload.length) frames.push(finish());
      }
      return frames;
    },
  };
}
