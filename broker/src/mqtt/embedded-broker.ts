import { connect } from 'node:tls';
import type { Pki } from '../enrolment/pki.ts';
import type { Clock, Logger } from '../ports.ts';
import type { AgentId } from '../protocol/index.ts';
import type { FleetBroker } from './fleet-broker.ts';
import { createMqttBroker, type MqttMembership } from './mqtt-broker.ts';
import { listenMqtt } from './mqtt-listener.ts';

export interface EmbeddedBrokerOptions {
  membership: MqttMembership;
  onArrival: (agent: AgentId, address: string) => void;
  pki: Pick<Pki, 'server' | 'service' | 'ca'>;
  bindHost: string;
  /** Where this machine reaches what listens on `bindHost`. */
  localHost: string;
  /** 0: any free port. */
  port: number;
  /** The broker's address for agents. */
  urlOf: (port: number) => string;
  clock: Clock;
  logger: Logger;
}

/** Starts the broker that lives in this process, listening. */
export async function openEmbeddedBroker(options: EmbeddedBrokerOptions): Promise<FleetBroker> {
  const { membership, onArrival, pki, bindHost, localHost, clock, logger } = options;
  const broker = await createMqttBroker({ membership, onArrival, clock, logger });
  const listener = await listenMqtt({ broker, tls: pki.server(), host: bindHost, port: options.port, logger });
  const url = options.urlOf(listener.port);
  return {
    url,
    port: listener.port,
    isOurs: true,
    state: { kind: 'embedded', url },
    openStream() {
      const { key, certificate } = pki.service('ingest');
      return connect({
        host: localHost,
        port: listener.port,
        ca: pki.ca,
        key,
        cert: certificate,
        minVersion: 'TLSv1.3',
      });
    },
    shutOut: (agents) => broker.kick(agents),
    // It asks the registry before every step.
    fleetRead: () => undefined,
    rightsKnown: () => Promise.resolve(),
    certificatesChanged: () => listener.setTls(pki.server()),
    async close() {
      // Does not wait for its connections: closing the broker, which comes next, ends them.
      void listener.close();
      await broker.close();
    },
  };
}
