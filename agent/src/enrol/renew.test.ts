import { X509Certificate } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { fakeClock } from '../../test/fakes/fake-clock.ts';
import { silentLog } from '../../test/fakes/silent-log.ts';
import { startTestGateway } from '../../test/fixtures/gateway.ts';
import { tempFolder } from '../../test/fixtures/temp-folder.ts';
import { stateLayout } from '../state/layout.ts';
import { systemClock } from '../system.ts';
import { enrol } from './enrol.ts';
import { lifeOf, readIdentity } from './identity-files.ts';
import { createLiveIdentity, keepRenewed, renew } from './renew.ts';

const DAY_MS = 86_400_000;

async function enrolled() {
  const gateway = await startTestGateway();
  onTestFinished(() => gateway.close());
  const layout = stateLayout(await tempFolder());
  const host = { hostname: 'pc', platform: 'linux', version: '1' };
  await enrol(gateway.token, { layout, clock: systemClock, host }, AbortSignal.timeout(5_000));
  const stored = await readIdentity(layout);
  if (stored === undefined) throw new Error('not stored');
  return { gateway, layout, identity: createLiveIdentity(stored, layout) };
}

test('a renewal is asked for with the old certificate, keeps the key and is stored before it is used', async () => {
  const { gateway, layout, identity } = await enrolled();
  const before = new X509Certificate(identity.tls().certificate);
  let seen: string | undefined;
  identity.onDidChange(() => {
    seen = identity.tls().certificate;
  });
  await renew(identity, AbortSignal.timeout(5_000));
  expect(gateway.renewals.map(({ by }) => by)).toEqual([identity.agent]);
  const after = new X509Certificate(identity.tls().certificate);
  expect(after.serialNumber).not.toBe(before.serialNumber);
  expect(after.publicKey.equals(before.publicKey)).toBe(true);
  expect(seen).toBe(identity.tls().certificate);
  expect((await readIdentity(layout))?.tls.certificate).toBe(seen);
});

test('a certificate is left alone until half of its life is over, then replaced once', async () => {
  const { gateway, identity } = await enrolled();
  const clock = fakeClock(Date.now());
  const stop = new AbortController();
  const renewed = new Promise<void>((resolve) => identity.onDidChange(resolve));
  const running = keepRenewed({ identity, clock, log: silentLog, random: () => 0.5 }, stop.signal);
  await clock.advance(44 * DAY_MS);
  expect(gateway.renewals).toHaveLength(0);
  await clock.advance(DAY_MS);
  await renewed;
  expect(gateway.renewals).toHaveLength(1);
  stop.abort();
  await running;
});

test('a renewal that fails is tried again, and the old certificate stays in use', async () => {
  const { gateway, identity } = await enrolled();
  await gateway.close();
  const before = identity.tls().certificate;
  const clock = fakeClock(lifeOf(before).toMs - 3_600_000);
  const stop = new AbortController();
  const failures: object[] = [];
  const failed = new Promise<void>((resolve) => {
    const log = {
      ...silentLog,
      warn: (facts: object) => {
        failures.push(facts);
        if (failures.length === 2) resolve();
      },
    };
    void keepRenewed({ identity, clock, log, random: () => 0.5 }, stop.signal);
  });
  while (failures.length < 2) await clock.advance(60_000);
  await failed;
  // The clock may have gone past a third one before the first was looked at.
  expect(failures.slice(0, 2)).toMatchObject([{ code: 'gateway.unreachable' }, { code: 'gateway.unreachable' }]);
  expect(identity.tls().certificate).toBe(before);
  stop.abort();
});
