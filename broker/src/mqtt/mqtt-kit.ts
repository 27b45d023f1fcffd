/** What a broker that others run is given: its certificate and, for Mosquitto, its configuration and the rights of the fleet as they are now. */
import { createHash } from 'node:crypto';
import { aclFile, aclLines, type FleetRights } from '../acl/acl-file.ts';
import type { Pki } from '../enrolment/pki.ts';
import { HarpError, type MqttKit, type MqttKitRequest } from '../protocol/index.ts';
import { mosquittoConf } from './mosquitto-conf.ts';

export type MakeMqttKit = (request: MqttKitRequest) => Promise<MqttKit>;

export interface MqttKitOptions {
  pki: Pick<Pki, 'externalBroker'>;
  rights: () => FleetRights;
  /** Tells the audit log who was given a certificate for which names. */
  record: (after: { names: string[]; operator?: string }) => Promise<void>;
  /** The host in HARP_MQTT_URL. */
  defaultName: string | undefined;
}

/** Answers requests for kits. The private key is in the answer and nowhere else. */
export function createMqttKit({ pki, rights, record, defaultName }: MqttKitOptions): MakeMqttKit {
  return async ({ names, mosquitto, operator }) => {
    const hosts = names.length > 0 || defaultName === undefined ? names : [defaultName];
    if (hosts.length === 0) {
      throw new HarpError(
        'protocol.invalid_message',
        'HARP_MQTT_URL is not set: say under which name the broker is reached (--name HOST)',
      );
    }
    const { key, certificate, ca } = await pki.externalBroker(hosts);
    await record({ names: hosts, ...(operator === undefined ? {} : { operator }) });
    const files = [
      { name: 'server.key', text: key, isSecret: true },
      { name: 'server.crt', text: certificate, isSecret: false },
      { name: 'ca.crt', text: ca, isSecret: false },
    ];
    if (mosquitto !== null) {
      const lines = aclLines(rights());
      const digest = createHash('sha256').update(lines).digest('hex').slice(0, 32);
      files.push(
        { name: 'acl', text: aclFile(lines, digest), isSecret: false },
        { name: 'mosquitto.conf', text: mosquittoConf(mosquitto), isSecret: false },
      );
    }
    return { names: hosts, files };
  };
}
