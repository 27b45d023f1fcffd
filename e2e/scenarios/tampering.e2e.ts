/** Somebody changes what the data centre stores or says: agents keep their last good state and say what is wrong; `harp verify` names the place. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  blobIdOf,
  canonicalJson,
  Entry,
  encodeSegment,
  type FolderId,
  Head,
  messages,
  SignedText,
  topicFor,
} from '@harp/broker/protocol';
import { createSigner, generateSigningKeyPem, type Signer, sha3 } from '@harp/broker/protocol/node';
import type { MqttClient } from 'mqtt';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { VerifyResult } from '../../console/src/api/schemas.ts';
import type { Agent } from '../harness/fleet.ts';
import { connected, consoleIdentity, mqttClient, signingKeyOf } from '../harness/identity.ts';
import { type FileWatch, watchFiles } from '../harness/invariants.ts';
import { stays, until } from '../harness/process.ts';
import { killPart, sql, works } from '../harness/server-parts.ts';
import { sha256Of, startWorld, type World } from '../harness/world.ts';

/** One folder for each thing that is tampered with. `kept.bin` has several chunks, so its manifest is a blob. */
const folders = ['Entry', 'Segment', 'Manifest', 'Signature', 'Heads'] as const;
const KEPT = 'kept.bin';
const SIZE = 2_500_000;

let world: World;
let agents: Agent[];
/** Digest of the first version of every folder's `kept.bin`: the last good state. */
const good = new Map<string, string>();
/** Bytes before they were changed, to put them back. */
const original = new Map<string, { id: string; bytes: Buffer }>();
const watches: FileWatch[] = [];
let broker: MqttClient;
let signer: Signer;

beforeAll(async () => {
  world = await startWorld();
  for (const folder of folders) {
    await world.cloud.putGenerated(`/${folder}/${KEPT}`, SIZE, `${folder} 1`);
    await world.distribute(folder, ['north']);
  }
  await makeSnapshotFolder();
  agents = await world.addAgents('north', ['pc1', 'pc2']);
  for (const folder of folders) {
    const watch = watchFiles(world.cloud, agents, folder);
    watches.push(watch);
    await watch.allow(KEPT);
    await world.delivered(agents, folder, [KEPT]);
    good.set(folder, await world.cloud.digest(`/${folder}/${KEPT}`));
  }
  signer = createSigner(await signingKeyOf(world.server));
  const url = `mqtts://127.0.0.1:${world.server.mqttPort}`;
  broker = await connected(mqttClient(url, await consoleIdentity(world.server), { clientId: 'console-tamperer' }));

  // While both PCs are off, a second version is indexed and then tampered with.
  await Promise.all(agents.map((agent) => agent.process.stop()));
  for (const [index, folder] of folders.entries()) {
    await world.cloud.putGenerated(`/${folder}/${KEPT}`, SIZE, `${folder} 2`);
    await watches[index]?.allow(KEPT);
  }
  for (const folder of folders)
    await until(`${folder} is indexed again`, async () => (await seqOf(folder)) === 2, 60_000);
  await changeEntry('Entry', 1);
  await changeBlob('Segment', await newestSegment('Segment'));
  await changeBlob('Manifest', await manifestOf('Manifest', KEPT));
  await sql(world.server, `UPDATE "HeadRow" SET signature = $1 WHERE "folderId" = $2`, [
    Buffer.alloc(64, 7).toString('base64'),
    await world.folderId('Signature'),
  ]);
  // A console that starts publishes what the database says.
  await killPart(world.server, 'console');
  await works(world.server);
  await until('the changed head is at the broker', async () => {
    const head = await retainedHead('Signature');
    return head.signature === Buffer.alloc(64, 7).toString('base64');
  });
  agents = [await world.restart(agents[0]!), await world.restart(agents[1]!)];
});
afterAll(async () => {
  await broker?.endAsync(true);
  await world?.dispose();
});

