/** MQTT 3.1.1 packets as bytes: those that clients send, those that they never send, and what is left of either when it is damaged. */
import { type AgentId, messages, topicFor } from '@harp/broker/protocol';
import fc from 'fast-check';
import { damaged, hostileText, jsonText, nearly, utf8Of } from './bytes.ts';

export interface MqttInput {
  bytes: Uint8Array;
  /** Sent as the first thing on a connection; otherwise in a session that CONNECT has opened. */
  isFirst: boolean;
}

/** One packet; `length` overrides what is announced. */
export function packet(type: number, flags: number, body: Uint8Array, length = body.length): Uint8Array {
  return Buffer.concat([Uint8Array.of((type << 4) | flags), remainingLength(length), body]);
}

function remainingLength(length: number): Uint8Array {
  const bytes: number[] = [];
  let left = Math.max(0, length);
  do {
    bytes.push((left % 128) | (left >= 128 ? 0x80 : 0));
    left = Math.floor(left / 128);
  } while (left > 0);
  return Uint8Array.from(bytes);
}

function text(value: string | Uint8Array): Uint8Array {
  const bytes = typeof value === 'string' ? utf8Of(value) : value;
  return Buffer.concat([number16(bytes.length), bytes]);
}

const number16 = (value: number) => Uint8Array.of((value >> 8) & 255, value & 255);

/** CONNECT as an agent sends it. */
export function connectPacket(agent: AgentId): Uint8Array {
  return connectWith({ protocol: 'MQTT', level: 4, flags: 2, keepAlive: 60, clientId: agent, more: [] });
}

interface Connect {
  protocol: string;
  level: number;
  flags: number;
  keepAlive: number;
  clientId: string;
  more: readonly string[];
}

function connectWith({ protocol, level, flags, keepAlive, clientId, more }: Connect): Uint8Array {
  return packet(
    1,
    0,
    Buffer.concat([
      text(protocol),
      Uint8Array.of(level, flags),
      number16(keepAlive),
      text(clientId),
      ...more.map(text),
    ]),
  );
}

export const PINGREQ = packet(12, 0, Uint8Array.of());

/** The types of the packets in these bytes, and where the first begins that is not whole; `undefined` there if a length is none. */
export function packetsIn(bytes: Uint8Array): { types: number[]; rest: number | undefined } {
  const types: number[] = [];
  let start = 0;
  while (start < bytes.length) {
    let at = start;
    let length = 0;
    for (let place = 0; ; place++) {
      at += 1;
      const byte = bytes[at];
      if (byte === undefined) return { types, rest: start };
      length += (byte & 127) * 128 ** place;
      if (byte < 128) break;
      if (place === 3) return { types, rest: undefined };
    }
    if (at + 1 + length > bytes.length) return { types, rest: start };
    types.push(bytes[start]! >> 4);
    start = at + 1 + length;
  }
  return { types, rest: start };
}

