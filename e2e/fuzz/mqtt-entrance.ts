/** Sends packets to the MQTT listener as enrolled agents. After each the server has hung up, or answers a ping. */
import type { Socket } from 'node:net';
import type { AgentIdentity } from '../harness/identity.ts';
import { dial } from './http-line.ts';
import { connectPacket, type MqttInput, PINGREQ, packetsIn } from './mqtt-inputs.ts';
import { inTime } from './run.ts';
import { type Counter, HANG_MS } from './tally.ts';

const PINGREQ_TYPE = 12;
const PINGRESP_TYPE = 13;

/** Sends inputs one after the other; keeps a session open as long as the server does. */
export function mqttSender(
  port: number,
  { agent, tls }: AgentIdentity,
  counter: Counter,
): (input: MqttInput, index: number) => Promise<void> {
  let line: MqttLine | undefined;
  const openSession = async (): Promise<MqttLine> => {
    const opened = mqttLine(await dial(port, tls));
    const answer = await inTime(opened.send(connectPacket(agent)));
    if (answer !== 'answered') throw new Error(`a good CONNECT: ${answer ?? 'no answer'}`);
    return opened;
  };
  return async (input, index) => {
    let sentAt = performance.now();
    try {
      if (input.isFirst || line === undefined || line.hasEnded()) {
        line?.end();
        line = input.isFirst ? mqttLine(await dial(port, tls)) : await openSession();
      }
      sentAt = performance.now();
      const outcome = await inTime(line.send(input.bytes));
      counter.ended(outcome ?? 'silent', performance.now() - sentAt, input.bytes);
      if (outcome === undefined)
        counter.fault(index, `neither an answer to a ping nor an end within ${HANG_MS} ms`, input.bytes);
      if (outcome === 'answered') return;
    } catch (error) {
      counter.ended('unreachable', performance.now() - sentAt, input.bytes);
      counter.fault(index, error instanceof Error ? error.message : String(error), input.bytes);
    }
    line?.end();
    line = undefined;
  };
}

interface MqttLine {
  /** Sends bytes, and a ping behind them where a packet may begin; otherwise nothing more will come, and the server is told so. */
  send(bytes: Uint8Array): Promise<'answered' | 'closed'>;
  hasEnded(): boolean;
  end(): void;
}

function mqttLine(socket: Socket): MqttLine {
  let unread: Uint8Array = Buffer.alloc(0);
  let pingsDue = 0;
  let settle: ((outcome: 'answered' | 'closed') => void) | undefined;
  socket.on('data', (part: Buffer) => {
    unread = Buffer.concat([unread, part]);
    const { types, rest } = packetsIn(unread);
    unread = unread.subarray(rest);
    pingsDue -= types.filter((type) => type === PINGRESP_TYPE).length;
    if (pingsDue <= 0) settle?.('answered');
  });
  const ended = () => settle?.('closed');
  socket.on('end', ended).on('close', ended);
  const hasEnded = () => socket.destroyed || socket.readableEnded;
  return {
    hasEnded,
    end: () => socket.destroy(),
    send: (bytes) =>
      new Promise((resolve) => {
        settle = resolve;
        if (hasEnded()) return resolve('closed');
        const { types, rest } = packetsIn(bytes);
        pingsDue = Number.POSITIVE_INFINITY;
        if (rest !== undefined && rest < bytes.length) return socket.end(bytes);
        pingsDue = types.filter((type) => type === PINGREQ_TYPE).length + 1;
        socket.write(Buffer.concat([bytes, PINGREQ]));
      }),
  };
}
