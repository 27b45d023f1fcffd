/** What enrolment tokens say of this server. The broker makes the CA; here its certificate is only read. */
import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HarpError, toHex } from '@harp/broker/protocol';
import { sha256 } from '@harp/broker/protocol/node';
import type { EnrolmentAddress } from './api/ports.ts';
import { type ServerEnv, urlHost } from './env.ts';

/** Reads the CA's certificate at each token, so that a restored one is never missed. */
export function enrolmentAddress(
  env: Pick<ServerEnv, 'dataDir' | 'publicHost' | 'gatewayPort' | 'mqttPort' | 'externalMqttUrl'>,
): EnrolmentAddress {
  const path = join(env.dataDir, 'pki', 'ca.crt');
  return {
    gatewayUrl: `https://${urlHost(env.publicHost)}:${env.gatewayPort}`,
    mqttUrl: env.externalMqttUrl ?? `mqtts://${urlHost(env.publicHost)}:${env.mqttPort}`,
    async caFingerprint() {
      try {
        return toHex(sha256(new X509Certificate(await readFile(path)).raw));
      } catch (cause) {
        throw new HarpError(
          'internal.unexpected',
          `the CA certificate ${path} cannot be read: has the broker started?`,
          {
            cause,
          },
        );
      }
    },
  };
}
