/** PCs that are all switched on in the morning and enrol with one token, played by this process. */
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:tls';
import { type AgentId, Enrolment, gatewayPaths, PROTOCOL_VERSION } from '@harp/broker/protocol';
import { certificateRequestFor } from './foreign-ca.ts';
import { ask } from './raw-requests.ts';

export interface StormPc {
  hostname: string;
  csr: string;
}

/** Makes keys and requests, which every PC does with a processor of its own. */
export function stormPcs(count: number): Promise<StormPc[]> {
  return Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
      return { hostname: `storm-${index}`, csr: await certificateRequestFor(key) };
    }),
  );
}

/** A refusal by the gateway. */
export class StormRefusal extends Error {
  readonly code: string | undefined;
  constructor(pc: StormPc, status: number, code: string | undefined) {
    super(`${pc.hostname}: ${status} ${code}`);
    this.code = code;
  }
}

/**
 * Enrols as harp-agent does: the root is looked at, the clock compared, then it asks, a connection each. Resolves with who it is now.
 * @throws {StormRefusal} or the error of a connection
 */
export async function enrolInStorm(gatewayPort: number, pc: StormPc, secret: string): Promise<AgentId> {
  const tls = { rejectUnauthorized: false };
  const socket = connect({ host: '127.0.0.1', port: gatewayPort, ...tls });
  try {
    await once(socket, 'secureConnect');
  } finally {
    socket.destroy();
  }
  await ask(gatewayPort, { method: 'GET', path: gatewayPaths.health, tls });
  const body = JSON.stringify({
    protocol: PROTOCOL_VERSION,
    secret,
    csr: pc.csr,
    hostname: pc.hostname,
    platform: 'linux-x64',
    version: '0.1.0',
    machine: { hardwareId: Buffer.from(pc.hostname.padEnd(32)).toString('hex'), addresses: ['10.0.0.1'] },
  });
  const answer = await ask(gatewayPort, { path: gatewayPaths.enrol, body, tls });
  if (answer.status !== 200) throw new StormRefusal(pc, answer.status, answer.code);
  return Enrolment.parse(JSON.parse(answer.body.toString())).agent;
}
