/** How it stands with the fleet's MQTT broker: what this process sees of it, and what the broker's process writes down. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BrokerState, brokerStateFile } from '@harp/broker/protocol';
import type { MqttFailure } from '@harp/broker/protocol/node';

export interface BrokerFacts {
  /** Whether the console is connected to it. */
  connected: boolean;
  kind: 'embedded' | 'external';
  url: string;
  /** Why there is no connection, once an attempt has failed. */
  failure: MqttFailure | undefined;
  /** Since when, and why, one that others run does not go by the newest rights. */
  rightsBehind: { sinceMs: number; cause: string } | null;
}

/** Reads the facts as they are at each call. */
export function brokerFactsOf(options: {
  dataDir: string;
  mqttUrl: string;
  isExternal: boolean;
  link(): { connected: boolean; failure: MqttFailure | undefined };
}): () => Promise<BrokerFacts> {
  const path = join(options.dataDir, brokerStateFile);
  return async () => {
    const kind = options.isExternal ? 'external' : 'embedded';
    const told = await readState(path);
    // After a change of HARP_MQTT_URL the file is of the broker before, until its process has started.
    const rightsBehind = told?.kind === kind ? told.rightsBehind : null;
    const { connected, failure } = options.link();
    return { connected, kind, url: options.mqttUrl, failure: connected ? undefined : failure, rightsBehind };
  };
}

async function readState(path: string): Promise<BrokerState | undefined> {
  try {
    return BrokerState.safeParse(JSON.parse(await readFile(path, 'utf8'))).data;
  } catch {
    // Not written yet. Whether there is a connection is known without it.
    return undefined;
  }
}
