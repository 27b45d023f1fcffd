import { expect, test } from 'vitest';
import { readEnv } from './env.ts';

test.each([
  { given: undefined, networks: [] },
  { given: '', networks: [] },
  { given: '127.0.0.1', networks: ['127.0.0.1/32'] },
  { given: ' 10.0.0.0/24 , ::1,', networks: ['10.0.0.0/24', '::1/128'] },
])('HARP_TRUSTED_PROXIES=$given: $networks', ({ given, networks }) =>
  expect(readEnv({ NODE_ENV: 'test', HARP_TRUSTED_PROXIES: given }).trustedProxies).toEqual(networks),
);

test.each(['proxy', '10.0.0.0/33', '10.0.0', '*', '127.0.0.1 10.0.0.1'])('%s names no proxies', (given) =>
  expect(() => readEnv({ NODE_ENV: 'test', HARP_TRUSTED_PROXIES: given })).toThrow('HARP_TRUSTED_PROXIES'),
);
