import { expect, onTestFinished, test } from 'vitest';
import {
  generateKeyPem,
  makeCrossCertificate,
  makeRootCertificate,
} from '../../../broker/src/enrolment/certificates.ts';
import { fakeClock } from '../../test/fakes/fake-clock.ts';
import { silentLog } from '../../test/fakes/silent-log.ts';
import { startTestGateway, type TestGatewayOptions } from '../../test/fixtures/gateway.ts';
import { createTestCa } from '../../test/fixtures/pki.ts';
import { tempFolder } from '../../test/fixtures/temp-folder.ts';
import { stateLayout } from '../state/layout.ts';
import { systemClock } from '../system.ts';
import { enrol } from './enrol.ts';
import { readIdentity } from './identity-files.ts';
import { agreeOnRoots, keepTrust } from './keep-trust.ts';
import { createLiveIdentity } from './renew.ts';
import { adoptRoots, fingerprintsIn, type OfferedRoots } from './roots.ts';

async function root() {
  const key = generateKeyPem();
  return { key, certificate: await makeRootCertificate(key, Date.now()) };
}

async function enrolled(options: TestGatewayOptions = {}) {
  const gateway = await startTestGateway(options);
  onTestFinished(() => gateway.close());
  const layout = stateLayout(await tempFolder());
  const host = { hostname: 'pc', platform: 'linux', version: '1' };
  await enrol(gateway.token, { layout, clock: systemClock, host }, AbortSignal.timeout(5_000));
  const stored = await readIdentity(layout);
  if (stored === undefined) throw new Error('not stored');
  const identity = createLiveIdentity(stored, layout);
  return { gateway, layout, identity, deps: { identity, clock: systemClock, log: silentLog, random: () => 0.5 } };
}

test('a root is trusted only if one that is trusted vouches for its very key', async () => {
  const [present, next, rogue] = [await root(), await root(), await root()];
  const both = `${present.certificate}\n${next.certificate}`;
  const adopted = (trusted: string, offered: OfferedRoots) => fingerprintsIn(adoptRoots(trusted, offered));
  const prints = { alone: fingerprintsIn(present.certificate), both: fingerprintsIn(both) };
  const cross = await makeCrossCertificate(next, present);
  expect(adopted(present.certificate, { ca: both, cross })).toEqual(prints.both);
  // Without the voucher, with another's, and with one that a stranger wrote.
  const alone = present.certificate;
  expect(adopted(alone, { ca: both })).toEqual(prints.alone);
  expect(adopted(alone, { ca: `${alone}\n${rogue.certificate}`, cross })).toEqual(prints.alone);
  expect(adopted(alone, { ca: both, cross: await makeCrossCertificate(next, rogue) })).toEqual(prints.alone);
  expect(() => adoptRoots(alone, { ca: rogue.certificate })).toThrow(
    expect.objectContaining({ code: 'enrolment.ca_mismatch' }),
  );
  // A voucher is no root itself.
  expect(adopted(alone, { ca: `${alone}\n${cross}`, cross })).toEqual(prints.alone);
  expect(adopted(both, { ca: next.certificate })).toEqual(fingerprintsIn(next.certificate));
});

test('what the server says is stored, and confirmed at once', async () => {
  const ca = await createTestCa();
  const { gateway, layout, identity, deps } = await enrolled({ ca });
  const next = await root();
  gateway.tell = { ca: `${ca.pem}\n${next.certificate}`, cross: await ca.vouchFor(next.certificate), renew: false };
  await agreeOnRoots(deps, AbortSignal.timeout(5_000));
  expect(gateway.trusts.map(({ roots }) => roots.length)).toEqual([1, 2]);
  expect(fingerprintsIn(identity.tls().ca)).toEqual(gateway.trusts[1]?.roots);
  expect((await readIdentity(layout))?.tls.ca).toBe(identity.tls().ca);
});

test('a root that nobody vouches for is not stored, and the agent stays who it is', async () => {
  const { gateway, layout, deps } = await enrolled();
  const before = await readIdentity(layout);
  gateway.tell = { ca: (await root()).certificate, renew: false };
  await expect(agreeOnRoots(deps, AbortSignal.timeout(5_000))).rejects.toMatchObject({ code: 'enrolment.ca_mismatch' });
  expect(await readIdentity(layout)).toEqual(before);
});

test('a certificate whose root is on its way out is renewed without waiting for half of its life', async () => {
  const { gateway, identity, deps } = await enrolled();
  const before = identity.tls().certificate;
  gateway.tell = { ...gateway.tell, renew: true };
  await agreeOnRoots(deps, AbortSignal.timeout(5_000));
  expect(gateway.renewals).toHaveLength(1);
  expect(identity.tls().certificate).not.toBe(before);
  expect(gateway.trusts).toHaveLength(2);
});

test('it is asked at the start and then about once an hour, also after a failure', async () => {
  const { gateway, deps } = await enrolled();
  const clock = fakeClock(Date.now());
  const stop = new AbortController();
  const asked = async (times: number) => {
    while (gateway.trusts.length < times) await new Promise((resolve) => setImmediate(resolve));
  };
  gateway.tell = { ca: (await root()).certificate, renew: false };
  const running = keepTrust({ ...deps, clock }, stop.signal);
  await asked(1);
  // The first answer was refused; the next is good.
  gateway.tell = { ca: gateway.ca.pem, renew: false };
  while (gateway.trusts.length < 2) await clock.advance(60_000);
  const askedAgainMs = clock.nowMs();
  while (gateway.trusts.length < 3) await clock.advance(60_000);
  expect(clock.nowMs() - askedAgainMs).toBeGreaterThanOrEqual(3_500_000);
  stop.abort();
  await running;
});