/** Packets of `agent`; `other` is somebody else. */
export function mqttInputs(agent: AgentId, other: AgentId): fc.Arbitrary<MqttInput> {
  const own = (['desired', 'presence', 'reported', 'telemetry', 'event', 'ack'] as const).map((name) =>
    topicFor(messages[name].topic, { agentId: agent }),
  );
  const topic = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...own) },
    {
      weight: 2,
      arbitrary: fc.constantFrom(
        ...own.map((each) => each.replace(agent, other)),
        'harp/v1/agent/+/desired',
        '#',
        '+/+',
        '$SYS/#',
        '/',
        'harp/v1/#/x',
        `${'a/'.repeat(500)}a`,
      ),
    },
    { weight: 1, arbitrary: hostileText },
  );
  const payload = fc.oneof(
    { weight: 4, arbitrary: jsonText(message).map(utf8Of) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 300 }) },
    { weight: 1, arbitrary: fc.constantFrom(1024, 20_000, 262_144, 262_145).map((size) => Buffer.alloc(size, 0x78)) },
  );
  const id = fc.oneof(fc.integer({ min: 0, max: 65_535 }), fc.constant(1));
  const flags = fc.integer({ min: 0, max: 15 });
  const connect = fc
    .record({
      protocol: fc.oneof(
        { weight: 8, arbitrary: fc.constant('MQTT') },
        { weight: 1, arbitrary: fc.constantFrom('MQIsdp', 'mqtt', 'HTTP', '') },
      ),
      level: fc.oneof(
        { weight: 6, arbitrary: fc.constant(4) },
        { weight: 1, arbitrary: fc.constantFrom(0, 3, 5, 6, 132, 255) },
      ),
      flags: fc.oneof(
        { weight: 3, arbitrary: fc.constantFrom(0, 2, 0x2e, 0x36, 0xc2) },
        { weight: 1, arbitrary: fc.integer({ min: 0, max: 255 }) },
      ),
      keepAlive: fc.constantFrom(0, 1, 30, 60, 120, 121, 65_535),
      clientId: fc.oneof(
        { weight: 6, arbitrary: fc.constant<string>(agent) },
        { weight: 1, arbitrary: fc.oneof(fc.constantFrom<string>(other, 'console', ''), hostileText) },
      ),
      more: fc.array(fc.oneof(topic, fc.constant('{"v":1,"online":false,"atMs":1}')), { maxLength: 4 }),
    })
    .map(connectWith);
  const publish = fc
    .record({
      topic,
      id,
      payload,
      flags: fc.oneof({ weight: 4, arbitrary: fc.constantFrom(0, 1, 2, 3) }, { weight: 1, arbitrary: flags }),
    })
    .map((each) =>
      packet(
        3,
        each.flags,
        Buffer.concat([text(each.topic), ...((each.flags & 6) === 0 ? [] : [number16(each.id)]), each.payload]),
      ),
    );
  const allowed = fc
    .record({ name: fc.constantFrom('presence', 'reported', 'telemetry', 'event', 'ack', 'log'), id, payload })
    .map((each) => {
      const { topic: shape, qos, retain } = messages[each.name];
      const named = text(shape.replace('{agentId}', agent));
      return packet(
        3,
        (qos << 1) | Number(retain),
        Buffer.concat([named, ...(qos === 0 ? [] : [number16(each.id)]), each.payload]),
      );
    });
  const filters = fc.array(fc.tuple(topic, fc.constantFrom(0, 1, 1, 2, 3, 255)), { maxLength: 6 });
  const nearlyTwo = fc.oneof({ weight: 6, arbitrary: fc.constant(2) }, { weight: 1, arbitrary: flags });
  const subscribe = fc
    .record({ id, filters, flags: nearlyTwo })
    .map((each) =>
      packet(
        8,
        each.flags,
        Buffer.concat([
          number16(each.id),
          ...each.filters.flatMap(([filter, qos]) => [text(filter), Uint8Array.of(qos)]),
        ]),
      ),
    );
  const unsubscribe = fc
    .record({ id, filters, flags: nearlyTwo })
    .map((each) =>
      packet(10, each.flags, Buffer.concat([number16(each.id), ...each.filters.map(([filter]) => text(filter))])),
    );
  const acknowledgement = fc
    .record({ type: fc.integer({ min: 4, max: 7 }), id, flags: fc.constantFrom(0, 2, 2, 15) })
    .map((each) => packet(each.type, each.flags, number16(each.id)));
  const short = fc
    .record({ type: fc.constantFrom(12, 12, 12, 14), flags: fc.constantFrom(0, 0, 0, 5) })
    .map((each) => packet(each.type, each.flags, Uint8Array.of()));
  const wrong = fc
    .record({ type: fc.integer({ min: 0, max: 15 }), flags, body: fc.uint8Array({ maxLength: 60 }) })
    .map((each) => packet(each.type, each.flags, each.body));
  const misannounced = fc
    .record({
      type: fc.integer({ min: 0, max: 15 }),
      body: fc.uint8Array({ maxLength: 60 }),
      length: fc.constantFrom(0, 1, 2, 127, 128, 16_383, 300_000, 268_435_455, 2 ** 31),
    })
    .map((each) => packet(each.type, 0, each.body, each.length));
  const later = fc.oneof(
    { weight: 6, arbitrary: allowed },
    { weight: 3, arbitrary: publish },
    { weight: 3, arbitrary: subscribe },
    { weight: 2, arbitrary: unsubscribe },
    { weight: 2, arbitrary: acknowledgement },
    { weight: 2, arbitrary: short },
  );
  const anyLater = fc.oneof(
    { weight: 8, arbitrary: later },
    { weight: 3, arbitrary: damaged(later) },
    { weight: 1, arbitrary: fc.array(later, { minLength: 2, maxLength: 6 }).map((all) => Buffer.concat(all)) },
    { weight: 1, arbitrary: wrong },
    { weight: 1, arbitrary: misannounced },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 400 }) },
    { weight: 1, arbitrary: connect },
  );
  const anyFirst = fc.oneof(
    { weight: 6, arbitrary: connect },
    { weight: 3, arbitrary: damaged(connect) },
    { weight: 1, arbitrary: fc.tuple(connect, later).map((both) => Buffer.concat(both)) },
    { weight: 1, arbitrary: later },
    { weight: 1, arbitrary: misannounced },
    { weight: 1, arbitrary: fc.uint8Array({ minLength: 1, maxLength: 400 }) },
  );
  return fc.oneof(
    { weight: 3, arbitrary: anyLater.map((bytes) => ({ bytes, isFirst: false })) },
    { weight: 1, arbitrary: anyFirst.map((bytes) => ({ bytes, isFirst: true })) },
  );
}

/** What agents say, with a value out of place now and then. */
const message = fc.record(
  {
    v: nearly(fc.constant(1)),
    atMs: nearly(fc.integer({ min: 0, max: 2 ** 45 })),
    id: nearly(fc.stringMatching(/^[0-9a-hjkmnp-tv-z]{26}$/)),
    online: nearly(fc.boolean()),
    intervalMs: nearly(fc.constant(15_000)),
    peers: nearly(fc.nat(20)),
    rssBytes: nearly(fc.nat()),
    cpuMs: nearly(fc.nat()),
    traffic: nearly(
      fc.array(nearly(fc.record({ folder: nearly(fc.constant('fld-aaaaaaaaaaaaaaaa')), served: nearly(fc.nat()) })), {
        maxLength: 3,
      }),
    ),
    events: nearly(
      fc.array(
        nearly(
          fc.record(
            {
              kind: nearly(fc.constantFrom('folder.completed', 'desired.rejected', 'name.mapped')),
              atMs: nearly(fc.nat()),
              folder: nearly(fc.constant('fld-aaaaaaaaaaaaaaaa')),
              seq: nearly(fc.nat()),
              code: hostileText,
              detail: hostileText,
            },
            { requiredKeys: ['kind'] },
          ),
        ),
        { maxLength: 4 },
      ),
    ),
  },
  { requiredKeys: ['v'] },
);
