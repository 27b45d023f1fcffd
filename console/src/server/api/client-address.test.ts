import fc from 'fast-check';
import { expect, test } from 'vitest';
import { clientAddress } from './client-address.ts';

const proxies = ['10.0.0.0/24', 'fd00::/64'];

test.each<{ what: string; peer: string | undefined; forwarded?: string; trusted?: string[]; address: string }>([
  { what: 'nobody is trusted by default', peer: '10.0.0.1', forwarded: '192.0.2.7', trusted: [], address: '10.0.0.1' },
  { what: 'a stranger’s header is not read', peer: '203.0.113.1', forwarded: '192.0.2.7', address: '203.0.113.1' },
  { what: 'a proxy’s is', peer: '10.0.0.1', forwarded: '192.0.2.7', address: '192.0.2.7' },
  {
    what: 'what the client wrote before is not',
    peer: '10.0.0.1',
    forwarded: '1.1.1.1, 192.0.2.7',
    address: '192.0.2.7',
  },
  {
    what: 'nor when it names a proxy',
    peer: '10.0.0.1',
    forwarded: '10.0.0.9, 192.0.2.7, 10.0.0.2',
    address: '192.0.2.7',
  },
  { what: 'two proxies', peer: '10.0.0.1', forwarded: '192.0.2.7,10.0.0.2', address: '192.0.2.7' },
  { what: 'a proxy that asks itself', peer: '10.0.0.1', address: '10.0.0.1' },
  { what: 'proxies only', peer: '10.0.0.1', forwarded: '10.0.0.3, 10.0.0.2', address: '10.0.0.3' },
  { what: 'what is no address is not followed', peer: '10.0.0.1', forwarded: '192.0.2.7, hello', address: '10.0.0.1' },
  { what: 'nor is `unknown`', peer: '10.0.0.1', forwarded: '192.0.2.7, unknown, 10.0.0.2', address: '10.0.0.2' },
  { what: 'an empty header', peer: '10.0.0.1', forwarded: '', address: '10.0.0.1' },
  { what: 'IPv4 with a port', peer: '10.0.0.1', forwarded: '192.0.2.7:51000', address: '192.0.2.7' },
  { what: 'IPv6 with a port', peer: '10.0.0.1', forwarded: '[2001:db8::7]:51000', address: '2001:db8::7' },
  { what: 'IPv6', peer: 'fd00::1', forwarded: '2001:db8::7', address: '2001:db8::7' },
  { what: 'a proxy on a socket for both', peer: '::ffff:10.0.0.1', forwarded: '192.0.2.7', address: '192.0.2.7' },
  { what: 'a client on a socket for both', peer: '::ffff:192.0.2.7', address: '192.0.2.7' },
  { what: 'a connection that is gone', peer: undefined, forwarded: '192.0.2.7', address: 'unknown' },
])('$what: $address', ({ peer, forwarded, trusted = proxies, address }) =>
  expect(clientAddress(peer, forwarded, trusted)).toBe(address),
);

test('whatever a client writes, its address is what the proxy heard', () => {
  fc.assert(
    fc.property(fc.string(), fc.ipV4(), (written, heard) => {
      fc.pre(!heard.startsWith('10.0.0.'));
      expect(clientAddress('10.0.0.1', `${written}, ${heard}`, proxies)).toBe(heard);
    }),
  );
});