describe('a changed entry', () => {
  test('is named by harp verify', async () => {
    const { code, result } = await verify('Entry');
    expect(code).toBe(3);
    expect(result).toMatchObject({ ok: false, firstBad: { seq: 1 } });
  });

  test('never reaches a PC: what the signed segment says does', async () => {
    await world.delivered(agents, 'Entry', [KEPT]);
    // Enough changes for the segments of entry 1 to be written anew from the rows.
    for (const version of [3, 4, 5]) {
      const before = await seqOf('Entry');
      await world.cloud.putGenerated(`/Entry/${KEPT}`, SIZE, `Entry ${version}`);
      await watches[0]?.allow(KEPT);
      await until(
        'the change is either delivered or refused where somebody sees it',
        async () =>
          (await isDelivered('Entry')) ||
          (await folderError('Entry')) !== null ||
          ((await seqOf('Entry')) > before && (await refusals('Entry')).length > 0),
        60_000,
      );
    }
    const { code } = await verify('Entry');
    expect(code).toBe(3);
  });
});

describe.each<{ folder: 'Segment' | 'Manifest'; codes: string[] }>([
  { folder: 'Segment', codes: ['blob.digest_mismatch', 'blob.absent'] },
  { folder: 'Manifest', codes: ['blob.digest_mismatch', 'blob.absent'] },
])('a changed blob: $folder', ({ folder, codes }) => {
  test('PCs keep the version they have, and nothing else shows', async () => {
    await staysGood(folder);
  });

  test('and say why', async () => {
    const refusal = await until('a refusal is stored', async () => (await refusals(folder))[0]);
    expect(codes).toContain(refusal.body.code);
  });

  test('harp verify ends with 3 and names the entry', async () => {
    const { code, result } = await verify(folder);
    expect(code).toBe(3);
    expect(result).toMatchObject({ ok: false, firstBad: { seq: expect.any(Number), code: 'blob.digest_mismatch' } });
  });

  test('once the blob is right again, the new version arrives', async () => {
    await restoreBlob(folder);
    await world.delivered(agents, folder, [KEPT], 120_000);
    expect(await verify(folder)).toMatchObject({ code: 0, result: { ok: true } });
  });
});

describe('a changed signature of the head', () => {
  test('PCs keep the version they have and say that the signature is wrong', async () => {
    const refusal = await until('a refusal is stored', async () => (await refusals('Signature'))[0]);
    expect(refusal).toMatchObject({ kind: 'chain.rejected', body: { code: 'chain.signature_invalid' } });
    await staysGood('Signature');
  });

  test('harp verify ends with 3 and says so', async () => {
    const { code, result } = await verify('Signature');
    expect(code).toBe(3);
    expect(result.firstBad?.code).toBe('chain.signature_invalid');
  });
});

describe('a changed snapshot', () => {
  test('a PC that would have to start from it starts nothing, and says why', async () => {
    const [row] = await sql(
      world.server,
      `SELECT b.id, b.bytes FROM "Blob" b JOIN "FolderBlob" f ON f."blobId" = b.id
       WHERE f."folderId" = $1 AND b.kind = 'snapshot'`,
      [await world.folderId('Snapshot')],
    );
    await changeBlob('Snapshot', row as { id: string; bytes: Buffer });
    await world.distribute('Snapshot', ['north']);
    const refusal = await until('a refusal is stored', async () => (await refusals('Snapshot'))[0], 60_000);
    expect(['blob.digest_mismatch', 'blob.absent']).toContain(refusal.body.code);
    for (const { filesDir } of agents) expect(existsSync(join(filesDir, 'Snapshot', 'stays.txt'))).toBe(false);
  });

  test('harp verify ends with 3 and names the entry after which it was taken', async () => {
    const { code, result } = await verify('Snapshot');
    expect(code).toBe(3);
    expect(result.firstBad?.seq).toBeGreaterThan(1024);
  });

  test('once it is right again, PCs start from it', async () => {
    await restoreBlob('Snapshot');
    await world.delivered(agents, 'Snapshot', ['stays.txt'], 120_000);
  });
});

