import { describe, expect, test } from 'vitest';
import { fakeClock } from '../../test/fake-clock.ts';
import { createFailureLimit } from './failure-limit.ts';

describe('failure limit', () => {
  test.each([
    { name: 'the same IPv4 address', a: '192.0.2.1', b: '192.0.2.1', together: true },
    { name: 'neighbouring IPv4 addresses', a: '192.0.2.1', b: '192.0.2.2', together: false },
    { name: 'one IPv6 site', a: '2001:db8:1:2::5', b: '2001:db8:1:2:ffff:1:2:3', together: true },
    { name: 'one IPv6 site, written shorter', a: '2001:db8::1', b: '2001:db8:0:0:9::', together: true },
    { name: 'two IPv6 sites', a: '2001:db8:1:2::5', b: '2001:db8:1:3::5', together: false },
    { name: 'IPv4, written as IPv6', a: '192.0.2.1', b: '::ffff:192.0.2.1', together: true },
    { name: 'an address with a zone', a: 'fe80::1%eth0', b: 'fe80::2%eth1', together: true },
  ])('$name counted together: $together', ({ a, b, together }) => {
    const limit = createFailureLimit(fakeClock());
    for (let i = 0; i < 20; i++) limit.failed(a);
    expect(limit.waitSeconds(b) > 0).toBe(together);
  });

  test('the twentieth failure closes the door until the minute is over', async () => {
    const clock = fakeClock();
    const limit = createFailureLimit(clock);
    for (let i = 0; i < 19; i++) limit.failed('192.0.2.1');
    expect(limit.waitSeconds('192.0.2.1')).toBe(0);
    await clock.advance(20_000);
    limit.failed('192.0.2.1');
    expect(limit.waitSeconds('192.0.2.1')).toBe(40);
    await clock.advance(40_000);
    expect(limit.waitSeconds('192.0.2.1')).toBe(0);
  });
});
