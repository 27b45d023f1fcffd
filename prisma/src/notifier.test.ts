import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { sql } from '../test/processes.ts';
import { createNotifier, type Notifier, reconnectDelayMs } from './notifier.ts';
import { createTestDatabase, type TestDatabase } from './test-db.ts';

let database: TestDatabase;
let notifier: Notifier;

beforeEach(async () => {
  database = await createTestDatabase({ empty: true });
  notifier = createNotifier(database.url, { random: () => 0 });
});

afterEach(async () => {
  await notifier.close();
  await database.drop();
});

/** Cuts the sessions that listen, as a server that restarts does. */
const cut = () =>
  sql(
    database.url,
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE datname = current_database() AND pid <> pg_backend_pid()`,
  );

test('a listener hears that listening is effective, then each payload of its own channel', async () => {
  const heard = vi.fn();
  const other = vi.fn();
  notifier.listen('harp_fleet', heard);
  notifier.listen('Other channel', other);
  await expect.poll(() => heard.mock.calls.length + other.mock.calls.length).toBe(2);
  await notifier.notify('harp_fleet', 'one');
  await notifier.notify('harp_fleet', '');
  await notifier.notify('Other channel', 'two');
  await expect.poll(() => other.mock.calls).toEqual([[''], ['two']]);
  expect(heard.mock.calls).toEqual([[''], ['one'], ['']]);
});

test('a disposed listener hears nothing, another one on the channel still does', async () => {
  const gone = vi.fn();
  const stays = vi.fn();
  const listening = notifier.listen('c', gone);
  notifier.listen('c', stays);
  await expect.poll(() => stays.mock.calls.length).toBe(1);
  listening[Symbol.dispose]();
  await notifier.notify('c', 'x');
  await expect.poll(() => stays.mock.calls).toEqual([[''], ['x']]);
  expect(gone.mock.calls).toEqual([['']]);
});

test('after the connection was lost every listener is called once, and hears what comes then', async () => {
  const heard = vi.fn();
  notifier.listen('c', heard);
  await expect.poll(() => heard.mock.calls).toEqual([['']]);
  await cut();
  await expect.poll(() => heard.mock.calls).toEqual([[''], ['']]);
  await notifier.notify('c', 'again').catch(() => notifier.notify('c', 'again'));
  await expect.poll(() => heard.mock.calls).toEqual([[''], [''], ['again']]);
});

test('it keeps trying while the database is away', async () => {
  const failures = vi.fn();
  const heard = vi.fn();
  const url = new URL(database.url);
  url.pathname = '/late';
  const early = createNotifier(url.href, { random: () => 0, logger: { info() {}, warn: failures } });
  try {
    early.listen('c', heard);
    await expect.poll(() => failures.mock.calls.length).toBeGreaterThan(1);
    await sql(database.url, 'CREATE DATABASE late');
    await expect.poll(() => heard.mock.calls, { timeout: 10_000 }).toEqual([['']]);
  } finally {
    await early.close();
    await sql(database.url, 'DROP DATABASE late');
  }
});

test('after close no listener is called, and no session is left', async () => {
  const heard = vi.fn();
  notifier.listen('c', heard);
  await expect.poll(() => heard.mock.calls.length).toBe(1);
  await notifier.close();
  await sql(database.url, "SELECT pg_notify('c', 'late')");
  expect(
    await sql(
      database.url,
      'SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
    ),
  ).toEqual([]);
  expect(heard.mock.calls).toEqual([['']]);
  expect(() => notifier.listen('c', heard)).toThrow('closed');
});

test('closing does not wait for a server that is not there', async () => {
  const nowhere = createNotifier('postgresql://u:p@127.0.0.1:1/x');
  nowhere.listen('c', () => {});
  await nowhere.close();
});

test('delays grow, never beyond ten seconds, and differ by chance', () => {
  fc.assert(
    fc.property(fc.nat(60), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (failures, random) => {
      const waited = reconnectDelayMs(failures, random);
      expect(waited).toBeGreaterThanOrEqual(50);
      expect(waited).toBeLessThanOrEqual(10_000);
      expect(reconnectDelayMs(failures + 1, random)).toBeGreaterThanOrEqual(waited);
    }),
  );
});
