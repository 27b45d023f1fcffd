/** IP addresses and networks, in browsers too. */

/** An address as bytes: 4 of IPv4, 16 of IPv6. IPv4 written as IPv6 (`::ffff:10.0.0.1`) is IPv4. Undefined if `text` is no address. */
export function addressBytes(text: string): Uint8Array | undefined {
  const plain = text.split('%', 1)[0]!;
  if (!plain.includes(':')) return ipv4Bytes(plain);
  const bytes = ipv6Bytes(plain);
  const isMapped = bytes?.subarray(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255;
  return isMapped ? bytes?.slice(12) : bytes;
}

/**
 * Whom an address stands for where senders are counted: an IPv4 address, however it is written, or the first 64 bits of an IPv6 address, which is what one
 * site has. Any other text stands for itself.
 */
export function siteOf(address: string): string {
  const bytes = addressBytes(address);
  if (bytes === undefined) return address;
  if (bytes.length === 4) return bytes.join('.');
  return [0, 2, 4, 6].map((at) => ((bytes[at]! << 8) | bytes[at + 1]!).toString(16)).join(':');
}

/** Whether `address` lies in the network `cidr` (`10.4.0.0/16`, `fd00:1::/64`). False if either is malformed. */
export function isInNetwork(address: string, cidr: string): boolean {
  return prefixLength(address, cidr) !== undefined;
}

/** The length of the prefix in bits if `address` lies in `cidr`; undefined if it does not. The longest is the nearest network. */
export function prefixLength(address: string, cidr: string): number | undefined {
  const [base = '', length = '', ...rest] = cidr.split('/');
  const network = addressBytes(base);
  const bytes = addressBytes(address);
  const bits = /^\d{1,3}$/.test(length) ? Number(length) : Number.NaN;
  if (rest.length > 0 || network === undefined || bytes?.length !== network.length) return undefined;
  if (!(bits <= network.length * 8)) return undefined;
  for (let bit = 0; bit < bits; bit += 8) {
    const mask = bits - bit >= 8 ? 0xff : 0xff & (0xff << (8 - (bits - bit)));
    if ((network[bit / 8]! & mask) !== (bytes[bit / 8]! & mask)) return undefined;
  }
  return bits;
}

function ipv4Bytes(text: string): Uint8Array | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256))
    return undefined;
  return Uint8Array.from(parts, Number);
}

function ipv6Bytes(text: string): Uint8Array | undefined {
  const lastColon = text.lastIndexOf(':');
  const tail = text.slice(lastColon + 1);
  const ipv4 = tail.includes('.') ? ipv4Bytes(tail) : undefined;
  if (tail.includes('.') && ipv4 === undefined) return undefined;
  const halves = (ipv4 === undefined ? text : `${text.slice(0, lastColon)}:${groupsOf(ipv4)}`).split('::');
  if (halves.length > 2) return undefined;
  const [before = [], after = []] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const gap = 8 - before.length - after.length;
  if (halves.length === 1 ? gap !== 0 : gap < 1) return undefined;
  const groups = [...before, ...Array.from({ length: gap }, () => '0'), ...after];
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined;
  return Uint8Array.from(
    groups.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255]),
  );
}

function groupsOf([a = 0, b = 0, c = 0, d = 0]: Uint8Array): string {
  return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
}
