import type { MqttClient } from 'mqtt';

/** Resolves when the client has its CONNACK; rejects when it is refused or cut off first. */
export function connected(client: MqttClient): Promise<void> {
  return new Promise((resolve, reject) => {
    client.once('connect', () => resolve());
    client.once('error', reject);
    client.once('close', () => reject(new Error('closed')));
  });
}
