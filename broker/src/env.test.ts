import { describe, expect, test } from 'vitest';
import { readEnv } from './env.ts';

const url = 'postgres://harp@127.0.0.1/harp';

describe('readEnv', () => {
  test('has a default for everything but the database', () => {
    const env = readEnv({ DATABASE_URL: url });
    expect(env).toMatchObject({
      dataDir: '.harp',
      bindHost: '0.0.0.0',
      gatewayPort: 8421,
      mqttPort: 8422,
      logLevel: 'info',
    });
    expect(env.publicHost).not.toBe('');
  });

  test('a broker of others is taken only where one is named', () => {
    expect(readEnv({ DATABASE_URL: url, HARP_MQTT_DIR: '/x' }).externalMqtt).toBeUndefined();
    const env = readEnv({ DATABASE_URL: url, HARP_MQTT_URL: 'mqtts://mqtt.example:8883', HARP_MQTT_DIR: '/x' });
    expect(env.externalMqtt).toEqual({ url: 'mqtts://mqtt.example:8883', dir: '/x', reload: undefined });
  });

  test('an empty variable counts as absent', () => {
    expect(readEnv({ DATABASE_URL: url, HARP_MQTT_PORT: '', HARP_PUBLIC_HOST: '' }).mqttPort).toBe(8422);
  });

  test.each([
    { name: 'HARP_MQTT_PORT', value: 'many' },
    { name: 'HARP_GATEWAY_PORT', value: '70000' },
    { name: 'HARP_LOG', value: 'loud' },
    { name: 'HARP_MQTT_URL', value: 'mqtt://mqtt.example:1883' },
    { name: 'DATABASE_URL', value: '' },
  ])('names $name when it is $value', ({ name, value }) => {
    expect(() => readEnv({ DATABASE_URL: url, [name]: value })).toThrow(name);
  });
});
