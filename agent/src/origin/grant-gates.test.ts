import { type Desired, type FolderId, HarpError, isHarpError, type OriginGrant } from '@harp/broker/protocol';
import { expect, test } from 'vitest';
import { fakeClock } from '../../test/fakes/fake-clock.ts';
import { memoryOutbox } from '../../test/fakes/net-stores.ts';
import { silentLog } from '../../test/fakes/silent-log.ts';
import { createGrantGates } from './grant-gates.ts';
import { grantFingerprint } from './share-request.ts';

const folder = 'fld-aaaaaaaaaaaaaaaa' as FolderId;
const MINUTE_MS = 60_000;
const grantOf = (token: string): OriginGrant => ({
  kind: 'nextcloud-share',
  url: 'https://nc',
  dialect: 'public-webdav',
  token,
});
const one = grantFingerprint(grantOf('one'));

function gatesWith(token = 'one') {
  const clock = fakeClock();
  const outbox = memoryOutbox();
  const gates = createGrantGates({ clock, outbox, logger: silentLog });
  const configure = (next: string) =>
    gates.configure({
      folders: [
        {
          id: folder,
          name: 'x',
          origin: grantOf(next),
        },
      ],
    } as unknown as Desired);
  configure(token);
  const closed = () => {
    try {
      gates.check(folder);
      return undefined;
    } catch (error) {
      return isHarpError(error) ? error.code : error;
    }
  };
  return { clock, outbox, gates, configure, closed };
}

test('a refused grant stays closed until another one comes, and both are reported', async () => {
  const { clock, outbox, gates, configure, closed } = gatesWith();
  gates.failed(folder, one, new HarpError('origin.unauthorised', 'no'));
  await clock.advance(24 * 60 * MINUTE_MS);
  configure('one');
  expect(closed()).toBe('origin.unauthorised');
  configure('two');
  expect(closed()).toBeUndefined();
  expect(outbox.events.map(({ kind }) => kind)).toEqual(['folder.blocked', 'folder.unblocked']);
});

test('that an old link was refused, known when the new one is in use, closes and reports nothing', () => {
  const { outbox, gates, configure, closed } = gatesWith();
  configure('two');
  gates.failed(folder, one, new HarpError('origin.unauthorised', 'no'));
  expect(closed()).toBeUndefined();
  expect(outbox.events).toEqual([]);
});

test.each([
  { facts: {}, minutes: 30 },
  { facts: { retryAfterMs: 5 * MINUTE_MS }, minutes: 5 },
])('a blocked network asks nothing for $minutes minutes', async ({ facts, minutes }) => {
  const { clock, gates, closed } = gatesWith();
  gates.failed(folder, one, new HarpError('origin.throttled', 'wait', { facts }));
  await clock.advance(minutes * MINUTE_MS - 1);
  expect(closed()).toBe('origin.throttled');
  await clock.advance(1);
  expect(closed()).toBeUndefined();
});

test('what one agent learnt closes the gate of another with the same grant only', () => {
  const first = gatesWith();
  first.gates.failed(folder, one, new HarpError('origin.unauthorised', 'no'));
  const hint = first.gates.hint(folder)!;
  expect(hint).not.toContain('one');

  const same = gatesWith();
  same.gates.learn(folder, hint);
  expect(same.closed()).toBe('origin.unauthorised');
  expect(same.outbox.events).toEqual([]);

  const newer = gatesWith('two');
  newer.gates.learn(folder, hint);
  newer.gates.learn(folder, 'rubbish');
  expect(newer.closed()).toBeUndefined();
});
