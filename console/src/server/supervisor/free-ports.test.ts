import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { choosePorts } from './free-ports.ts';

const host = '127.0.0.1';

test('any free port becomes a number, and different wishes different ones', async () => {
  const ports = await choosePorts(
    ['A', 'B', 'C'].map((variable) => ({ variable, port: 0 })),
    host,
  );
  expect(new Set(ports).size).toBe(3);
  expect(ports.every((port) => port > 0)).toBe(true);
});

test('a taken port is named together with its variable', async () => {
  const server = createServer();
  const port = await new Promise<number>((resolve) => {
    server.listen({ port: 0, host }, () => resolve((server.address() as { port: number }).port));
  });
  onTestFinished(() => void server.close());
  await expect(choosePorts([{ variable: 'HARP_MQTT_PORT', port }], host)).rejects.toMatchObject({
    code: 'supervisor.port_in_use',
    message: expect.stringMatching(new RegExp(`port ${port} is in use.*HARP_MQTT_PORT`)),
  });
});

test('one port for two things is refused', async () => {
  const wishes = ['A', 'B'].map((variable) => ({ variable, port: 8420 }));
  await expect(choosePorts(wishes, host)).rejects.toMatchObject({ code: 'supervisor.port_in_use' });
});

test('an address this computer does not have is named', async () => {
  await expect(choosePorts([{ variable: 'A', port: 0 }], '192.0.2.254')).rejects.toMatchObject({
    message: expect.stringContaining('HARP_BIND'),
  });
});
