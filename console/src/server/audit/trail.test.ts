import { AuditEntry, auditRows, GENESIS_LINK } from '@harp/broker/protocol';
import { createSigner, generateSigningKeyPem, sha3 } from '@harp/broker/protocol/node';
import { createPrisma, type PrismaClient } from '@harp/prisma';
import { createTestDatabase, type TestDatabase } from '@harp/prisma/test-db';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { silentLogger } from '../ports.ts';
import { fakeClock } from '../testing/fake-clock.ts';
import { memoryAnchor } from './head-anchor.ts';
import { type AuditedChange, type AuditTrail, createAuditTrail, systemOrigin } from './trail.ts';
import { verifyAudit } from './verify.ts';

const signer = createSigner(generateSigningKeyPem());
const clock = fakeClock();
let testDatabase: TestDatabase;
let database: PrismaClient;
let anchor: ReturnType<typeof memoryAnchor>;
let trail: AuditTrail;
let announced: number;
let complaints: string[];

const trailWith = (by: PrismaClient) =>
  createAuditTrail({
    database: by,
    signer,
    anchor,
    clock,
    logger: { ...silentLogger, error: (_facts, message) => void complaints.push(message) },
    onEntries: () => {
      announced += 1;
    },
  });

beforeEach(async () => {
  testDatabase = await createTestDatabase();
  database = createPrisma(testDatabase.url, { poolSize: 8 });
  anchor = memoryAnchor();
  announced = 0;
  complaints = [];
  trail = trailWith(database);
});
afterEach(async () => {
  await database.$disconnect();
  await testDatabase.drop();
});

const change = (name: string): AuditedChange => ({
  action: 'office.update',
  object: { kind: 'office', id: name, name },
  office: name,
  before: { region: null },
  after: { region: name },
});
/** `count` changes in one transaction. */
const write = (count: number, name = 'north') =>
  trail.change(systemOrigin, async (_tx, record) => {
    for (let i = 0; i < count; i++) record.add(change(`${name}${i}`));
  });
const verify = () => verifyAudit({ database, keys: [signer.key], anchor });
const state = () => database.auditState.findUniqueOrThrow({ where: { id: 1 } });

/** As somebody does who owns the database. */
async function tamper(...statements: string[]): Promise<void> {
  await database.$transaction(async (tx) => {
    await tx.$executeRawUnsafe('SET LOCAL session_replication_role = replica');
    for (const statement of statements) await tx.$executeRawUnsafe(statement);
  });
}

describe('a change', () => {
  test('and its entries are one transaction: both or neither', async () => {
    const made = trail.change(systemOrigin, async (tx, record) => {
      await tx.setting.create({ data: { key: 'a', value: 1 } });
      record.add(change('a'));
      throw new Error('no');
    });
    await expect(made).rejects.toThrow('no');
    expect([await database.setting.count(), await database.auditEntry.count(), (await state()).seq]).toEqual([0, 0, 0]);
    await trail.change(systemOrigin, async (tx, record) => {
      await tx.setting.create({ data: { key: 'a', value: 1 } });
      record.add(change('a'));
    });
    expect([await database.setting.count(), await database.auditEntry.count(), (await state()).seq]).toEqual([1, 1, 1]);
    expect(announced).toBe(1);
  });

  test('that records nothing is undone, unless there was nothing to do', async () => {
    const forgotten = trail.change(systemOrigin, async (tx) => {
      await tx.setting.create({ data: { key: 'a', value: 1 } });
    });
    await expect(forgotten).rejects.toMatchObject({ code: 'internal.unexpected' });
    expect(await database.setting.count()).toBe(0);
    await trail.change(systemOrigin, async (_tx, record) => record.nothing());
    expect([await database.auditEntry.count(), announced]).toEqual([0, 0]);
  });

  test('whose entry cannot be written is undone', async () => {
    const wrong = trail.change(systemOrigin, async (tx, record) => {
      await tx.setting.create({ data: { key: 'a', value: 1 } });
      record.add({ action: 'Not an action' as 'a.b', object: { kind: 'office', id: 'x', name: 'x' } });
    });
    await expect(wrong).rejects.toThrow();
    expect(await database.setting.count()).toBe(0);
  });

  test('beside others, some of which fail: one order, no gap, nothing lost', async () => {
    const other = createPrisma(testDatabase.url, { poolSize: 8 });
    const trails = [trail, trailWith(other)];
    let expected = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ entries: fc.integer({ min: 0, max: 5 }), fails: fc.boolean() }), {
          minLength: 2,
          maxLength: 16,
        }),
        async (writers) => {
          const outcomes = await Promise.allSettled(
            writers.map(({ entries, fails }, index) =>
              trails[index % 2]!.change(systemOrigin, async (tx, record) => {
                await tx.$queryRaw`SELECT 1`;
                for (let i = 0; i < entries; i++) record.add(change(`${index}`));
                if (entries === 0) record.nothing();
                if (fails) throw new Error('undone');
              }),
            ),
          );
          expect(outcomes.map(({ status }) => status)).toEqual(
            writers.map(({ fails }) => (fails ? 'rejected' : 'fulfilled')),
          );
          expected += writers.reduce((sum, { entries, fails }) => sum + (fails ? 0 : entries), 0);
          const rows = await database.auditEntry.findMany({ orderBy: { seq: 'asc' }, select: { seq: true } });
          expect(rows.map(({ seq }) => seq)).toEqual(Array.from({ length: expected }, (_, index) => index + 1));
          expect(await verify()).toMatchObject({ ok: true, entries: expected });
        },
      ),
      { numRuns: 12 },
    );
    await other.$disconnect();
  }, 60_000);
});

