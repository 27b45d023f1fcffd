/** Where a request comes from, behind a proxy too. */
import { addressBytes, isInNetwork } from '@harp/broker/protocol';

/**
 * The address of whoever asks. `peer` is at the other end of the connection; `forwarded` is X-Forwarded-For, to which each proxy adds on the right whom it
 * heard. Anybody may write that header, so it is read from the right and no further than `trusted` networks have written it.
 */
export function clientAddress(
  peer: string | undefined,
  forwarded: string | undefined,
  trusted: readonly string[],
): string {
  let address = plainAddress(peer) ?? 'unknown';
  const hops = (forwarded ?? '').split(',');
  while (trusted.some((network) => isInNetwork(address, network))) {
    const next = plainAddress(hops.pop()?.trim());
    if (next === undefined) break;
    address = next;
  }
  return address;
}

/** Without a port, which some proxies add, and IPv4 as such. Undefined for anything that is no address. */
function plainAddress(text: string | undefined): string | undefined {
  const [, inBrackets, withPort] = /^(?:\[(.*)\](?::\d+)?|([\d.]+):\d+)$/.exec(text ?? '') ?? [];
  const address = inBrackets ?? withPort ?? text ?? '';
  const bytes = addressBytes(address);
  return bytes?.length === 4 ? bytes.join('.') : bytes && address;
}
