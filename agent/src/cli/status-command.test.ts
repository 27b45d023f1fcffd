import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { AgentId, FolderId, FolderReport, OfficeId } from '@harp/broker/protocol';
import { GENESIS_LINK } from '@harp/broker/protocol';
import { expect, test } from 'vitest';
import { enrolledIdentity } from '../../test/fixtures/enrolled.ts';
import { createTestCa } from '../../test/fixtures/pki.ts';
import { tempFolder } from '../../test/fixtures/temp-folder.ts';
import { storeIdentity } from '../enrol/identity-files.ts';
import { writeFileAtomic } from '../state/atomic-file.ts';
import { stateLayout } from '../state/layout.ts';
import { lockState } from '../state/lock.ts';
import type { AgentStatus } from '../state/status-file.ts';
import { exitCode } from './explain.ts';
import { statusCommand, statusText } from './status-command.ts';

const report = (name: string, changes: Partial<FolderReport>) => ({
  id: 'fld-aaaaaaaaaaaaaaaa' as FolderId,
  name,
  seq: 9,
  link: GENESIS_LINK,
  state: 'syncing' as const,
  filesTotal: 30,
  filesDone: 12,
  bytesTotal: 2_000_000,
  bytesDone: 512_345,
  ...changes,
});

const status = (changes: Partial<AgentStatus> = {}): AgentStatus => ({
  v: 1,
  pid: process.pid,
  version: '0.1.0',
  agent: 'a'.repeat(52) as AgentId,
  office: { id: 'off-aaaaaaaaaaaaaaaa' as OfficeId, name: 'Lyon' },
  startedAtMs: 1,
  atMs: 2,
  peerPort: 8424,
  addresses: ['10.0.0.7:8424'],
  certificateValidToMs: Date.UTC(2027, 1, 20),
  broker: { connected: true },
  desiredRevision: 4,
  peers: { live: 4, known: 5 },
  folders: [],
  traffic: { fromPeers: 38_000_000, fromOrigin: 2_000_000, fromLocal: 0, served: 999, wasted: 0 },
  outbox: { reports: 0, sizeBytes: 0, droppedEvents: 0 },
  ...changes,
});

test('the page of an agent at work', () => {
  const folders = [
    report('Plans', { state: 'complete', filesDone: 30, bytesDone: 2_000_000 }),
    report('Site photos', {}),
    report('Big', { state: 'blocked', reason: 'disk.full' }),
  ];
  expect(
    statusText(status({ folders })),
  ).toBe(`Agent aaaaaaaa of Lyon is running (process ${process.pid}, version 0.1.0).
  Server       connected
  Neighbours   4 of 5 answer; they reach this computer at 10.0.0.7:8424
  Certificate  valid until 2027-02-20, renewed by itself
  Since start  38 MB from neighbours, 2 MB from Nextcloud, 0 B found here, 999 B given to neighbours
  Reports      all delivered
  Plans        complete: 30 files, 2 MB
  Site photos  12 of 30 files, 512 kB of 2 MB
  Big          blocked: The disk is full (12 of 30 files, 512 kB of 2 MB)
`);
});

test('the page of an agent on its own', () => {
  const alone = status({
    broker: { connected: false, problem: 'broker.unreachable' },
    outbox: { reports: 3, sizeBytes: 4_096, droppedEvents: 2 },
  });
  const page = statusText(alone);
  expect(page).toContain('not connected: The broker does not answer; neighbours go on sharing');
  expect(page).toContain('3 wait for the server (4.1 kB)');
  expect(page).toContain('2 were dropped');
  expect(page).toContain('No folder is assigned');
});

test('status tells a running agent from one that is starting, stopped or was never enrolled', async () => {
  const layout = stateLayout(await tempFolder());
  let out = '';
  const show = statusCommand({
    out: (text) => {
      out = text;
    },
    error: () => undefined,
    debug: false,
  });
  const options = { state: layout.root, json: false };
  await expect(show(options)).rejects.toMatchObject({ code: 'agent.not_enrolled' });

  const { stored } = await enrolledIdentity(await createTestCa(), { mqttUrl: 'mqtts://127.0.0.1:1' });
  await mkdir(dirname(layout.key), { recursive: true });
  await writeFile(layout.key, stored.tls.key);
  await storeIdentity(layout, stored);
  expect(await show(options)).toBe(exitCode.negative);
  expect(out).toContain('is not running');

  await writeFileAtomic(layout.status, JSON.stringify(status({ pid: 1 })));
  const lock = await lockState(layout.lock);
  expect(await show(options)).toBe(exitCode.done);
  expect(out).toContain('is starting');

  await writeFileAtomic(layout.status, JSON.stringify(status()));
  expect(await show({ ...options, json: true })).toBe(exitCode.done);
  expect(JSON.parse(out)).toMatchObject({ running: true, status: { peers: { live: 4 } } });
  await lock.release();
});
