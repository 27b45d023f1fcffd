import { request } from 'node:https';
import { type ErrorBody, limits, peerPaths } from '@harp/broker/protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  addFile,
  folder,
  otherFolder,
  startOffice,
  type TestAgent,
  type TestOffice,
} from '../../test/fakes/net-office.ts';
import { createTestCa } from '../../test/fakes/net-pki.ts';
import type { TlsMaterial } from '../ports.ts';

let office: TestOffice;
let server: TestAgent;
let member: TestAgent;
let stranger: TlsMaterial;
const chunk = 'a'.repeat(64);

beforeAll(async () => {
  office = await startOffice();
  server = await office.join([folder]);
  member = await office.join([folder, otherFolder]);
  office.configure();
  await office.settled();
  stranger = (await office.ca.enrol()).tls();
}, 60_000);
afterAll(() => office.close());

interface Answer {
  status: number;
  code: string | undefined;
}

function ask(path: string, body: string | undefined, tls?: TlsMaterial): Promise<Answer> {
  const [host, port] = server.net.addresses()[0]!.split(':');
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        host,
        port,
        path,
        method: body === undefined ? 'GET' : 'POST',
        agent: false,
        ca: office.ca.pem,
        checkServerIdentity: () => undefined,
        ...(tls === undefined ? {} : { key: tls.key, cert: tls.certificate }),
      },
      async (incoming) => {
        let text = '';
        for await (const part of incoming.setEncoding('latin1')) text += part;
        const code = text.startsWith('{"error"') ? (JSON.parse(text) as ErrorBody).error.code : undefined;
        resolve({ status: incoming.statusCode ?? 0, code });
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

const want = JSON.stringify({ ids: [chunk], waitMs: 0 });

test.each([
  {
    name: 'a member’s hello',
    path: peerPaths.hello,
    body: undefined,
    who: () => member.identity.tls(),
    status: 200,
    code: undefined,
  },
  {
    name: 'a member’s want',
    path: peerPaths.chunks(folder),
    body: want,
    who: () => member.identity.tls(),
    status: 200,
    code: undefined,
  },
  {
    name: 'a stranger’s hello',
    path: peerPaths.hello,
    body: undefined,
    who: () => stranger,
    status: 403,
    code: 'peer.not_in_roster',
  },
  {
    name: 'a stranger’s want',
    path: peerPaths.chunks(folder),
    body: want,
    who: () => stranger,
    status: 403,
    code: 'peer.not_in_roster',
  },
  {
    name: 'a folder the server does not hold',
    path: peerPaths.chunks(otherFolder),
    body: want,
    who: () => member.identity.tls(),
    status: 403,
    code: 'peer.folder_not_shared',
  },
  {
    name: 'what is not JSON',
    path: peerPaths.chunks(folder),
    body: '{',
    who: () => member.identity.tls(),
    status: 400,
    code: 'peer.bad_request',
  },
  {
    name: 'an id that is none',
    path: peerPaths.have(folder),
    body: '{"ids":["../etc"]}',
    who: () => member.identity.tls(),
    status: 400,
    code: 'peer.bad_request',
  },
  {
    name: 'too many ids',
    path: peerPaths.chunks(folder),
    body: JSON.stringify({ ids: Array(257).fill(chunk), waitMs: 0 }),
    who: () => member.identity.tls(),
    status: 400,
    code: 'peer.bad_request',
  },
  {
    name: 'too long a wait',
    path: peerPaths.chunks(folder),
    body: JSON.stringify({ ids: [chunk], waitMs: 60_001 }),
    who: () => member.identity.tls(),
    status: 400,
    code: 'peer.bad_request',
  },
  {
    name: 'a body beyond the limit',
    path: peerPaths.have(folder),
    body: ' '.repeat(limits.requestBodyMaxBytes + 1),
    who: () => member.identity.tls(),
    status: 413,
    code: 'protocol.too_large',
  },
  {
    name: 'a path outside',
    path: '/peer/v1/folders/../../etc/have',
    body: '{}',
    who: () => member.identity.tls(),
    status: 400,
    code: 'peer.bad_request',
  },
])('$name → $status $code', async ({ path, body, who, status, code }) => {
  expect(await ask(path, body, who())).toEqual({ status, code });
});

test('a service of the data centre is no peer', async () => {
  const service = await office.ca.issueServer('console');
  expect(await ask(peerPaths.hello, undefined, service)).toEqual({
    status: 401,
    code: 'identity.certificate_required',
  });
});

test('without a certificate, or with one of another CA, there is no session', async () => {
  await expect(ask(peerPaths.hello, undefined)).rejects.toThrow();
  const foreign = (await (await createTestCa()).enrol()).tls();
  await expect(ask(peerPaths.hello, undefined, foreign)).rejects.toThrow();
});

test('bad requests disturb nobody: a transfer goes on', async () => {
  const wanted = addFile(office.origin, 'a.bin', 2 * 1024 * 1024);
  const transfer = Promise.all([server.fetch(wanted), member.fetch(wanted)]);
  const bad = Array.from({ length: 20 }, () => ask(peerPaths.have(folder), '{', member.identity.tls()));
  await Promise.all(bad);
  await transfer;
  expect(wanted.every(({ id }) => server.chunks.has(id) && member.chunks.has(id))).toBe(true);
}, 30_000);

test('an agent that leaves the roster is cut off and refused', async () => {
  const leaver = await office.join([folder]);
  office.configure();
  expect((await ask(peerPaths.hello, undefined, leaver.identity.tls())).status).toBe(200);
  await leaver.stop();
  office.configure();
  expect(await ask(peerPaths.hello, undefined, leaver.identity.tls())).toEqual({
    status: 403,
    code: 'peer.not_in_roster',
  });
});
