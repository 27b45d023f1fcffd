/**
 * The fleet's MQTT broker as the server's other parts see it: the one embedded here, or one that others run. Both carry the same messages under the
 * same rights (acl/), and neither knows what a message means: ingest and the console are clients of either.
 */
import type { Duplex } from 'node:stream';
import type { AgentId } from '../protocol/index.ts';

/** How it stands with the broker, for people. */
export interface FleetBrokerState {
  kind: 'embedded' | 'external';
  /** What agents connect to. */
  url: string;
  /** Since when the broker does not go by the newest rights, and why; undefined while it does, or where that is not ours to know. */
  rightsBehind?: { sinceMs: number; cause: string };
}

export interface FleetBroker {
  /** `mqtts://host:port`, as agents are told. */
  readonly url: string;
  readonly port: number;
  /** Whether it starts and ends with this process. */
  readonly isOurs: boolean;
  readonly state: FleetBrokerState;
  /** A new connection for the service `ingest`. */
  openStream(): Duplex;
  /** Ends every connection of agents that are no longer active. Call it as soon as the registry says so. */
  shutOut(agents: readonly AgentId[]): void;
  /** The registry has read the fleet. */
  fleetRead(): void;
  /** Resolves when the broker goes by what the registry knew at this call, or after a few seconds if it does not. */
  rightsKnown(): Promise<void>;
  /** Certificates or roots changed. */
  certificatesChanged(): void;
  close(): Promise<void>;
}