describe('a head that somebody with the console’s certificate publishes', () => {
  const flipped = (signature: string) => {
    const bytes = Buffer.from(signature, 'base64');
    bytes[10]! ^= 1;
    return bytes.toString('base64');
  };
  const resigned = (head: Head, change: Partial<Head>): SignedText =>
    signer.sign('harp/head/v1', canonicalJson({ ...head, ...change }));
  const bogus = 'b'.repeat(64) as Head['link'];

  test.each<{ what: string; code: string; make(signed: SignedText, head: Head): SignedText | Promise<SignedText> }>([
    {
      what: 'with one bit of its signature changed',
      code: 'chain.signature_invalid',
      make: (signed) => ({ ...signed, signature: flipped(signed.signature) }),
    },
    {
      what: 'with its text changed after signing',
      code: 'chain.signature_invalid',
      make: (signed) => ({ ...signed, text: signed.text.replace(/"atMs":\d/, '"atMs":9') }),
    },
    {
      what: 'signed by a key nobody pinned',
      code: 'chain.signature_invalid',
      make: (signed) => createSigner(generateSigningKeyPem()).sign('harp/head/v1', signed.text),
    },
    {
      what: 'signed for another use',
      code: 'chain.signature_invalid',
      make: (signed) => signer.sign('harp/desired/v1', signed.text),
    },
    {
      what: 'signed for another folder',
      code: 'chain.signature_invalid',
      make: (_signed, head) => resigned(head, { folder: 'fld-aaaaaaaaaaaaaaaa' as FolderId }),
    },
    {
      what: 'older than one already followed',
      code: 'chain.rollback',
      make: (_signed, head) => resigned(head, { seq: 0, link: '0'.repeat(64) as Head['link'], segments: [] }),
    },
    {
      what: 'with another link for an entry already followed',
      code: 'chain.fork',
      make: (_signed, head) =>
        resigned(head, { link: bogus, segments: head.segments.map((segment) => ({ ...segment, link: bogus })) }),
    },
    {
      what: 'whose entries do not lead to the link it signs',
      code: 'chain.link_mismatch',
      make: async (_signed, head) => {
        const seq = head.seq + 1;
        const entry = Entry.parse({ v: 1, op: 'delete', seq, atMs: 1, path: KEPT });
        const bytes = Buffer.from(encodeSegment(head.folder, head.link, [entry]));
        const blob = blobIdOf(bytes, sha3);
        await sql(world.server, `INSERT INTO "Blob" (id, kind, bytes) VALUES ($1, 'segment', $2)`, [blob, bytes]);
        await sql(world.server, `INSERT INTO "FolderBlob" ("folderId", "blobId") VALUES ($1, $2)`, [head.folder, blob]);
        const segment = { from: seq, to: seq, previous: head.link, link: bogus, blob };
        return resigned(head, { seq, link: bogus, segments: [...head.segments, segment] });
      },
    },
  ])('$what is refused as $code', async ({ code, make }) => {
    await world.delivered(agents, 'Heads', [KEPT]);
    const seen = new Set((await refusals('Heads')).map(({ id }) => id));
    const signed = await retainedHead('Heads');
    await publishHead('Heads', await make(signed, Head.parse(JSON.parse(signed.text))));
    const refusal = await until('a refusal is stored', async () =>
      (await refusals('Heads')).find(({ id, body }) => !seen.has(id) && body.code === code),
    );
    expect(refusal).toMatchObject({ kind: 'chain.rejected', body: { code } });
    if (code === 'chain.link_mismatch') expect(refusal.body.seq).toBe(3);
    await publishHead('Heads', signed);
    expect(await isDelivered('Heads')).toBe(true);
  });

  test('after all that, a good head is followed', async () => {
    await world.cloud.putGenerated(`/Heads/${KEPT}`, SIZE, 'Heads 3');
    await watches[folders.indexOf('Heads')]?.allow(KEPT);
    await world.delivered(agents, 'Heads', [KEPT]);
  });
});

test('no file ever showed with content that the cloud did not hold', async () => {
  for (const watch of watches) await watch.stop();
});

async function folderOf(name: string) {
  const folder = (await world.status()).folders.find((each) => each.name === name);
  if (folder === undefined) throw new Error(`there is no folder ${name}`);
  return folder;
}
const seqOf = async (folder: string) => (await folderOf(folder)).seq;
const folderError = async (folder: string) => (await folderOf(folder)).error;

/** Events by which agents say that they do not follow. */
async function refusals(folder: string) {
  const { id } = await folderOf(folder);
  return (await world.events()).filter(
    ({ kind, folderId }) => folderId === id && (kind === 'chain.rejected' || kind === 'folder.blocked'),
  );
}

async function verify(folder: string) {
  const { code, stdout } = await world.server.harp('verify', folder, '--json');
  return { code, result: VerifyResult.parse(JSON.parse(stdout)) };
}

async function isDelivered(folder: string): Promise<boolean> {
  const wanted = await world.cloud.digest(`/${folder}/${KEPT}`);
  const digests = await Promise.all(agents.map(({ filesDir }) => sha256Of(join(filesDir, folder, KEPT))));
  return digests.every((digest) => digest === wanted);
}

