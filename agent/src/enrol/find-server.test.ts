import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { formatToken, isHarpError } from '@harp/broker/protocol';
import { expect, test } from 'vitest';
import { tempFolder } from '../../test/fixtures/temp-folder.ts';
import { serverInFile, serversInDns } from './find-server.ts';

const f = 'ab'.repeat(32);
const s = 'a'.repeat(43);
const gateway = 'https://harp.example:8421';

async function fileWith(text: string) {
  const state = await tempFolder();
  await writeFile(join(state, 'enrol.json'), text);
  return serverInFile(state, join(state, 'nowhere', 'enrol.json')).catch((error: unknown) =>
    isHarpError(error) ? error.code : error,
  );
}

test.each([
  ['a server', { gateway, fingerprint: f }, { via: 'file', url: gateway, fingerprint: f }],
  [
    'a fingerprint as people copy it',
    { gateway, fingerprint: (f.toUpperCase().match(/../g) ?? []).join(':') },
    { via: 'file', url: gateway, fingerprint: f },
  ],
  [
    'a token, too',
    { gateway, fingerprint: f, token: formatToken({ g: gateway, f, s }) },
    { via: 'file', url: gateway, fingerprint: f, secret: s },
  ],
  [
    'a token of another server',
    { gateway, fingerprint: f, token: formatToken({ g: gateway, f: 'cd'.repeat(32), s }) },
    'agent.usage',
  ],
  ['half a token', { gateway, fingerprint: f, token: 'harp1.abc' }, 'enrolment.token_malformed'],
  ['no fingerprint', { gateway }, 'agent.usage'],
  ['a server without TLS', { gateway: 'http://harp.example', fingerprint: f }, 'agent.usage'],
  ['a member nobody knows', { gateway, fingerprint: f, insecure: true }, 'agent.usage'],
])('a file with %s', async (_name, content, expected) =>
  expect(await fileWith(JSON.stringify(content))).toEqual(expected),
);

test('a file that is no JSON is a mistake, not nothing', async () => expect(await fileWith('{')).toBe('agent.usage'));

test('the state folder comes before the system; no file is no server', async () => {
  const [state, system] = [await tempFolder(), join(await tempFolder(), 'enrol.json')];
  expect(await serverInFile(state, system)).toBeUndefined();
  await writeFile(system, JSON.stringify({ gateway: 'https://system.example', fingerprint: f }));
  expect(await serverInFile(state, system)).toMatchObject({ url: 'https://system.example' });
  await writeFile(join(state, 'enrol.json'), JSON.stringify({ gateway, fingerprint: f }));
  expect(await serverInFile(state, system)).toMatchObject({ url: gateway });
});

test('a name server that does not answer names no server', async () =>
  expect(await serversInDns({ servers: ['127.0.0.1:1'], domain: 'invalid' })).toEqual([]));
