import { expect, test } from 'vitest';
import { serverHarness } from './testing/server-harness.ts';
test('10k', { timeout: 300_000 }, async () => {
  await using s = await serverHarness();
  const db = s.database;
  await db.nextcloud.create({ data: { id: 'n', name: 'm', url: 'http://x', userName: 'u', passwordSealed: 'x' } });
  await db.$executeRaw`INSERT INTO "Office" ("id","name","subnets") SELECT 'off-'||i, 'office '||i, ARRAY['10.0.0.0/8'] FROM generate_series(1,200) i`;
  await db.$executeRaw`INSERT INTO "Folder" ("id","name","nextcloudId","path","link","seq") SELECT 'fld-'||repeat(chr(96+i),16), 'f'||i, 'n', '/f'||i, repeat('0',64), 100 FROM generate_series(1,5) i`;
  await db.$executeRaw`INSERT INTO "FolderOffice" ("folderId","officeId") SELECT f.id,o.id FROM "Folder" f, "Office" o`;
  await db.$executeRaw`INSERT INTO "Agent" ("id","officeId","hostname","platform","version","certificateSerial","certificateEndsAt","online","reported","reportedAt","lastSeenAt")
   SELECT lpad(translate(i::text,'0189','abcd'),52,'a'), 'off-'||(1+i%200), 'pc-'||i,'linux','0.1','x',now(), i%3>0, jsonb_build_object('addresses', jsonb_build_array('10.0.0.1:7000'), 'peers', (select jsonb_agg(repeat('a',52)) from generate_series(1,49)), 'folders', (select jsonb_agg(jsonb_build_object('id', id,'seq',100,'state','complete','filesTotal',1000,'filesDone',1000,'bytesTotal',1000000,'bytesDone',1000000,'link',repeat('0',64))) from "Folder")), now(), now() FROM generate_series(1,10000) i`;
  await db.$executeRaw`INSERT INTO "Entry" ("folderId","seq","body","link","path") SELECT f.id, i, '{"size":500}', repeat('0',64), 'p'||i FROM "Folder" f, generate_series(1,100) i`;
  await db.$executeRaw`INSERT INTO "Delivery" ("agentId","folderId","seq","at","fromPeers","fromOrigin","fromLocal","tookMs") SELECT a.id, 'fld-'||repeat('a',16), i, ${new Date(s.clock.nowMs())}::timestamp - (i * 100 || ' second')::interval, 10,10,0,5 FROM "Agent" a, generate_series(1,50) i`;
  await db.$executeRaw`INSERT INTO "SampleMinute" ("agentId","folderId","at","fromPeers","fromOrigin","fromLocal","served","wasted") SELECT a.id, 'fld-'||repeat('a',16), ${new Date(s.clock.nowMs())}::timestamp - (i || ' minute')::interval, 10,10,0,5,0 FROM "Agent" a, generate_series(1,60) i`;
  await db.rollupMark.create({ data: { name: 'minute', at: new Date(s.clock.nowMs()) } });
  await db.$executeRaw`ANALYZE`;
  for (const p of ['/status','/offices', '/agents', '/agents?limit=1000', '/agents?office=off-7', '/folders', `/folders/fld-${'a'.repeat(16)}`, `/folders/fld-${'a'.repeat(16)}?agents=0`, '/transfers', '/transfers?office=off-7', '/traffic', '/traffic?office=off-7', '/events']) {
    const times: number[] = []; let size = 0;
    for (let i = 0; i < 3; i++) { const t = performance.now(); const r = await s.call('GET', p); expect(r.status, JSON.stringify(r.body)).toBe(200); times.push(Math.round(performance.now() - t)); size = JSON.stringify(r.body).length; }
    console.log(p, times, size);
  }
});
