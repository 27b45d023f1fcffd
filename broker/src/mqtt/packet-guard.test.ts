import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type HarpError, limits } from '../protocol/index.ts';
import { createPacketGuard } from './packet-guard.ts';

/** A packet's bytes: type, remaining length, then that many zeros. */
function packet(type: number, length: number): Buffer {
  const header = [type << 4];
  let rest = length;
  do {
    header.push((rest % 128) | (rest >= 128 ? 0x80 : 0));
    rest = Math.floor(rest / 128);
  } while (rest > 0);
  return Buffer.concat([Buffer.from(header), Buffer.alloc(length)]);
}

const codeOf = (bytes: Uint8Array): string | undefined => {
  try {
    createPacketGuard().inspect(bytes);
    return undefined;
  } catch (error) {
    return (error as HarpError).code;
  }
};

const connect = packet(1, 100);
const after = (...packets: Buffer[]) => Buffer.concat([connect, ...packets]);

describe('packet guard', () => {
  test.each([
    { name: 'a connect', bytes: connect, code: undefined },
    { name: 'a ping', bytes: after(packet(12, 0)), code: undefined },
    { name: 'a disconnect', bytes: after(packet(14, 0)), code: undefined },
    { name: 'a subscription', bytes: after(packet(8, 5_000)), code: undefined },
    {
      name: 'the largest payload with its topic',
      bytes: after(packet(3, limits.mqttPayloadMaxBytes + 100)),
      code: undefined,
    },
    { name: 'a connect of 3 KiB', bytes: packet(1, 3_072), code: 'protocol.too_large' },
    { name: 'a publish of 300 KiB', bytes: after(packet(3, 300 * 1024)), code: 'protocol.too_large' },
    { name: 'a subscription of 40 KiB', bytes: after(packet(8, 40 * 1024)), code: 'protocol.too_large' },
    { name: 'a ping with a body', bytes: after(packet(12, 1)), code: 'protocol.too_large' },
    {
      name: 'the announcement of 256 MiB',
      bytes: after(Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f])),
      code: 'protocol.too_large',
    },
    {
      name: 'a length that does not end',
      bytes: after(Buffer.from([0x30, 0x80, 0x80, 0x80, 0x80])),
      code: 'protocol.invalid_message',
    },
    { name: 'a publish before the connect', bytes: packet(3, 10), code: 'protocol.invalid_message' },
    { name: 'a second connect', bytes: after(connect), code: 'protocol.invalid_message' },
    { name: 'a packet only servers send', bytes: after(packet(2, 2)), code: 'protocol.invalid_message' },
    { name: 'type 0', bytes: after(packet(0, 0)), code: 'protocol.invalid_message' },
    { name: 'type 15 of MQTT 5', bytes: after(packet(15, 0)), code: 'protocol.invalid_message' },
    { name: 'an HTTP request', bytes: Buffer.from('GET / HTTP/1.1\r\n\r\n'), code: 'protocol.invalid_message' },
  ])('$name → $code', ({ bytes, code }) => expect(codeOf(bytes)).toBe(code));

  test('however the bytes are cut, the verdict is the same', () => {
    const packets = fc.array(
      fc.record({ type: fc.integer({ min: 0, max: 15 }), length: fc.integer({ min: 0, max: 3_000 }) }),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(packets, fc.integer({ min: 1, max: 700 }), (rest, step) => {
        const bytes = after(...rest.map(({ type, length }) => packet(type, length)));
        const guard = createPacketGuard();
        let code: string | undefined;
        for (let at = 0; at < bytes.length && code === undefined; at += step) {
          try {
            guard.inspect(bytes.subarray(at, at + step));
          } catch (error) {
            code = (error as HarpError).code;
          }
        }
        expect(code).toBe(codeOf(bytes));
      }),
    );
  });
});