/** Every PC holds the first version, and goes on holding it. */
async function staysGood(folder: string): Promise<void> {
  await stays(
    `${folder} is as it was`,
    async () => {
      const digests = await Promise.all(agents.map(({ filesDir }) => sha256Of(join(filesDir, folder, KEPT))));
      return digests.every((digest) => digest === good.get(folder));
    },
    1500,
  );
}

async function changeEntry(folder: string, seq: number): Promise<void> {
  await sql(
    world.server,
    `UPDATE "Entry" SET body = replace(body, '"size":${SIZE}', '"size":${SIZE + 1}') WHERE "folderId" = $1 AND seq = $2`,
    [await world.folderId(folder), seq],
  );
}

async function newestSegment(folder: string): Promise<{ id: string; bytes: Buffer }> {
  const [row] = await sql(
    world.server,
    `SELECT b.id, b.bytes FROM "SegmentRow" s JOIN "Blob" b ON b.id = s."blobId"
     WHERE s."folderId" = $1 ORDER BY s."toSeq" DESC LIMIT 1`,
    [await world.folderId(folder)],
  );
  return row as { id: string; bytes: Buffer };
}

async function manifestOf(folder: string, path: string): Promise<{ id: string; bytes: Buffer }> {
  const [row] = await sql(
    world.server,
    `SELECT b.id, b.bytes FROM "FileVersion" f JOIN "Blob" b ON b.id = f."manifestId"
     WHERE f."folderId" = $1 AND f.path = $2`,
    [await world.folderId(folder), path],
  );
  return row as { id: string; bytes: Buffer };
}

/** Changes one byte near the end, which leaves the form of every kind of blob as it was. */
async function changeBlob(folder: string, blob: { id: string; bytes: Buffer }): Promise<void> {
  original.set(folder, blob);
  const changed = Buffer.from(blob.bytes);
  const at = changed.length - 30;
  changed[at] = changed[at] === 0x31 ? 0x32 : 0x31;
  await sql(world.server, `UPDATE "Blob" SET bytes = $1 WHERE id = $2`, [changed, blob.id]);
}

async function restoreBlob(folder: string): Promise<void> {
  const blob = original.get(folder);
  await sql(world.server, `UPDATE "Blob" SET bytes = $1 WHERE id = $2`, [blob?.bytes, blob?.id]);
}

/** The head that the broker keeps for a folder. */
async function retainedHead(folder: string): Promise<SignedText> {
  const topic = topicFor(messages.head.topic, { folderId: await world.folderId(folder) });
  const arrived = new Promise<SignedText>((resolve) => {
    const listen = (from: string, payload: Buffer) => {
      if (from !== topic) return;
      broker.off('message', listen);
      resolve(SignedText.parse(JSON.parse(String(payload))));
    };
    broker.on('message', listen);
  });
  await broker.subscribeAsync(topic, { qos: 1 });
  const head = await arrived;
  await broker.unsubscribeAsync(topic);
  return head;
}

async function publishHead(folder: string, signed: SignedText): Promise<void> {
  const topic = topicFor(messages.head.topic, { folderId: await world.folderId(folder) });
  await broker.publishAsync(topic, JSON.stringify(signed), { qos: 1, retain: true });
}

/** A folder with few files and a long history, so that its head names a snapshot; no office has it yet. */
async function makeSnapshotFolder(): Promise<void> {
  const { cloud } = world;
  await cloud.putGenerated('/Snapshot/stays.txt', 100, 'stays');
  const names = Array.from({ length: 540 }, (_, index) => `/Snapshot/gone/${index}.txt`);
  for (let at = 0; at < names.length; at += 60) {
    const batch = names.slice(at, at + 60);
    await Promise.all(batch.map((path) => cloud.putGenerated(path, 20, path)));
  }
  await world.distribute('Snapshot', []);
  await world.indexed('Snapshot', names.length + 1);
  await cloud.control.call('remove', { user: cloud.user, path: '/Snapshot/gone' });
  await world.indexed('Snapshot', 1);
  const [row] = await sql(world.server, `SELECT "snapshotSeq" AS seq FROM "Folder" WHERE name = 'Snapshot'`);
  expect(row?.seq, 'a history of more than 1024 entries has a snapshot').toBeGreaterThan(1024);
}
