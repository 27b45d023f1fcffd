import { expect, test } from 'vitest';
import { deployKinds, deployText, TOKEN_PLACE } from './deploy.ts';

const server = {
  gatewayUrl: 'https://harp.example:8421',
  fingerprint: 'c'.repeat(64),
  mqttUrl: 'mqtts://harp.example:8422',
};

test('each way but the test carries the token once', () => {
  for (const kind of deployKinds)
    expect(deployText(kind, 'harp1.abc', server).split('harp1.abc')).toHaveLength(kind === 'test' ? 1 : 2);
  expect(deployText('linux', TOKEN_PLACE, server)).toContain("--token 'TOKEN'");
});

test('the file is what agents read', () => {
  expect(JSON.parse(deployText('file', 'harp1.abc', server))).toEqual({
    gateway: 'https://harp.example:8421',
    fingerprint: 'c'.repeat(64),
    token: 'harp1.abc',
  });
});

test.each([
  { gatewayUrl: 'https://harp.example', says: ['harp.example:443', 'harp.example:8422', 'harp.example -Port 443'] },
  { gatewayUrl: 'https://[fd00::1]:8421', says: ['getent hosts fd00::1', '[fd00::1]:8421', 'fd00::1 -Port 8421'] },
])('the test names hosts and ports: $gatewayUrl', ({ gatewayUrl, says }) => {
  const text = deployText('test', '', { ...server, gatewayUrl });
  for (const words of says) expect(text).toContain(words);
});
