import { readdir } from 'node:fs/promises';
import { type AgentId, type FolderId, GENESIS_LINK, type LinkHex } from '@harp/broker/protocol';
import { createSigner, generateSigningKeyPem, type Signer } from '@harp/broker/protocol/node';
import { expect, test } from 'vitest';
import { silentLog } from '../../test/fakes/silent-log.ts';
import { tempFolder } from '../../test/fixtures/temp-folder.ts';
import type { Identity } from '../ports.ts';
import { stateLayout } from '../state/layout.ts';
import { createHeadStore } from './head-store.ts';

const plans = 'fld-aaaaaaaaaaaaaaaa' as FolderId;
const photos = 'fld-bbbbbbbbbbbbbbbb' as FolderId;
const signer = createSigner(generateSigningKeyPem());
const stranger = createSigner(generateSigningKeyPem());
const identity: Identity = {
  agent: 'a'.repeat(52) as AgentId,
  tls: () => ({ key: '', certificate: '', ca: '' }),
  signingKeys: () => [signer.key],
  onDidChange: () => ({ dispose: () => undefined }),
};

function head(folder: FolderId, seq: number, by: Signer = signer) {
  const link = (seq === 0 ? GENESIS_LINK : String(seq).padStart(64, '0')) as LinkHex;
  const segment = { from: 1, to: seq, previous: GENESIS_LINK, link, blob: 'b'.repeat(64) };
  const value = { v: 1, folder, seq, link, atMs: seq, snapshot: null, segments: seq === 0 ? [] : [segment] };
  return by.sign('harp/head/v1', JSON.stringify(value));
}

test('only good heads replace good heads, and the newest one survives a restart', async () => {
  const layout = stateLayout(await tempFolder());
  const store = createHeadStore(layout, identity, silentLog);
  const newest = head(plans, 5);
  for (const offered of [head(plans, 4), newest, head(plans, 3), head(plans, 9, stranger), head(photos, 8)]) {
    await store.keep(plans, offered);
  }
  const restarted = createHeadStore(layout, identity, silentLog);
  expect(await restarted.load(plans)).toEqual(newest);
  await restarted.keep(plans, head(plans, 4));
  expect(await createHeadStore(layout, identity, silentLog).load(plans)).toEqual(newest);
});

test('heads of folders that are no longer assigned are forgotten', async () => {
  const layout = stateLayout(await tempFolder());
  const store = createHeadStore(layout, identity, silentLog);
  await store.keepOnly([]);
  await store.keep(plans, head(plans, 1));
  await store.keep(photos, head(photos, 1));
  await store.keepOnly([photos]);
  expect(await readdir(layout.heads)).toEqual([`${photos}.json`]);
  expect(await store.load(plans)).toBeUndefined();
});
