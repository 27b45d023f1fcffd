/** Bytes for the MQTT listener from somebody without a certificate of the fleet. Whatever they are, the server hangs up and says nothing of MQTT. */
import { once } from 'node:events';
import { duplexPair } from 'node:stream';
import { connect } from 'node:tls';
import type { AgentId } from '@harp/broker/protocol';
import fc from 'fast-check';
import { damaged } from './bytes.ts';
import { dial } from './http-line.ts';
import { mqttInputs } from './mqtt-inputs.ts';
import { inTime } from './run.ts';
import { type Counter, HANG_MS } from './tally.ts';

interface StrangerInput {
  bytes: Uint8Array;
  /** Inside of TLS, without a certificate; otherwise in its place. */
  inTls: boolean;
}

/** Packets as an agent sends them, without TLS or inside of it; TLS greetings, damaged; anything. */
export async function strangerInputs(agent: AgentId, other: AgentId): Promise<fc.Arbitrary<StrangerInput>> {
  const hello = await clientHello();
  const packets = mqttInputs(agent, other).map(({ bytes }) => bytes);
  return fc.oneof(
    { weight: 3, arbitrary: packets.map((bytes) => ({ bytes, inTls: true })) },
    { weight: 2, arbitrary: packets.map((bytes) => ({ bytes, inTls: false })) },
    { weight: 4, arbitrary: damaged(fc.constant(hello), 4).map((bytes) => ({ bytes, inTls: false })) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 2000 }).map((bytes) => ({ bytes, inTls: false })) },
  );
}

/** The first bytes of a TLS client. */
async function clientHello(): Promise<Uint8Array> {
  const [near, far] = duplexPair();
  const client = connect({ socket: near, rejectUnauthorized: false });
  // It is never answered.
  client.on('error', () => undefined);
  const [bytes] = (await once(far, 'data')) as [Buffer];
  client.destroy();
  return bytes;
}

/** Sends each input over a connection of its own, and nothing behind it: an end is due. */
export function mqttStrangerSender(
  port: number,
  counter: Counter,
): (input: StrangerInput, index: number) => Promise<void> {
  return async ({ bytes, inTls }, index) => {
    const startedAt = performance.now();
    const took = () => performance.now() - startedAt;
    try {
      const socket = await dial(port, inTls ? { rejectUnauthorized: false } : undefined);
      const heard: Buffer[] = [];
      const closed = new Promise<'closed'>((resolve) => socket.once('close', () => resolve('closed')));
      socket.on('data', (part: Buffer) => heard.push(part));
      socket.end(bytes);
      const outcome = (await inTime(closed)) ?? 'silent';
      socket.destroy();
      counter.ended(inTls ? `${outcome} after TLS` : outcome, took(), bytes);
      if (outcome === 'silent') counter.fault(index, `no end within ${HANG_MS} ms`, bytes);
      // Without TLS an alert of it may be heard, which goes to whoever listens.
      if (inTls && heard.length > 0) counter.fault(index, `answered: ${Buffer.concat(heard).toString('hex')}`, bytes);
    } catch (error) {
      counter.ended('unreachable', took(), bytes);
      counter.fault(index, error instanceof Error ? error.message : String(error), bytes);
    }
  };
}
