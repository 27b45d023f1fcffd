/** Follows the packet borders of an incoming MQTT stream and refuses a packet by its announced length, before anybody buffers it. */
import { HarpError, limits } from '../protocol/index.ts';

/** Topic, packet id and property bytes around the largest payload. */
const PUBLISH_OVERHEAD_BYTES = 1024;

/**
 * Largest remaining length per packet type a client may send (MQTT 3.1.1, section 2.2.1); types that are absent are never sent by clients.
 * CONNECT holds a client id, a will of at most 256 bytes and its topic. SUBSCRIBE holds at most one filter per folder and three more.
 */
const maxRemainingBytes: Readonly<Record<number, number>> = {
  1: 2048,
  3: limits.mqttPayloadMaxBytes + PUBLISH_OVERHEAD_BYTES,
  4: 2,
  5: 2,
  6: 2,
  7: 2,
  8: 32 * 1024,
  10: 32 * 1024,
  12: 0,
  14: 0,
};

const CONNECT = 1;

/** Looks at the bytes of one connection, in order. */
export interface PacketGuard {
  /** @throws {HarpError} `protocol.too_large` or `protocol.invalid_message`; the connection is then of no more use. */
  inspect(bytes: Uint8Array): void;
}

/** A guard at the start of a connection, whose first packet must be CONNECT. */
export function createPacketGuard(): PacketGuard {
  let maxBytes: number | undefined;
  let lengthBytes = 0;
  let length = 0;
  let toSkip = 0;
  let isFirst = true;

  const startPacket = (firstByte: number): void => {
    const type = firstByte >> 4;
    maxBytes = maxRemainingBytes[type];
    if (maxBytes === undefined || isFirst !== (type === CONNECT)) {
      throw new HarpError('protocol.invalid_message', `an MQTT packet of type ${type} is not due here`);
    }
    isFirst = false;
    lengthBytes = 0;
    length = 0;
  };

  const addLengthByte = (byte: number, allowedBytes: number): void => {
    length += (byte & 0x7f) * 128 ** lengthBytes;
    lengthBytes += 1;
    if (length > allowedBytes) {
      throw new HarpError(
        'protocol.too_large',
        `an MQTT packet of ${length} bytes or more; ${allowedBytes} are allowed`,
      );
    }
    if ((byte & 0x80) === 0) {
      toSkip = length;
      maxBytes = undefined;
    } else if (lengthBytes === 4) {
      throw new HarpError('protocol.invalid_message', 'an MQTT packet length of more than four bytes');
    }
  };

  return {
    inspect(bytes) {
      let position = 0;
      while (position < bytes.length) {
        if (toSkip > 0) {
          const skipped = Math.min(toSkip, bytes.length - position);
          toSkip -= skipped;
          position += skipped;
          continue;
        }
        const byte = bytes[position++]!;
        if (maxBytes === undefined) startPacket(byte);
        else addLengthByte(byte, maxBytes);
      }
    },
  };
}