describe('the signature', () => {
  test('comes after 64 entries, and at the end', async () => {
    await write(63);
    expect((await state()).signedSeq).toBe(0);
    await write(1);
    expect((await state()).signedSeq).toBe(64);
    await write(10);
    expect(await verify()).toMatchObject({ ok: true, entries: 74, signedSeq: 64, heads: 1 });
    await trail.sign();
    await trail.sign();
    expect(await verify()).toMatchObject({ ok: true, entries: 74, signedSeq: 74, heads: 2 });
    expect(JSON.parse(anchor.kept?.text ?? '')).toMatchObject({ seq: 74 });
  });

  test('is never put under what somebody slipped in', async () => {
    await write(70);
    await trail.sign();
    await write(5);
    await tamper(`UPDATE "AuditEntry" SET "body" = replace("body", 'north3', 'south3') WHERE "seq" = 74`);
    await trail.sign();
    expect((await state()).signedSeq).toBe(70);
    expect(complaints).toEqual([expect.stringContaining('harp verify audit')]);
    // Work goes on all the same.
    await write(200);
    expect((await state()).signedSeq).toBe(70);
    expect(await verify()).toMatchObject({ ok: false, firstBad: { seq: 74 } });
  });
});

describe('a verification finds', () => {
  beforeEach(async () => {
    await write(64);
    await write(64);
    await write(10);
  });

  test('nothing in a log that nobody touched', async () => {
    expect(await verify()).toEqual({ ok: true, entries: 138, signedSeq: 128, heads: 2, firstBad: null });
  });

  test.each<{ name: string; statements: string[]; found: object }>([
    {
      name: 'a changed entry',
      statements: [`UPDATE "AuditEntry" SET "body" = replace("body", '"region":"', '"region":"x') WHERE "seq" = 70`],
      found: { seq: 70, code: 'chain.link_mismatch' },
    },
    {
      name: 'a removed entry',
      statements: [`DELETE FROM "AuditEntry" WHERE "seq" = 70`],
      found: { seq: 70, code: 'chain.sequence_gap' },
    },
    {
      name: 'a removed first entry',
      statements: [`DELETE FROM "AuditEntry" WHERE "seq" = 1`],
      found: { seq: 1, code: 'chain.sequence_gap' },
    },
    {
      name: 'two entries in each other’s place',
      statements: [
        `UPDATE "AuditEntry" SET "seq" = -1 WHERE "seq" = 70`,
        `UPDATE "AuditEntry" SET "seq" = 70 WHERE "seq" = 71`,
        `UPDATE "AuditEntry" SET "seq" = 71 WHERE "seq" = -1`,
      ],
      found: { seq: 70, code: 'chain.malformed' },
    },
    {
      name: 'an entry before the first',
      statements: [
        `INSERT INTO "AuditEntry" SELECT -5, "at", "actorKind", "actorId", "actorName", "action", "objectKind", "objectId", "objectName", "officeId", "requestId", "body", "link" FROM "AuditEntry" WHERE "seq" = 1`,
      ],
      found: { seq: 1, code: 'chain.sequence_gap' },
    },
    {
      name: 'an end that was cut off',
      statements: [`DELETE FROM "AuditEntry" WHERE "seq" > 135`],
      found: { seq: 136, toSeq: 138, code: 'chain.sequence_gap' },
    },
    {
      name: 'an end that was cut off with the row that writers continue from',
      statements: [
        `DELETE FROM "AuditEntry" WHERE "seq" > 100`,
        `UPDATE "AuditState" SET "seq" = 100, "signedSeq" = 64, "link" = (SELECT "link" FROM "AuditEntry" WHERE "seq" = 100)`,
      ],
      found: { seq: 101, toSeq: 128, code: 'chain.sequence_gap' },
    },
    {
      name: 'an end that was cut off with everything the database knows of it, by the file beside it',
      statements: [
        `DELETE FROM "AuditEntry" WHERE "seq" > 100`,
        `DELETE FROM "AuditHead" WHERE "seq" > 100`,
        `UPDATE "AuditState" SET "seq" = 100, "signedSeq" = 64, "link" = (SELECT "link" FROM "AuditEntry" WHERE "seq" = 100)`,
      ],
      found: { seq: 101, toSeq: 128, code: 'chain.sequence_gap' },
    },
    {
      name: 'a column that says otherwise',
      statements: [`UPDATE "AuditEntry" SET "actorName" = 'eve' WHERE "seq" = 70`],
      found: { seq: 70, code: 'chain.malformed' },
    },
    {
      name: 'a head that was signed by nobody we know',
      statements: [`UPDATE "AuditHead" SET "signature" = 'AAAA' WHERE "seq" = 64`],
      found: { seq: 64, code: 'chain.signature_invalid' },
    },
    {
      name: 'an entry that the server did not write',
      statements: [
        `INSERT INTO "AuditEntry" SELECT 139, "at", "actorKind", "actorId", "actorName", "action", "objectKind", "objectId", "objectName", "officeId", "requestId", "body", "link" FROM "AuditEntry" WHERE "seq" = 138`,
      ],
      found: { seq: 139 },
    },
  ])('$name', async ({ statements, found }) => {
    await tamper(...statements);
    expect(await verify()).toMatchObject({ ok: false, firstBad: found });
  });

  test('a log that was made anew from a changed entry on, and between which signed places', async () => {
    const rows = await database.auditEntry.findMany({ orderBy: { seq: 'asc' } });
    const entries = rows.map(({ body }) => AuditEntry.parse(JSON.parse(body)));
    const forged = auditRows(entries.with(69, { ...entries[69]!, atMs: entries[69]!.atMs + 1 }), GENESIS_LINK, sha3);
    await tamper(
      ...forged.map(
        ({ seq, body, link }) => `UPDATE "AuditEntry" SET "body" = '${body}', "link" = '${link}' WHERE "seq" = ${seq}`,
      ),
      `UPDATE "AuditEntry" SET "at" = "at" + interval '1 ms' WHERE "seq" = 70`,
      `UPDATE "AuditState" SET "link" = '${forged.at(-1)?.link}'`,
    );
    expect(await verify()).toMatchObject({
      ok: false,
      firstBad: { seq: 65, toSeq: 128, code: 'chain.link_mismatch' },
    });
  });
});

test('the database itself refuses to change or to forget an entry', async () => {
  await write(64);
  for (const statement of [
    `UPDATE "AuditEntry" SET "actorName" = 'eve'`,
    'DELETE FROM "AuditEntry"',
    'TRUNCATE "AuditEntry"',
    'DELETE FROM "AuditHead"',
    `UPDATE "AuditHead" SET "seq" = 1`,
  ])
    await expect(database.$executeRawUnsafe(statement)).rejects.toThrow(/only ever added to/);
  expect(await verify()).toMatchObject({ ok: true, entries: 64 });
});
