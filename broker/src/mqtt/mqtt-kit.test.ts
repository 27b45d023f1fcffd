import { X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BrokerHarness, startHarness, type TestAgent } from '../../test/harness.ts';
import { memoryLogger } from '../../test/silent-logger.ts';
import { ErrorBody, gatewayPaths, MqttKit, type MqttKitRequest } from '../protocol/index.ts';
import { identityOfCertificate } from '../protocol/node/index.ts';

const logger = memoryLogger();
let harp: BrokerHarness;
let agent: TestAgent;
beforeAll(async () => {
  harp = await startHarness({ logger });
  agent = await harp.enrol(await harp.office());
}, 60_000);
afterAll(() => harp[Symbol.asyncDispose]());

const mosquitto = { listen: 8883, place: '/etc/harp-mqtt', data: '/var/lib/mosquitto' };
const ask = (body: object, as: { key: string; certificate: string } = harp.broker.pki.service('console')) =>
  harp.http(gatewayPaths.mqttKit, { agent: as, body });
const kitOf = async (body: MqttKitRequest) => {
  const { names, files } = MqttKit.parse((await ask(body)).json());
  return { names, text: (name: string) => files.find((file) => file.name === name)?.text ?? '', files };
};

describe('the kit for a broker of others', () => {
  test('has a certificate for its names, below the root, that is no client’s', async () => {
    const { names, text, files } = await kitOf({
      names: ['mqtt.example', '10.0.0.9'],
      mosquitto: null,
      operator: 'ruth@büro',
    });
    expect(files.map(({ name, isSecret }) => [name, isSecret])).toEqual([
      ['server.key', true],
      ['server.crt', false],
      ['ca.crt', false],
    ]);
    expect(names).toEqual(['mqtt.example', '10.0.0.9']);
    const certificate = new X509Certificate(text('server.crt'));
    expect(certificate.checkHost('mqtt.example')).toBe('mqtt.example');
    expect(certificate.checkIP('10.0.0.9')).toBe('10.0.0.9');
    expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
    expect(Date.parse(certificate.validTo) - Date.now()).toBeLessThan(91 * 86_400_000);
    expect(
      harp.broker.pki.rootOf(text('server.crt').match(/-----BEGIN[\s\S]+?END CERTIFICATE-----/g) ?? []),
    ).toBeDefined();
    const [, left] = await harp.prisma.auditOutbox.findMany({ orderBy: { id: 'asc' } });
    expect(left?.change).toMatchObject({
      action: 'authority.issue-broker',
      after: { names: ['mqtt.example', '10.0.0.9'], operator: 'ruth@büro' },
    });
    expect(JSON.stringify(left?.change)).not.toContain('PRIVATE');
  });

  test('has the rights of the fleet, and a configuration that names the files', async () => {
    const { agent: revoked } = await harp.enrol(await harp.office());
    await harp.prisma.agent.update({ where: { id: revoked }, data: { revokedAt: new Date() } });
    await harp.fleetChanged();
    await expect
      .poll(async () => (await kitOf({ names: ['x'], mosquitto })).text('acl'))
      .toContain(`user ${revoked}\ntopic deny #`);
    const { text } = await kitOf({ names: ['mqtt.example'], mosquitto });
    expect(text('acl')).toContain('pattern write harp/v1/agent/%u/telemetry\n');
    expect(text('acl')).not.toContain(agent.agent);
    const lines = text('mosquitto.conf').split('\n');
    expect(lines).toEqual(
      expect.arrayContaining([
        'per_listener_settings true',
        'listener 8883',
        'tls_version tlsv1.3',
        'require_certificate true',
        'use_identity_as_username true',
        'use_username_as_clientid true',
        'allow_anonymous false',
        'acl_file /etc/harp-mqtt/acl',
        'keyfile /etc/harp-mqtt/server.key',
        'sys_interval 0',
        'persistence_location /var/lib/mosquitto/',
      ]),
    );
  });

  test.each([
    { what: 'a line of its own', change: { place: '/etc/x\nallow_anonymous true' } },
    { what: 'another word', change: { data: '/var/lib/x y' } },
    { what: 'no whole path', change: { place: 'etc' } },
    { what: 'a port that is none', change: { listen: 0 } },
  ])('is refused with $what in the configuration', async ({ change }) => {
    const answer = await ask({ names: ['mqtt.example'], mosquitto: { ...mosquitto, ...change } });
    expect(ErrorBody.parse(answer.json()).error.code).toBe('protocol.invalid_message');
  });

  test('is refused without a name, and to whoever is not the console', async () => {
    const without = await ask({ names: [], mosquitto: null });
    expect(ErrorBody.parse(without.json()).error.message).toContain('--name');
    const others = await ask({ names: ['mqtt.example'], mosquitto: null }, agent);
    expect(ErrorBody.parse(others.json()).error.code).toBe('identity.certificate_required');
  });

  test('leaves no key in the log', () => {
    expect(JSON.stringify(logger.lines)).not.toContain('PRIVATE KEY');
  });
});

test('a substitute’s certificate is nobody’s to Harp', async () => {
  const { certificate } = await harp.broker.pki.substitute(agent.agent);
  const parsed = new X509Certificate(certificate);
  expect(parsed.subject).toBe(`CN=${agent.agent}`);
  expect(identityOfCertificate(parsed)).toBeUndefined();
  expect(Date.parse(parsed.validTo) - Date.now()).toBeLessThanOrEqual(600_000);
});
